namespace BoundedMemory;

/// <summary>The legal ranges of a ring's options, in one place for options, methods and messages.</summary>
internal static class RingLimits
{
    /// <summary>The least limit in bytes: an empty ring takes a good part of it.</summary>
    public const long LeastBytes = 8 * 1024;

    /// <summary>Bytes of an empty ring without its arrays: the ring, its core, lock, limit and links. A test holds it against the heap.</summary>
    public const long EmptyRingBytes = 1024;

    /// <summary>Bytes of what hands items to an archive, without its arrays, a batch that is being written and the timer of a retry included.</summary>
    public const long SpoolBytes = 1024;

    /// <summary>The least length of an array that grows as it is filled.</summary>
    public const int LeastCapacity = 16;

    /// <summary>Items that leave together under one lock, where all leave.</summary>
    public const int LeavingPerLock = 256;

    /// <summary>Items handed to an archive at a time.</summary>
    public const int ArchiveBatch = 64;

    public static int MostItems => Array.MaxLength;

    public static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    public static void RequireBytes(long? value, string name) => OptionErrors.ThrowFirst(OptionErrors.Range(name, value, LeastBytes, long.MaxValue));

    public static void RequireCount(int? value, string name) => OptionErrors.ThrowFirst(OptionErrors.Range(name, value, 1, MostItems));
}
