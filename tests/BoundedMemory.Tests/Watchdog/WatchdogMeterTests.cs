using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Watchdog;

public class WatchdogMeterTests
{
    private const string Prefix = "bounded_memory.watchdog.";

    private static readonly string[] Instruments =
    [
        "level 1 ObservableGauge", "utilization 1 ObservableGauge", "limit By ObservableGauge", "usage By ObservableGauge", "stall 1 ObservableGauge",
        "samples {sample} ObservableCounter", "sample.age s ObservableGauge", "transitions {transition} ObservableCounter", "reclaims {reclaim} ObservableCounter",
        "reclaim.requested By ObservableCounter", "reclaim.size By ObservableCounter", "collections {collection} ObservableCounter",
        "failures {failure} ObservableCounter", "growth By/h ObservableGauge", "leak 1 ObservableGauge", "time_to_limit s ObservableGauge",
    ];

    [Fact]
    public void Instruments_OfTheMeter_AreThoseThatAreDocumented()
    {
        using var meters = new OwnMeters();
        using var w = new Scripted(o => o.MeterFactory = meters.Factory);
        using var reading = new MeterReading(meters.Factory);
        reading.RequireInstruments(Prefix, Instruments);
    }

    [Fact]
    public void Values_AfterAHistory_AreThoseOfTheStatistics()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        var w = new Scripted(o => (o.MeterFactory, o.Name) = (meters.Factory, "w"));
        using IDisposable a = w.Watchdog.Register(new FakeConsumer(300 * Scripted.MB));
        using IDisposable b = w.Watchdog.Register(new FakeConsumer(1) { Failure = new InvalidOperationException() });
        using IDisposable c = w.Watchdog.OnLevelChanged(_ => throw new InvalidOperationException());
        w.Readings.Stall = 0.25;
        (w.Readings.CommittedBytes, w.Readings.HeapBytes, w.Readings.Failures) = (600 * Scripted.MB, 500 * Scripted.MB, 1);
        w.At(0.96);
        w.Clock.Advance(TimeSpan.FromSeconds(2));
        MemoryWatchdogStatistics s = w.Watchdog.Statistics;
        Assert.All([s.Reclaims, s.ReclaimedBytes, s.ConsumerFailures, s.CallbackFailures, s.ProbeFailures, s.AggressiveCollections], value => Assert.NotEqual(0, value));
        var expected = new Dictionary<string, double>
        {
            ["level{watchdog.name=w}"] = 3,
            ["utilization{watchdog.name=w,source=process}"] = 0.96,
            ["limit{watchdog.name=w,source=process}"] = Scripted.Limit,
            ["usage{watchdog.name=w,part=slack}"] = 100 * Scripted.MB,
            ["usage{watchdog.name=w,part=accounted}"] = 300 * Scripted.MB,
            ["usage{watchdog.name=w,part=unaccounted}"] = 560 * Scripted.MB,
            ["stall{watchdog.name=w}"] = 0.25,
            ["samples{watchdog.name=w}"] = 1,
            ["sample.age{watchdog.name=w}"] = 2,
            ["transitions{watchdog.name=w,level=normal}"] = 0,
            ["transitions{watchdog.name=w,level=warning}"] = 0,
            ["transitions{watchdog.name=w,level=critical}"] = 0,
            ["transitions{watchdog.name=w,level=abort}"] = 1,
            ["reclaims{watchdog.name=w}"] = s.Reclaims,
            ["reclaim.requested{watchdog.name=w}"] = s.RequestedBytes,
            ["reclaim.size{watchdog.name=w}"] = s.ReclaimedBytes,
            ["collections{watchdog.name=w,mode=background}"] = s.BackgroundCollections,
            ["collections{watchdog.name=w,mode=aggressive}"] = s.AggressiveCollections,
            ["failures{watchdog.name=w,source=consumer}"] = s.ConsumerFailures,
            ["failures{watchdog.name=w,source=callback}"] = 1,
            ["failures{watchdog.name=w,source=probe}"] = 1,
            ["failures{watchdog.name=w,source=hard_limit}"] = 0,
            ["leak{watchdog.name=w}"] = 0,
        };
        reading.RequireValues(Prefix, expected);
        w.Dispose();
        Assert.Empty(reading.Read());
    }
}
