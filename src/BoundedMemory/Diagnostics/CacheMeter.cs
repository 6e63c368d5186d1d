using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>A cache as its meter sees it.</summary>
internal interface ICacheSource
{
    string Name { get; }

    CacheStatistics Statistics { get; }
}

/// <summary>The instruments of all caches of one meter factory, which report whatever caches are alive when they are asked.</summary>
/// <remarks>Instruments live as long as their meter, so they are made once per factory and not per cache: caches come and go without leaving
/// anything behind. Nothing is computed, and no tag made, until somebody listens.</remarks>
internal sealed class CacheMeter
{
    private static readonly ConditionalWeakTable<IMeterFactory, CacheMeter> PerFactory = [];
    private static readonly Lazy<CacheMeter> Shared = new(static () => new CacheMeter(new Meter(BoundedMemoryInstruments.MeterName)));

    private readonly LiveSet<ICacheSource> _caches = new();
    private readonly Histogram<double> _loadDuration;

    private CacheMeter(Meter meter)
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
        meter.CreateObservableGauge(
            BoundedMemoryInstruments.CacheUtilization,
            () => Measure<double>(null, [("", s => s.Utilization)], static (x, y) => Math.Max(x, y)), "1", "How full the fullest limit is.");
        _loadDuration = meter.CreateHistogram<double>(BoundedMemoryInstruments.CacheLoadDuration, "s", "How long factories run.");
    }

    /// <summary>The instruments of a factory, or those that caches without one share.</summary>
    public static CacheMeter For(IMeterFactory? factory) => factory is null
        ? Shared.Value
        : PerFactory.GetValue(factory, static factory => new CacheMeter(factory.Create(BoundedMemoryInstruments.MeterName)));

    /// <summary>Reports a cache from now on; what is returned ends that.</summary>
    public WeakReference<ICacheSource> Add(ICacheSource cache) => _caches.Add(cache);

    public void Remove(WeakReference<ICacheSource> link) => _caches.Remove(link);

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

    private void Counter(Meter meter, string name, string unit, string description, Func<CacheStatistics, long?> value) =>
        Counter(meter, name, unit, description, null, [("", value)]);

    private void Counter(Meter meter, string name, string unit, string description, string? tag, (string Tag, Func<CacheStatistics, long?> Value)[] values) =>
        meter.CreateObservableCounter(name, () => Measure(tag, values, static (x, y) => x + y), unit, description);

    private void Level(Meter meter, string name, string unit, string description, Func<CacheStatistics, long?> value) =>
        meter.CreateObservableUpDownCounter(name, () => Measure<long>(null, [("", value)], static (x, y) => x + y), unit, description);

    /// <summary>One measurement per cache name and tag value: caches of the same name are reported as one.</summary>
    private IEnumerable<Measurement<T>> Measure<T>(string? tag, (string Tag, Func<CacheStatistics, T?> Value)[] values, Func<T, T, T> combine)
        where T : struct
    {
        var totals = new Dictionary<(string Cache, int Value), T>();
        foreach (ICacheSource cache in _caches.List())
        {
            CacheStatistics statistics = cache.Statistics;
            for (int i = 0; i < values.Length; i++)
            {
                if (values[i].Value(statistics) is { } value)
                {
                    totals[(cache.Name, i)] = totals.TryGetValue((cache.Name, i), out T other) ? combine(other, value) : value;
                }
            }
        }

        foreach (((string cache, int i), T total) in totals)
        {
            var name = new KeyValuePair<string, object?>(BoundedMemoryInstruments.CacheName, cache);
            yield return tag is null
                ? new Measurement<T>(total, name)
                : new Measurement<T>(total, name, new KeyValuePair<string, object?>(tag, values[i].Tag));
        }
    }
}
