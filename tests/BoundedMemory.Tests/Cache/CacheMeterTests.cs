using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class CacheMeterTests
{
    private const string Prefix = "bounded_memory.cache.";

    private static readonly string[] Instruments =
    [
        "requests {request} ObservableCounter", "stores {entry} ObservableCounter", "evictions {entry} ObservableCounter",
        "rejections {entry} ObservableCounter", "loads {load} ObservableCounter", "load.failures {load} ObservableCounter",
        "load.duration s Histogram", "stale.requests {request} ObservableCounter", "callback.failures {failure} ObservableCounter",
        "audit.corrections By ObservableCounter", "entry.count {entry} ObservableUpDownCounter", "entry.limit {entry} ObservableUpDownCounter",
        "lease.count {lease} ObservableUpDownCounter", "usage By ObservableUpDownCounter", "limit By ObservableUpDownCounter",
        "weight.usage 1 ObservableUpDownCounter", "weight.limit 1 ObservableUpDownCounter", "utilization 1 ObservableGauge",
    ];

    [Fact]
    public void Instruments_OfTheMeter_AreThoseThatAreDocumented()
    {
        using var meters = new OwnMeters();
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 1, MeterFactory = meters.Factory });
        using var reading = new MeterReading(meters.Factory);
        reading.RequireInstruments(Prefix, Instruments);
    }

    [Fact]
    public void Values_AfterAHistory_AreThoseOfTheStatistics()
    {
        var clock = new ManualTimeProvider();
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using BoundedCache<string, byte[]> cache = CreateUsed(meters.Factory, clock);
        using Lease<byte[]> lease = cache.AcquireOrAdd("leased", _ => []);
        CacheStatistics s = cache.Statistics;
        var expected = new Dictionary<string, double>
        {
            ["requests{cache.name=c,cache.request.type=hit}"] = s.Hits,
            ["requests{cache.name=c,cache.request.type=miss}"] = s.Misses,
            ["stores{cache.name=c}"] = s.Stored,
            ["evictions{cache.name=c,cause=evicted}"] = s.Evicted,
            ["evictions{cache.name=c,cause=expired}"] = s.Expired,
            ["evictions{cache.name=c,cause=trimmed}"] = s.Trimmed,
            ["evictions{cache.name=c,cause=replaced}"] = s.Replaced,
            ["evictions{cache.name=c,cause=removed}"] = s.Removed,
            ["evictions{cache.name=c,cause=cleared}"] = s.Cleared,
            ["evictions{cache.name=c,cause=disposed}"] = 0,
            ["rejections{cache.name=c,reason=too_large}"] = s.RejectedTooLarge,
            ["rejections{cache.name=c,reason=over_budget}"] = s.RejectedOverBudget,
            ["rejections{cache.name=c,reason=size_unknown}"] = s.RejectedSizeUnknown,
            ["loads{cache.name=c}"] = s.Loads,
            ["load.failures{cache.name=c}"] = s.LoadFailures,
            ["stale.requests{cache.name=c}"] = s.StaleServed,
            ["callback.failures{cache.name=c}"] = s.CallbackFailures,
            ["audit.corrections{cache.name=c}"] = s.AuditCorrectedBytes,
            ["entry.count{cache.name=c}"] = s.Count,
            ["entry.limit{cache.name=c}"] = 100,
            ["lease.count{cache.name=c}"] = 1,
            ["usage{cache.name=c}"] = s.Bytes,
            ["limit{cache.name=c}"] = 100_000,
            ["weight.usage{cache.name=c}"] = s.Weight,
            ["weight.limit{cache.name=c}"] = 1_000,
            ["utilization{cache.name=c}"] = s.Utilization,
        };
        reading.Take();
        reading.RequireValues(Prefix, expected);
        double[] mustNotBeZero = [s.Hits, s.Misses, s.Evicted, s.Expired, s.Trimmed, s.Replaced, s.Removed, s.Cleared, s.RejectedTooLarge, s.LoadFailures, s.StaleServed, s.CallbackFailures, s.AuditCorrectedBytes, s.Weight];
        Assert.All(mustNotBeZero, value => Assert.NotEqual(0, value));
    }

    [Fact]
    public void LimitsThatDoNotExist_AreNotReported()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using var cache = new BoundedCache<int, int>(new() { Name = "c", MaxCount = 4, MeterFactory = meters.Factory });
        Dictionary<string, double> values = reading.Read();
        Assert.All(["usage", "limit", "weight.usage", "weight.limit"], name => Assert.DoesNotContain($"{Prefix}{name}{{cache.name=c}}", values.Keys));
        Assert.Equal(4, values[Prefix + "entry.limit{cache.name=c}"]);
    }

    [Fact]
    public void LoadDuration_OfEachFactory_IsRecordedWithItsOutcome()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using var cache = new BoundedCache<int, int>(new() { Name = "c", MaxCount = 4, MeterFactory = meters.Factory });
        cache.GetOrAdd(1, _ => 1);
        cache.GetOrAdd(1, _ => 1);
        Assert.Throws<TimeoutException>(() => cache.GetOrAdd(2, _ => throw new TimeoutException()));
        (string Instrument, double Value, KeyValuePair<string, object?>[] Tags)[] loads = [.. reading.Take().Where(m => m.Instrument == Prefix + "load.duration")];
        Assert.Equal(["success", "failure"], loads.Select(load => load.Tags.Single(tag => tag.Key == "outcome").Value));
        Assert.All(loads, load => Assert.Equal("c", load.Tags.Single(tag => tag.Key == "cache.name").Value));
        Assert.All(loads, load => Assert.InRange(load.Value, 0, 60));
    }

    [Fact]
    public void Tags_AfterUseWithSecretKeysAndValues_CarryNamesAndCausesOnly()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using BoundedCache<string, byte[]> cache = CreateUsed(meters.Factory, new ManualTimeProvider());
        HashSet<string> allowed =
        [
            "cache.name=c", "cache.request.type=hit", "cache.request.type=miss", "outcome=success", "outcome=failure",
            "reason=too_large", "reason=over_budget", "reason=size_unknown",
            .. Enum.GetNames<RemovalCause>().Select(cause => $"cause={cause.ToLowerInvariant()}"),
        ];
        HashSet<string> seen = [.. reading.Take().SelectMany(m => m.Tags).Select(tag => $"{tag.Key}={tag.Value}")];
        Assert.Equal(allowed.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void CachesOfOneName_AreReportedAsOne()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using var first = new BoundedCache<int, int>(new() { Name = "same", MaxCount = 10, MeterFactory = meters.Factory });
        using var second = new BoundedCache<string, int>(new() { Name = "same", MaxCount = 30, MeterFactory = meters.Factory });
        using var third = new BoundedCache<int, int>(new() { Name = "other", MaxCount = 5, MeterFactory = meters.Factory });
        first.Set(1, 1);
        second.Set("1", 1);
        second.Set("2", 1);
        third.TryGet(1, out _);
        Dictionary<string, double> values = reading.Read();
        Assert.Equal((3, 0), (values[Prefix + "stores{cache.name=same}"], values[Prefix + "stores{cache.name=other}"]));
        Assert.Equal((40, 5), (values[Prefix + "entry.limit{cache.name=same}"], values[Prefix + "entry.limit{cache.name=other}"]));
        Assert.Equal(0.1, values[Prefix + "utilization{cache.name=same}"]);
        Assert.Equal(1, values[Prefix + "requests{cache.name=other,cache.request.type=miss}"]);
    }

    [Fact]
    public void NothingIsComputed_UntilSomebodyAsks()
    {
        using var meters = new OwnMeters();
        CacheMeter meter = CacheMeter.For(meters.Factory);
        var source = new CountedSource();
        meter.Add(source);
        Assert.Equal(0, meter.StartLoad());
        using (var reading = new MeterReading(meters.Factory, enable: false))
        {
            reading.Take();
            Assert.Equal((18, 0, 0), (reading.Instruments.Count, source.Asked, meter.StartLoad()));
        }

        using (var reading = new MeterReading(meters.Factory))
        {
            Assert.Equal(0, source.Asked);
            reading.Take();
            Assert.NotEqual(0, source.Asked);
            Assert.NotEqual(0, meter.StartLoad());
        }
    }

    [Fact]
    public void CacheThatIsDisposedOrDropped_IsNotReportedAnyMore()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        var cache = new BoundedCache<int, int>(new() { Name = "disposed", MaxCount = 10, MeterFactory = meters.Factory });
        WeakReference dropped = Drop(meters.Factory);
        Assert.Contains(Prefix + "stores{cache.name=disposed}", reading.Read().Keys);
        cache.Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(dropped.IsAlive);
        Assert.Empty(reading.Read());
        Assert.Equal(18, reading.Instruments.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Drop(IMeterFactory factory)
    {
        var cache = new BoundedCache<int, int>(new() { Name = "dropped", MaxCount = 10, MeterFactory = factory, TimeToLive = TimeSpan.FromMinutes(1) });
        cache.Set(1, 1);
        return new WeakReference(cache);
    }

    /// <summary>A cache in which everything that is counted has happened.</summary>
    private static BoundedCache<string, byte[]> CreateUsed(IMeterFactory factory, ManualTimeProvider clock)
    {
        var growing = new byte[1][];
        var cache = new BoundedCache<string, byte[]>(new()
        {
            Name = "c",
            MaxBytes = 100_000,
            MaxCount = 100,
            MaxWeight = 1_000,
            Weigher = (_, value) => value.Length % 7,
            TimeToLive = TimeSpan.FromSeconds(10),
            StaleIfError = TimeSpan.FromSeconds(10),
            TimeProvider = clock,
            MeterFactory = factory,
            ValueSizer = Sizer.Create<byte[]>(value => value.Length + (ReferenceEquals(value, growing[0]) ? 1000 : 0)),
            Removed = entry => _ = entry.Cause == RemovalCause.Removed ? throw new TimeoutException("secret") : 0,
        });
        for (int i = 0; i < 150; i++)
        {
            cache.Set($"secret {i}", new byte[i]);
        }

        cache.GetOrAdd("secret stale", _ => [1]);
        cache.GetOrAdd("secret stale", _ => [1]);
        clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal([1], cache.GetOrAdd("secret stale", _ => throw new TimeoutException("secret")));
        clock.Advance(TimeSpan.FromSeconds(10));
        cache.Set("secret", new byte[1000]);
        cache.Clear();
        cache.Set("secret", new byte[1000]);
        cache.Trim(500);
        byte[] grows = new byte[1000];
        cache.Set("secret", grows);
        growing[0] = grows;
        cache.RefreshCharge("secret");
        cache.Set("secret", new byte[1_000_000]);
        cache.Set("secret", new byte[100]);
        cache.TryRemove("secret");
        cache.Set("secret", new byte[100]);
        return cache;
    }

    private sealed class CountedSource : IMeterSource<CacheStatistics>
    {
        public int Asked { get; private set; }

        public string Name => "counted";

        public CacheStatistics Statistics
        {
            get
            {
                Asked++;
                return default;
            }
        }
    }
}
