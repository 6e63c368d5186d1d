namespace BoundedMemory;

/// <summary>What a <see cref="Sizer{T}"/> found.</summary>
public readonly record struct SizeResult
{
    /// <summary>Creates the result of a complete measurement.</summary>
    /// <param name="bytes">Bytes of managed heap retained; zero or more.</param>
    /// <param name="objects">Heap objects those bytes belong to; zero or more.</param>
    /// <param name="quality">How far the number can be trusted.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> or <paramref name="objects"/> is negative.</exception>
    public SizeResult(long bytes, int objects, SizeQuality quality)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfNegative(objects);
        Bytes = bytes;
        Objects = objects;
        Quality = quality;
    }

    /// <summary>Creates the result of a walk that ended at the cap.</summary>
    internal SizeResult(long bytesSoFar, int objectsSoFar, string stoppedAtType, string stoppedAtPath)
        : this(bytesSoFar, objectsSoFar, SizeQuality.CapHit)
    {
        StoppedAtType = stoppedAtType;
        StoppedAtPath = stoppedAtPath;
    }

    /// <summary>
    /// Gets the bytes of managed heap the value retains beyond the slot that holds it. With <see cref="SizeQuality.CapHit"/>: the bytes
    /// seen until the walk stopped, never an extrapolation.
    /// </summary>
    public long Bytes { get; }

    /// <summary>Gets the number of heap objects counted; objects in the frozen heap and objects not owned are not among them.</summary>
    public int Objects { get; }

    /// <summary>Gets how far <see cref="Bytes"/> can be trusted.</summary>
    public SizeQuality Quality { get; }

    /// <summary>Gets the full name of the type of the first object beyond the cap, nearest objects first; null unless the cap was hit.</summary>
    public string? StoppedAtType { get; }

    /// <summary>Gets the fields that lead from the value to that object, such as <c>Order.Lines[3].Product</c>; null unless the cap was hit.</summary>
    public string? StoppedAtPath { get; }
}
