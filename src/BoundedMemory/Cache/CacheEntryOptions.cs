namespace BoundedMemory;

/// <summary>What may differ from entry to entry; whatever is left null comes from the cache's options.</summary>
public struct CacheEntryOptions
{
    /// <summary>How long the entry lives after it was written: 1 ms to 36,525 days.</summary>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>How long the entry lives after it was last read or written: 1 ms to 36,525 days.</summary>
    public TimeSpan? TimeToIdle { get; set; }

    /// <summary>Name of one of the cache's tiers.</summary>
    public string? Tier { get; set; }

    /// <summary>Bytes the value retains on the heap, declared instead of measured; at least 0. The entry itself and its key are added.</summary>
    public long? ValueBytes { get; set; }

    /// <summary>Weight of the entry, instead of asking the cache's weigher; at least 0. Needs a cache with a weight limit.</summary>
    public long? Weight { get; set; }
}
