namespace BoundedMemory;

/// <summary>Measures the bytes a value retains.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
/// <remarks>
/// <see cref="ObjectSizer.For{T}(SizerOptions?)"/> gives one that measures, <see cref="Sizer.Create{T}(Func{T, long})"/> one that asks you. A
/// sizer is used by many threads at once, must not depend on state that changes the answer for an unchanged value, and runs under no lock.
/// </remarks>
public abstract class Sizer<T>
{
    /// <summary>Measures one value.</summary>
    /// <param name="value">The value; null retains nothing.</param>
    /// <returns>
    /// The bytes of managed heap retained by the value beyond the slot that holds it: nothing for a struct without references, the graphs of its
    /// references for a struct with references, the whole object graph for a reference.
    /// </returns>
    /// <exception cref="InvalidOperationException">A declared size (<see cref="IHasSize"/>, user function) is negative.</exception>
    public abstract SizeResult Measure(in T value);
}
