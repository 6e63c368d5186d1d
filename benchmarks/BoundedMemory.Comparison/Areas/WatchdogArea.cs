using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BoundedMemory.Comparison;

/// <summary>One sample, and what a hit of a registered cache costs while a watchdog runs and while none does.</summary>
internal sealed class WatchdogArea : Area
{
    private const string Sample = "sample";
    private const string Hit = "hit";
    private const string Ours = "MemoryWatchdog";
    private const string WorkingSet = "Environment.WorkingSet";
    private const string ProcessRefresh = "Process.Refresh";
    private const string WithWatchdog = "BoundedCache + watchdog";
    private const string WithoutWatchdog = "BoundedCache";

    public override string Name => "watchdog";

    public override IReadOnlyList<Metric> Metrics => Metric.Timed;

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines => (WorkingSet, WithoutWatchdog);

    public override IReadOnlyList<Workload> Workloads(Plan plan) =>
    [
        new(Sample, [Ours, WorkingSet, ProcessRefresh], [1]),
        new(Hit, [WithWatchdog, WithoutWatchdog], plan.Threads),
    ];

    public override IMeasured Prepare(string workload, string subject, Plan plan)
    {
        TimedRun run = subject switch
        {
            Ours => new Samples(plan),
            WorkingSet => new Readings(plan, static () => Environment.WorkingSet),
            ProcessRefresh => new Readings(plan, RefreshProcess()),
            _ => new Hits(plan, subject == WithWatchdog),
        };
        run.WarmUp();
        return run;
    }

    private static Func<long> RefreshProcess()
    {
        var process = Process.GetCurrentProcess();
        return () =>
        {
            process.Refresh();
            return process.WorkingSet64;
        };
    }

    /// <summary>The clock is read after a chunk of work.</summary>
    private abstract class Chunks(Plan plan) : TimedRun(plan)
    {
        protected sealed override long Work(int thread, int threads)
        {
            long operations = 0;
            long started = Stopwatch.GetTimestamp();
            do
            {
                operations += Chunk();
            }
            while (Stopwatch.GetElapsedTime(started) < Duration);

            return operations;
        }

        protected abstract int Chunk();
    }

    private sealed class Samples(Plan plan) : Chunks(plan)
    {
        private readonly MemoryWatchdog _watchdog = new(new() { ProcessLimit = 1L << 40 });

        public override void Dispose()
        {
            _watchdog.Dispose();
            base.Dispose();
        }

        protected override int Chunk()
        {
            _watchdog.Evaluate();
            return 1;
        }
    }

    private sealed class Readings(Plan plan, Func<long> read) : Chunks(plan)
    {
        protected override int Chunk() => read() > 0 ? 1 : throw new InvalidOperationException("Nothing is resident.");
    }

    private sealed class Hits : Chunks
    {
        private const int Entries = 10_000;

        private readonly BoundedCache<long, object> _cache = new(new() { MaxCount = 2 * Entries });
        private readonly MemoryWatchdog? _watchdog;
        private readonly IDisposable? _registration;
        private readonly long[] _requests = new long[1 << 16];

        public Hits(Plan plan, bool isWatched)
            : base(plan)
        {
            var random = new Randomness(seed: 1);
            for (int i = 0; i < _requests.Length; i++)
            {
                _requests[i] = random.Below(Entries);
            }

            for (int i = 0; i < Entries; i++)
            {
                _cache.Set(i, _requests);
            }

            if (isWatched)
            {
                // As often as under pressure.
                var often = TimeSpan.FromMilliseconds(250);
                _watchdog = new MemoryWatchdog(new() { ProcessLimit = 1L << 40, MinInterval = often, MaxInterval = often });
                _registration = _watchdog.Register(_cache);
                _watchdog.Start();
            }
        }

        public override void Dispose()
        {
            _registration?.Dispose();
            _watchdog?.Dispose();
            _cache.Dispose();
            base.Dispose();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        protected override int Chunk()
        {
            int found = 0;
            foreach (long key in _requests)
            {
                found += _cache.TryGet(key, out _) ? 1 : 0;
            }

            return found == _requests.Length ? found : throw new InvalidOperationException("A look-up did not find what was stored.");
        }
    }
}
