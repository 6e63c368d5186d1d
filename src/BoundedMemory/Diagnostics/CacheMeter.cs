using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>The instruments of all caches of one meter factory.</summary>
internal sealed class CacheMeter : SourceMeter<CacheStatistics>
{
    private readonly Histogram<double> _loadDuration;

    private CacheMeter(Meter meter)
        : base(BoundedMemoryInstruments.CacheName)
    {
        Counter(meter, BoundedMemoryInstruments.CacheRequests, "{request}", "Reads.", BoundedMemoryInstruments.CacheRequestType, [("hit", s => s.Hits), ("miss", s => s.Misses)]);
        Counter(meter, BoundedMemoryInstruments.CacheStores, "{entry}", "Values stored.", s => s.Stored);
        Counter(
            meter, BoundedMemoryInstruments.CacheEvictions, "{entry}", "Entries that have left.", BoundedMemoryInstruments.Cause,
            [
                ("evicted", s => s.Evicted), ("expired", s => s.Expired), ("trimmed", s => s.Trimmed), ("replaced", s => s.Replaced),
                ("removed", s => s.Removed), ("cleared", s => s.Cleared), ("disposed", s => s.Disposed),
            ]);
        Counter(
            meter, BoundedMemoryInstruments.CacheRejections, "{entry}", "Values refused.", BoundedMemoryInstruments.Reason,
            [("too_large", s => s.RejectedTooLarge), ("over_budget", s => s.RejectedOverBudget), ("size_unknown", s => s.RejectedSizeUnknown)]);
        Counter(meter, BoundedMemoryInstruments.CacheLoads, "{load}", "Factories run.", s => s.Loads);
        Counter(meter, BoundedMemoryInstruments.CacheLoadFailures, "{load}", "Factories that failed.", s => s.LoadFailures);
        Counter(meter, BoundedMemoryInstruments.CacheStaleRequests, "{request}", "Expired values handed out because loading anew failed.", s => s.StaleServed);
        Counter(meter, BoundedMemoryInstruments.CacheCallbackFailures, "{failure}", "Exceptions of callbacks and of the disposal of values.", s => s.CallbackFailures);
        Counter(meter, BoundedMemoryInstruments.CacheAuditCorrections, "By", "Bytes by which audits have corrected charges.", s => s.AuditCorrectedBytes);
        Level(meter, BoundedMemoryInstruments.CacheEntryCount, "{entry}", "Entries held.", s => s.Count);
        Level(meter, BoundedMemoryInstruments.CacheEntryLimit, "{entry}", "Limit in entries.", s => s.MaxCount);
        Level(meter, BoundedMemoryInstruments.CacheLeaseCount, "{lease}", "Leases held.", s => s.Leases);
        Level(meter, BoundedMemoryInstruments.CacheUsage, "By", "Bytes in use.", s => s.Bytes > 0 ? s.Bytes : null);
        Level(meter, BoundedMemoryInstruments.CacheLimit, "By", "Limit in bytes.", s => s.MaxBytes);
        Level(meter, BoundedMemoryInstruments.CacheWeightUsage, "1", "Weight in use.", s => s.MaxWeight is null ? null : s.Weight);
        Level(meter, BoundedMemoryInstruments.CacheWeightLimit, "1", "Limit in weight.", s => s.MaxWeight);
        Gauge(meter, BoundedMemoryInstruments.CacheUtilization, "1", "How full the fullest limit is.", s => s.Utilization);
        _loadDuration = meter.CreateHistogram<double>(BoundedMemoryInstruments.CacheLoadDuration, "s", "How long factories run.");
    }

    /// <summary>The instruments of a factory, or those that caches without one share.</summary>
    public static CacheMeter For(IMeterFactory? factory) => PerFactory<CacheMeter>.For(factory, static meter => new CacheMeter(meter));

    /// <summary>The time, if somebody wants to know how long loads take.</summary>
    public long StartLoad() => _loadDuration.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void EndLoad(long started, string cache, bool succeeded)
    {
        if (started != 0)
        {
            _loadDuration.Record(
                Stopwatch.GetElapsedTime(started).TotalSeconds,
                new KeyValuePair<string, object?>(BoundedMemoryInstruments.CacheName, cache),
                new KeyValuePair<string, object?>(BoundedMemoryInstruments.Outcome, succeeded ? "success" : "failure"));
        }
    }
}
