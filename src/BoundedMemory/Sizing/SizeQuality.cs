namespace BoundedMemory;

/// <summary>How far a <see cref="SizeResult"/> can be trusted; the worst thing that happened during the measurement.</summary>
public enum SizeQuality
{
    /// <summary>Every object reachable from the value was counted once, with the size the runtime gives it.</summary>
    Exact = 0,

    /// <summary>
    /// Not less than the truth: objects that occur repeatedly may be counted repeatedly, because a long array of strings (or other objects
    /// without references) was summed without remembering its elements, or because collections kept moving objects during the walk.
    /// </summary>
    UpperBound = 1,

    /// <summary>At least a part is what the user said: a <see cref="Sizer.Create{T}(Func{T, long})"/> or an <see cref="IHasSize"/>.</summary>
    Declared = 2,

    /// <summary>The walk ended at <see cref="SizerOptions.MaxObjects"/>: the bytes are those seen so far, a lower bound, and not a size.</summary>
    CapHit = 3,
}
