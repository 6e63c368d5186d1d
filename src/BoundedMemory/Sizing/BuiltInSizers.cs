namespace BoundedMemory;

/// <summary>Values without references live in the slot that holds them and retain nothing else.</summary>
internal sealed class InlineSizer<T> : Sizer<T>
{
    public override SizeResult Measure(in T value) => default;
}

/// <summary>References: whatever the object's type turns out to be.</summary>
internal sealed class GraphSizer<T>(int maxObjects) : Sizer<T>
{
    public override SizeResult Measure(in T value) => value is null ? default : GraphWalker.Measure(value, maxObjects);
}

/// <summary>Structs with references: the value is copied into an array of one, which is walked and not counted.</summary>
internal sealed class StructSizer<T>(int maxObjects) : Sizer<T>
{
    /// <summary>The array of this thread while it is idle; empty then. A measurement inside a measurement makes its own.</summary>
    [ThreadStatic]
    private static T[]? _holder;

    public override SizeResult Measure(in T value)
    {
        T[] holder = _holder ?? new T[1];
        _holder = null;
        holder[0] = value;
        try
        {
            return GraphWalker.MeasureElement(holder, maxObjects);
        }
        finally
        {
            holder[0] = default!;
            _holder = holder;
        }
    }
}

/// <summary>Structs that know what they retain.</summary>
internal sealed class DeclaredStructSizer<T> : Sizer<T>
{
    public override SizeResult Measure(in T value)
    {
        if (value is not IHasSize declared)
            return default;
        long bytes = declared.RetainedBytes;
        if (bytes < 0)
            throw new InvalidOperationException($"{TypeNames.Full(typeof(T))}.{nameof(IHasSize.RetainedBytes)} returned {bytes}; a size is zero or more.");
        return new SizeResult(bytes, 1, SizeQuality.Declared);
    }
}

/// <summary>References to what public means can measure, where the heap layout is not known.</summary>
internal sealed class PublicSizer<T> : Sizer<T>
{
    public override SizeResult Measure(in T value) =>
        value is not null && PublicMeans.TryMeasure(value, out SizeResult result) ? result : default;
}
