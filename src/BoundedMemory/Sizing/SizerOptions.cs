namespace BoundedMemory;

/// <summary>How an <see cref="ObjectSizer"/> measures. Copied when a sizer is built: later changes have no effect on it.</summary>
public sealed class SizerOptions
{
    /// <summary>The default of <see cref="MaxObjects"/>: a walk of 0.2 to 0.7 ms.</summary>
    public const int DefaultMaxObjects = 10_000;

    /// <summary>The greatest legal <see cref="MaxObjects"/>.</summary>
    public const int GreatestMaxObjects = 100_000_000;

    /// <summary>
    /// Gets or sets the number of objects a measurement may visit one by one before it gives up with <see cref="SizeQuality.CapHit"/>. It
    /// catches values that hold on to a service, a context or a whole object model. Elements of arrays summed without a visit
    /// (see <see cref="SizeQuality.UpperBound"/>) do not count: they lead nowhere.
    /// </summary>
    /// <value>Default 10,000; 1 to 100,000,000. Above some 320 objects a walk borrows 13 to 52 bytes of temporary memory per object.</value>
    public int MaxObjects { get; set; } = DefaultMaxObjects;

    /// <summary>Returns the legal <see cref="MaxObjects"/> of the options, or of the defaults if there are none.</summary>
    internal static int ValidMaxObjects(SizerOptions? options)
    {
        int max = options?.MaxObjects ?? DefaultMaxObjects;
        if (max is < 1 or > GreatestMaxObjects)
            throw new ArgumentOutOfRangeException(nameof(options), max, $"{nameof(SizerOptions)}.{nameof(MaxObjects)} is {max}; it must be from 1 to {GreatestMaxObjects}.");
        return max;
    }
}
