namespace BoundedMemory;

/// <summary>Implemented by a type that knows its own size: the sizer asks it and does not walk it.</summary>
/// <remarks>
/// The answer is trusted and makes the quality of every measurement that meets it <see cref="SizeQuality.Declared"/>. What the
/// object references is taken to be part of the answer: the walk goes no further there. Asked once per measurement, a second time when
/// a garbage collection disturbed the first walk; the getter runs on the measuring thread, under no lock, and may itself measure.
/// </remarks>
public interface IHasSize
{
    /// <summary>
    /// Gets the bytes of managed heap this value retains. Of a class: its whole graph, the object itself included. Of a struct: what
    /// it retains beyond itself; a box around it is added by the sizer.
    /// </summary>
    /// <value>Zero or more. A negative value makes the measurement throw <see cref="InvalidOperationException"/>.</value>
    long RetainedBytes { get; }
}
