namespace BoundedMemory;

/// <summary>The legal ranges of a cache's options, in one place for options, methods and messages.</summary>
internal static class CacheLimits
{
    /// <summary>The least limit in bytes: an empty cache takes a few thousand.</summary>
    public const long LeastBytes = 16 * 1024;

    /// <summary>Bytes of an empty cache but for its counters and buckets: the cache, its settings, ledger, budget, locks and first shard. A test
    /// holds it against the heap.</summary>
    public const long EmptyCacheBytes = 4096;

    /// <summary>Bytes of a further shard, with room for the lists of entries that are in no tier: one in order of deadline, and one that is not.</summary>
    public const long ShardBytes = 1024;

    /// <summary>The largest size of a value that may be declared; a key and a value of that size can be added without overflow.</summary>
    public const long MostValueBytes = long.MaxValue / 4;

    public const int MostConcurrency = 256;

    public const int LongestAuditInterval = 1_000_000_000;

    /// <summary>How often what has expired is looked for.</summary>
    public static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan ShortestTime = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan LongestTime = TimeSpan.FromDays(36_525);

    public static void RequireBytes(long? value, string name) => OptionErrors.ThrowFirst(OptionErrors.Range(name, value, LeastBytes, long.MaxValue));

    public static void RequireCount(long? value, string name) => OptionErrors.ThrowFirst(OptionErrors.Range(name, value, 1, long.MaxValue));

    public static void RequireTime(TimeSpan? value, string name) => OptionErrors.ThrowFirst(OptionErrors.Range(name, value, ShortestTime, LongestTime));
}
