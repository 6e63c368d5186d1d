using System.Diagnostics;

namespace Reproduce;

/// <summary>A process that is to stay below 500 MB while 80 MB a second go through its cache. A cache may keep its bound to the byte and the process still grow beyond its own: garbage
/// that is not collected yet counts there, and so does what the collector keeps for itself.</summary>
internal sealed class ClosedLoop : IScenario
{
    private const int Seconds = 20;

    /// <summary>At that rate a cache of 375 MB is full after five, and the process past 500 MB soon after.</summary>
    private const int QuickSeconds = 9;

    private const long BytesPerSecond = 80 * Units.MB;
    private const string OutOfMemoryAfter = "out of memory after, in seconds";
    private const string Paused = "part of the time the collector stopped it";
    private const string Cached = "bytes in the cache at the end";

    private readonly int _entryBytes;
    private readonly bool _isInContainer;

    private ClosedLoop(int entryBytes, bool isInContainer) => (_entryBytes, _isInContainer) = (entryBytes, isInContainer);

    /// <summary>Large and small entries (from 85,000 bytes on they have a heap of their own), each where the collector knows of no limit and where it is told of one.</summary>
    public static IEnumerable<ClosedLoop> All =>
    [
        new(128 * Units.KB, isInContainer: false),
        new(8 * Units.KB, isInContainer: false),
        new(128 * Units.KB, isInContainer: true),
        new(8 * Units.KB, isInContainer: true),
    ];

    public string Name => $"closed-loop{(_isInContainer ? "-512mb" : "")}-{_entryBytes / Units.KB}kb";

    public string Origin => "5 study backend";

    public string Workload => $"80 MB a second of new entries of {_entryBytes / Units.KB} KB each, for {Seconds} s"
        + (_isInContainer ? "; the collector sees a machine of 512 MB, as in a container, and takes 384 of them. Unbounded, a table" : ". Bytes only, a cache of 375 MB")
        + "; bounded, a cache without a limit of its own and a watchdog that knows of 500 MB.";

    public IReadOnlyList<Variant> Variants => [Control, Variant.Bounded];

    /// <summary>The collections that a watchdog asks for run beside the program, as they do where nobody has turned that off.</summary>
    public IReadOnlyDictionary<string, string> Runtime => _isInContainer
        ? new Dictionary<string, string> { ["DOTNET_gcConcurrent"] = "1", ["DOTNET_GCTotalPhysicalMemory"] = "0x20000000" }
        : new Dictionary<string, string> { ["DOTNET_gcConcurrent"] = "1" };

    public IReadOnlyList<Claim> Claims =>
    [
        new("process before", 500, 500, "MB", "Memory Usage Comparison: 500MB+ (crash!)", Control, t => Units.Megabytes(t.PeakRssBytes)),
        new("process, bounded", 0, 512, "MB", "Congratulations: within 512MB RAM limit", Variant.Bounded, t => Units.Megabytes(t.PeakRssBytes)),
    ];

    private Variant Control => _isInContainer ? Variant.Unbounded : Variant.BytesOnly;

    public Trial Run(Variant variant, bool quick)
    {
        var facts = new Dictionary<string, double>();
        return Trial.Run(
            () => Create(variant),
            warmUp: cache => Insert(cache, seconds: 0.1, facts),
            work: cache => Insert(cache, quick ? QuickSeconds : Seconds, facts),
            facts: _ => facts);
    }

    public IEnumerable<Check> Check(IReadOnlyDictionary<Variant, Trial> trials)
    {
        Trial bounded = trials[Variant.Bounded];
        yield return new Check(
            bounded.PeakRssBytes <= WatchedCache.ProcessLimit && !bounded.Facts.ContainsKey(OutOfMemoryAfter),
            $"bounded: at most {Units.Megabytes(bounded.PeakRssBytes):N0} MB resident, {Units.Megabytes((long)bounded.Facts[Cached]):N0} MB in the cache, "
                + $"stopped by the collector for {bounded.Facts[Paused]:P1} of the time");
        Trial control = trials[Control];
        yield return control.Facts.TryGetValue(OutOfMemoryAfter, out double seconds)
            ? new Check(true, $"{Table.NameOf(Control)}, the control: out of memory after {seconds:N1} s")
            : new Check(control.PeakRssBytes > 500 * Units.MB, $"{Table.NameOf(Control)}, the control: {Units.Megabytes(control.PeakRssBytes):N0} MB resident is over 500");
    }

    private static ILoopCache Create(Variant variant) => variant switch
    {
        Variant.Unbounded => new LoopTable(),
        Variant.BytesOnly => new BytesOnlyCache(),
        _ => new WatchedCache(),
    };

    private void Insert(ILoopCache cache, double seconds, Dictionary<string, double> facts)
    {
        TimeSpan paused = GC.GetTotalPauseDuration();
        long start = Stopwatch.GetTimestamp();
        double elapsed = 0;
        try
        {
            for (long key = 0; elapsed < seconds; elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds)
            {
                for (; key * _entryBytes < elapsed * BytesPerSecond; key++)
                {
                    byte[] value = new byte[_entryBytes];
                    Array.Fill(value, (byte)1); // what is not written to is not resident
                    cache.Add(key, value);
                }

                Thread.Sleep(10);
            }

            facts[Cached] = cache.Bytes;
        }
        catch (OutOfMemoryException)
        {
            cache.Clear();
            facts[OutOfMemoryAfter] = elapsed;
        }

        facts[Paused] = (GC.GetTotalPauseDuration() - paused) / Stopwatch.GetElapsedTime(start);
    }
}
