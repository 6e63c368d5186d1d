namespace BoundedMemory;

/// <summary>What a cache has done and what it holds. Counts are exact: every counted event that happened before the snapshot is in it.</summary>
/// <remarks><c>Stored = Count + Evicted + Expired + Trimmed + Replaced + Removed + Cleared + Disposed</c>, while nothing is being stored.</remarks>
public readonly record struct CacheStatistics
{
    /// <summary>Reads that returned a value.</summary>
    public long Hits { get; init; }

    /// <summary>Reads that found none, or had to load it.</summary>
    public long Misses { get; init; }

    /// <summary>All reads.</summary>
    public long Requests => Hits + Misses;

    /// <summary>Hits by requests, 0 to 1; 0 before the first request.</summary>
    public double HitRatio => Requests == 0 ? 0 : (double)Hits / Requests;

    /// <summary>Factories run.</summary>
    public long Loads { get; init; }

    /// <summary>Factories that threw or were cancelled.</summary>
    public long LoadFailures { get; init; }

    /// <summary>Loads that began because an entry was due for its refresh.</summary>
    public long Refreshes { get; init; }

    /// <summary>Expired values handed out because loading them anew failed.</summary>
    public long StaleServed { get; init; }

    /// <summary>Values stored, whether added or replacing another.</summary>
    public long Stored { get; init; }

    /// <summary>Entries that were removed to make room.</summary>
    public long Evicted { get; init; }

    /// <summary>Of the evicted, those that had to make room for a key with a colliding hash; more than a few mean bad hash codes or an attack.</summary>
    public long EvictedByCollision { get; init; }

    /// <summary>Entries whose time was over.</summary>
    public long Expired { get; init; }

    /// <summary>Entries that were removed because memory was asked back.</summary>
    public long Trimmed { get; init; }

    /// <summary>Entries that made way for a new value of their key.</summary>
    public long Replaced { get; init; }

    /// <summary>Entries that the user removed.</summary>
    public long Removed { get; init; }

    /// <summary>Entries that were removed by <c>Clear</c>.</summary>
    public long Cleared { get; init; }

    /// <summary>Entries that were removed by <c>Dispose</c>.</summary>
    public long Disposed { get; init; }

    /// <summary>Values refused because they alone exceed a limit.</summary>
    public long RejectedTooLarge { get; init; }

    /// <summary>Values refused because nothing more could be evicted or a budget was exhausted.</summary>
    public long RejectedOverBudget { get; init; }

    /// <summary>Values refused because they could not be measured.</summary>
    public long RejectedSizeUnknown { get; init; }

    /// <summary>Exceptions thrown by callbacks, by the disposal of values, and by sizers during an audit.</summary>
    public long CallbackFailures { get; init; }

    /// <summary>Leases held now.</summary>
    public long Leases { get; init; }

    /// <summary>Entries held now.</summary>
    public long Count { get; init; }

    /// <summary>Bytes in use now, everything the cache consists of included; 0 in a cache that does not count bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Of these, bytes that are not entries: the table and what else the cache consists of.</summary>
    public long OverheadBytes { get; init; }

    /// <summary>Sum of the weights of the entries; 0 in a cache without a weight limit.</summary>
    public long Weight { get; init; }

    /// <summary>Limit in bytes; null if there is none.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Limit in entries; null if there is none.</summary>
    public long? MaxCount { get; init; }

    /// <summary>Limit in weight; null if there is none.</summary>
    public long? MaxWeight { get; init; }

    /// <summary>Entries that the audit has measured again.</summary>
    public long Audited { get; init; }

    /// <summary>Bytes by which the audit has corrected charges, growth and shrinkage added up without sign.</summary>
    public long AuditCorrectedBytes { get; init; }

    /// <summary>How full the fullest limit is, from 0 to 1.</summary>
    public double Utilization => Math.Max(Fullness.Of(Bytes, MaxBytes), Math.Max(Fullness.Of(Count, MaxCount), Fullness.Of(Weight, MaxWeight)));
}
