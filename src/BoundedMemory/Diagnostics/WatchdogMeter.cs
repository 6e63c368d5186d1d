using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What the meter reads of a watchdog.</summary>
internal readonly record struct WatchdogReading(
    MemoryWatchdogStatistics Statistics, MemoryWatchdog.Published Last, MemoryPressureLevel Level, TimeSpan Age, MemoryWatchdogOptions Options)
{
    public MemorySample Sample => Last.Sample;
}

/// <summary>The instruments of all watchdogs of one meter factory.</summary>
internal sealed class WatchdogMeter : SourceMeter<WatchdogReading>
{
    private WatchdogMeter(Meter meter)
        : base(BoundedMemoryInstruments.WatchdogName)
    {
        Gauge(meter, BoundedMemoryInstruments.WatchdogLevel, "1", "The level: 0 normal, 1 warning, 2 critical, 3 abort.", r => (int)r.Level);
        Gauge(
            meter, BoundedMemoryInstruments.WatchdogUtilization, "1", "How full a limit is.", BoundedMemoryInstruments.Source,
            [
                ("container", r => Share(r.Sample.ContainerBytes, r.Sample.ContainerLimit)),
                ("process", r => Share(r.Sample.ResidentBytes, r.Options.ProcessLimit)),
                ("heap", r => Share(Math.Max(r.Sample.CommittedBytes, r.Sample.HeapBytes), r.Sample.HeapLimit)),
                ("budget", r => Share(r.Sample.BudgetBytes, r.Sample.BudgetLimit)),
                ("machine", r => r.Sample.Term == UtilizationTerm.Machine ? r.Sample.Utilization : null),
            ]);
        Gauge(
            meter, BoundedMemoryInstruments.WatchdogLimit, "By", "Limits.", BoundedMemoryInstruments.Source,
            [
                ("container", r => r.Sample.ContainerLimit),
                ("process", r => r.Options.ProcessLimit),
                ("heap", r => r.Sample.HeapLimit),
                ("budget", r => r.Sample.BudgetLimit),
            ]);
        Gauge(
            meter, BoundedMemoryInstruments.WatchdogUsage, "By", "Memory of the process.", BoundedMemoryInstruments.Part,
            [
                ("slack", r => IfRead(r, r.Sample.SlackBytes)),
                ("accounted", r => IfRead(r, r.Sample.LiveBytes - r.Sample.UnaccountedBytes)),
                ("unaccounted", r => IfRead(r, r.Sample.UnaccountedBytes)),
            ]);
        Gauge(meter, BoundedMemoryInstruments.WatchdogStall, "1", "Share of time in which some task waited for memory.", r => r.Sample.Stall);
        Counter(meter, BoundedMemoryInstruments.WatchdogSamples, "{sample}", "Samples taken.", r => r.Statistics.Samples);
        Gauge(meter, BoundedMemoryInstruments.WatchdogSampleAge, "s", "Time since the last sample.", r => r.Age.TotalSeconds);
        Counter(
            meter, BoundedMemoryInstruments.WatchdogTransitions, "{transition}", "Changes of level, by the one entered.", BoundedMemoryInstruments.Level,
            [
                ("normal", r => r.Statistics.Transitions - r.Statistics.EnteredWarning - r.Statistics.EnteredCritical - r.Statistics.EnteredAbort),
                ("warning", r => r.Statistics.EnteredWarning),
                ("critical", r => r.Statistics.EnteredCritical),
                ("abort", r => r.Statistics.EnteredAbort),
            ]);
        Counter(meter, BoundedMemoryInstruments.WatchdogReclaims, "{reclaim}", "Rounds in which consumers were asked for memory.", r => r.Statistics.Reclaims);
        Counter(meter, BoundedMemoryInstruments.WatchdogReclaimRequested, "By", "Bytes that consumers were asked for.", r => r.Statistics.RequestedBytes);
        Counter(meter, BoundedMemoryInstruments.WatchdogReclaimSize, "By", "Bytes that consumers gave.", r => r.Statistics.ReclaimedBytes);
        Counter(
            meter, BoundedMemoryInstruments.WatchdogCollections, "{collection}", "Collections that were induced.", BoundedMemoryInstruments.Mode,
            [("background", r => r.Statistics.BackgroundCollections), ("aggressive", r => r.Statistics.AggressiveCollections)]);
        Counter(
            meter, BoundedMemoryInstruments.WatchdogFailures, "{failure}", "What went wrong.", BoundedMemoryInstruments.Source,
            [
                ("consumer", r => r.Statistics.ConsumerFailures), ("callback", r => r.Statistics.CallbackFailures),
                ("probe", r => r.Statistics.ProbeFailures), ("hard_limit", r => r.Statistics.HardLimitFailures),
            ]);
        Gauge(meter, BoundedMemoryInstruments.WatchdogGrowth, "By/h", "Slope of what no budget accounts for.", r => r.Last.Trend.BytesPerHour);
        Gauge(meter, BoundedMemoryInstruments.WatchdogLeak, "1", "Whether that is held to be a leak.", r => r.Last.Trend.IsLeak ? 1 : 0);
        Gauge(meter, BoundedMemoryInstruments.WatchdogTimeToLimit, "s", "When the limit will be reached.", r => r.Last.Trend.TimeToLimit?.TotalSeconds);
    }

    /// <summary>The instruments of a factory, or those that watchdogs without one share.</summary>
    public static WatchdogMeter For(IMeterFactory? factory) => PerFactory<WatchdogMeter>.For(factory, static meter => new WatchdogMeter(meter));

    private static double? Share(long? used, long? limit) => limit > 0 ? (double?)used / limit : null;

    private static double? IfRead(WatchdogReading reading, long bytes) => reading.Sample.ResidentBytes is null ? null : bytes;
}
