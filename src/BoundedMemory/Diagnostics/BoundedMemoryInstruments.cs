namespace BoundedMemory;

/// <summary>Names of the meter, its instruments and their tags. Units are UCUM; tags carry names, causes and reasons, never keys or values.</summary>
public static partial class BoundedMemoryInstruments
{
    /// <summary>The meter.</summary>
    public const string MeterName = "BoundedMemory";

    /// <summary>Reads, <c>{request}</c>, by <see cref="CacheName"/> and <see cref="CacheRequestType"/>. Counter.</summary>
    public const string CacheRequests = "bounded_memory.cache.requests";

    /// <summary>Values stored, <c>{entry}</c>, by <see cref="CacheName"/>. Counter.</summary>
    public const string CacheStores = "bounded_memory.cache.stores";

    /// <summary>Entries that have left, <c>{entry}</c>, by <see cref="CacheName"/> and <see cref="Cause"/>. Counter.</summary>
    public const string CacheEvictions = "bounded_memory.cache.evictions";

    /// <summary>Values refused, <c>{entry}</c>, by <see cref="CacheName"/> and <see cref="Reason"/>. Counter.</summary>
    public const string CacheRejections = "bounded_memory.cache.rejections";

    /// <summary>Factories run, <c>{load}</c>, by <see cref="CacheName"/>. Counter.</summary>
    public const string CacheLoads = "bounded_memory.cache.loads";

    /// <summary>Factories that failed, <c>{load}</c>, by <see cref="CacheName"/>. Counter.</summary>
    public const string CacheLoadFailures = "bounded_memory.cache.load.failures";

    /// <summary>How long factories run, <c>s</c>, by <see cref="CacheName"/> and <see cref="Outcome"/>. Histogram.</summary>
    public const string CacheLoadDuration = "bounded_memory.cache.load.duration";

    /// <summary>Expired values handed out because loading anew failed, <c>{request}</c>, by <see cref="CacheName"/>. Counter.</summary>
    public const string CacheStaleRequests = "bounded_memory.cache.stale.requests";

    /// <summary>Exceptions of callbacks and of the disposal of values, <c>{failure}</c>, by <see cref="CacheName"/>. Counter.</summary>
    public const string CacheCallbackFailures = "bounded_memory.cache.callback.failures";

    /// <summary>Bytes by which audits have corrected charges, <c>By</c>, by <see cref="CacheName"/>. Counter.</summary>
    public const string CacheAuditCorrections = "bounded_memory.cache.audit.corrections";

    /// <summary>Entries held, <c>{entry}</c>, by <see cref="CacheName"/>. UpDownCounter.</summary>
    public const string CacheEntryCount = "bounded_memory.cache.entry.count";

    /// <summary>Limit in entries, <c>{entry}</c>, by <see cref="CacheName"/>; absent without one. UpDownCounter.</summary>
    public const string CacheEntryLimit = "bounded_memory.cache.entry.limit";

    /// <summary>Leases held, <c>{lease}</c>, by <see cref="CacheName"/>. UpDownCounter.</summary>
    public const string CacheLeaseCount = "bounded_memory.cache.lease.count";

    /// <summary>Bytes in use, <c>By</c>, by <see cref="CacheName"/>; absent where they are not counted. UpDownCounter.</summary>
    public const string CacheUsage = "bounded_memory.cache.usage";

    /// <summary>Limit in bytes, <c>By</c>, by <see cref="CacheName"/>; absent without one. UpDownCounter.</summary>
    public const string CacheLimit = "bounded_memory.cache.limit";

    /// <summary>Weight in use, <c>1</c>, by <see cref="CacheName"/>; absent without a limit in weight. UpDownCounter.</summary>
    public const string CacheWeightUsage = "bounded_memory.cache.weight.usage";

    /// <summary>Limit in weight, <c>1</c>, by <see cref="CacheName"/>; absent without one. UpDownCounter.</summary>
    public const string CacheWeightLimit = "bounded_memory.cache.weight.limit";

    /// <summary>How full the fullest limit is, <c>1</c>, from 0 to 1, by <see cref="CacheName"/>. Gauge.</summary>
    public const string CacheUtilization = "bounded_memory.cache.utilization";

    /// <summary>Tag: name of the cache.</summary>
    public const string CacheName = "cache.name";

    /// <summary>Tag: <c>hit</c> or <c>miss</c>.</summary>
    public const string CacheRequestType = "cache.request.type";

    /// <summary>Tag: a <see cref="RemovalCause"/> in lower case.</summary>
    public const string Cause = "cause";

    /// <summary>Tag: a reason of refusal in snake case: <c>too_large</c>, <c>over_budget</c>, <c>size_unknown</c>.</summary>
    public const string Reason = "reason";

    /// <summary>Tag: <c>success</c> or <c>failure</c>; of admissions, <c>admitted</c> or <c>refused</c>.</summary>
    public const string Outcome = "outcome";
}
