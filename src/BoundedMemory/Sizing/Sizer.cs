namespace BoundedMemory;

/// <summary>Makes sizers from functions.</summary>
public static class Sizer
{
    /// <summary>Returns a sizer that takes your word for it: <see cref="SizeQuality.Declared"/>, one object.</summary>
    /// <typeparam name="T">The type of the values.</typeparam>
    /// <param name="retainedBytes">
    /// Returns the bytes of managed heap a value retains, zero or more, the object itself included; not called for null. Called by many
    /// threads at once; what it throws reaches whoever measures.
    /// </param>
    /// <returns>A sizer that throws <see cref="InvalidOperationException"/> when the function returns a negative number.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="retainedBytes"/> is null.</exception>
    public static Sizer<T> Create<T>(Func<T, long> retainedBytes)
    {
        ArgumentNullException.ThrowIfNull(retainedBytes);
        return new FunctionSizer<T>(retainedBytes);
    }

    private sealed class FunctionSizer<T>(Func<T, long> retainedBytes) : Sizer<T>
    {
        public override SizeResult Measure(in T value)
        {
            if (value is null)
                return default;
            long bytes = retainedBytes(value);
            if (bytes < 0)
                throw new InvalidOperationException($"The sizer function of {TypeNames.Full(typeof(T))} returned {bytes}; a size is zero or more.");
            return new SizeResult(bytes, 1, SizeQuality.Declared);
        }
    }
}
