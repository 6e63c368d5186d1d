using System.Diagnostics;
using System.Globalization;

namespace BoundedMemory.Comparison;

/// <summary>A way to keep a process with a busy cache below its limit.</summary>
internal abstract class LoopPolicy(string name) : IDisposable
{
    public const long Limit = 500_000_000;

    /// <summary>What is often recommended: three quarters of the limit.</summary>
    private const long Budget = 375_000_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Without a bound of its own the cache takes what it is given.</summary>
    public virtual long CacheBytes => 1L << 40;

    public string Name => name;

    public static string[] Names => ["none", "budget", "naive", "gen2-gated", "live", "hard-limit", "watchdog", "watchdog-enforce"];

    public static LoopPolicy Create(string name) => name switch
    {
        "none" => new Nothing(name, 1L << 40),
        "budget" => new Nothing(name, Budget),
        "naive" => new Naive(),
        "gen2-gated" => new Gen2Gated(),
        "live" => new Live(),
        "hard-limit" => new HeapLimit(),
        "watchdog" => new Watchdog(name, GcPolicy.AfterTrim),
        "watchdog-enforce" => new Watchdog(name, GcPolicy.Enforce),
        _ => throw new ArgumentException($"There is no policy '{name}'.", nameof(name)),
    };

    public abstract void Start(BoundedCache<long, byte[]> cache);

    /// <summary>What it says about what it did.</summary>
    public virtual string Notes => "";

    public virtual void Dispose()
    {
    }

    private static long Resident()
    {
        var readings = default(MemoryReadings);
        using var probe = new ProcProbe("/");
        probe.Read(ref readings);
        return readings.ResidentBytes ?? 0;
    }

    private sealed class Nothing(string name, long cacheBytes) : LoopPolicy(name)
    {
        public override long CacheBytes => cacheBytes;

        public override void Start(BoundedCache<long, byte[]> cache)
        {
        }
    }

    /// <summary>The runtime's own limit, below the process's, and a cache that fits into it.</summary>
    private sealed class HeapLimit() : LoopPolicy("hard-limit")
    {
        public override long CacheBytes => Budget;

        public override void Start(BoundedCache<long, byte[]> cache)
        {
            AppContext.SetData("GCHeapHardLimit", 470_000_000ul);
            GC.RefreshMemoryLimit();
        }
    }

    /// <summary>Looks every 250 ms, on a thread of its own.</summary>
    private abstract class Polling(string name) : LoopPolicy(name)
    {
        private volatile bool _isStopped;

        public sealed override void Start(BoundedCache<long, byte[]> cache) => new Thread(() =>
        {
            while (!_isStopped)
            {
                Thread.Sleep(Tick);
                Look(cache, (double)Resident() / Limit);
            }
        })
        { IsBackground = true }.Start();

        public override void Dispose()
        {
            _isStopped = true;
            base.Dispose();
        }

        protected abstract void Look(BoundedCache<long, byte[]> cache, double utilization);
    }

    /// <summary>What is written first: much resident, so trim and collect.</summary>
    private sealed class Naive() : Polling("naive")
    {
        protected override void Look(BoundedCache<long, byte[]> cache, double utilization)
        {
            if (utilization > 0.85)
            {
                cache.Trim(cache.Bytes / 5);
                GC.Collect();
            }
        }
    }

    /// <summary>What System.Runtime.Caching and System.Web do: trim only if the whole heap was collected since, collect for at most 3.3 % of the time.</summary>
    private sealed class Gen2Gated() : Polling("gen2-gated")
    {
        private int _collections = -1;
        private long _nextCollection;

        protected override void Look(BoundedCache<long, byte[]> cache, double utilization)
        {
            if (utilization > 0.85 && GC.CollectionCount(2) != _collections)
            {
                _collections = GC.CollectionCount(2);
                cache.Trim(cache.Bytes / 5);
            }

            if (utilization > 0.85 && Environment.TickCount64 >= _nextCollection)
            {
                long started = Stopwatch.GetTimestamp();
                GC.Collect();
                _nextCollection = Environment.TickCount64 + Math.Max(5000, (long)(Stopwatch.GetElapsedTime(started).TotalMilliseconds * 1000 / 33));
            }
        }
    }

    /// <summary>Trims by what is live, and collects in the background at every look above 85 %, aggressively above 95 %.</summary>
    private sealed class Live() : Polling("live")
    {
        protected override void Look(BoundedCache<long, byte[]> cache, double utilization)
        {
            long slack = Math.Max(0, GC.GetGCMemoryInfo().TotalCommittedBytes - GC.GetTotalMemory(forceFullCollection: false));
            long excess = Resident() - slack - (long)(0.75 * Limit);
            if (excess > 0)
            {
                cache.Trim(excess);
            }

            if (utilization > 0.95)
            {
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
            else if (utilization > 0.85)
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: false);
            }
        }
    }

    private sealed class Watchdog : LoopPolicy
    {
        private readonly MemoryWatchdog _watchdog;

        public Watchdog(string name, GcPolicy policy)
            : base(name) => _watchdog = new MemoryWatchdog(new() { ProcessLimit = Limit, GcPolicy = policy });

        public override void Start(BoundedCache<long, byte[]> cache)
        {
            _watchdog.Register(cache);
            if (Environment.GetEnvironmentVariable("CLOSED_LOOP_TRACE") is not null)
            {
                new Thread(Trace) { IsBackground = true }.Start(cache);
            }

            _watchdog.Start();
        }

        public override string Notes
        {
            get
            {
                MemoryWatchdogStatistics s = _watchdog.Statistics;
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{s.Samples} samples, {s.Reclaims} trims of {s.ReclaimedBytes / 1e6:F0} MB, {s.BackgroundCollections} background, {s.AggressiveCollections} aggressive, warning {s.EnteredWarning}, critical {s.EnteredCritical}, abort {s.EnteredAbort}");
            }
        }

        public override void Dispose()
        {
            _watchdog.Dispose();
            base.Dispose();
        }

        private void Trace(object? cache)
        {
            while (true)
            {
                Thread.Sleep(Tick);
                MemorySample s = _watchdog.Sample;
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_watchdog.Level,-8} {s.Term,-8} u {s.Utilization:F3} rss {s.ResidentBytes / 1e6:F0} heap {s.HeapBytes / 1e6:F0} committed {s.CommittedBytes / 1e6:F0} slack {s.SlackBytes / 1e6:F0} live {s.LiveBytes / 1e6:F0} cache {((BoundedCache<long, byte[]>)cache!).Bytes / 1e6:F0} {Notes}"));
            }
        }
    }
}
