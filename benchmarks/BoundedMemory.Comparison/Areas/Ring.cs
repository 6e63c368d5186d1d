using System.Runtime.CompilerServices;

namespace BoundedMemory.Comparison;

/// <summary>The newest 1000 items: adding to what is full, and copying all of it.</summary>
internal sealed class Ring : Area
{
    public const int Capacity = 1000;

    public override string Name => "ring";

    public override IReadOnlyList<Metric> Metrics => Metric.Timed;

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines => (HistorySubject.Channel, HistorySubject.ConcurrentQueue);

    public override IReadOnlyList<Workload> Workloads(Plan plan) =>
    [
        .. plan.Threads.Select(threads => new Workload($"add-{threads}", Names(s => threads == 1 || s.IsShared), [threads])),
        new("snapshot", Names(s => s.HasSnapshot), [1]),
    ];

    public override IMeasured Prepare(string workload, string subject, Plan plan) =>
        HistorySubject.All.Single(s => s.Name == subject).Prepare(workload == "snapshot" ? new Snapshots(plan) : new Additions(plan));

    private static string[] Names(Func<HistorySubject, bool> condition) => [.. HistorySubject.All.Where(condition).Select(s => s.Name)];

    private sealed class Additions(Plan plan) : IHistoryWorkload
    {
        public IMeasured Prepare<THistory>(THistory history)
            where THistory : struct, IHistory => Warm(new Run<THistory>(history, plan));

        private sealed class Run<THistory>(THistory history, Plan plan) : HistoryRun<THistory>(history, plan)
            where THistory : struct, IHistory
        {
            protected override int Chunk(THistory history)
            {
                foreach (string item in Items)
                {
                    history.Add(item);
                }

                return Items.Length;
            }
        }
    }

    private sealed class Snapshots(Plan plan) : IHistoryWorkload
    {
        public IMeasured Prepare<THistory>(THistory history)
            where THistory : struct, IHistory => Warm(new Run<THistory>(history, plan));

        private sealed class Run<THistory>(THistory history, Plan plan) : HistoryRun<THistory>(history, plan)
            where THistory : struct, IHistory
        {
            protected override int Chunk(THistory history) =>
                history.Snapshot() >= Capacity ? 1 : throw new InvalidOperationException("The snapshot is not whole.");
        }
    }

    private static TimedRun Warm(TimedRun run)
    {
        run.WarmUp();
        return run;
    }

    /// <summary>Repeats a chunk of work until time is up.</summary>
    private abstract class HistoryRun<THistory> : TimedRun
        where THistory : struct, IHistory
    {
        protected static readonly string[] Items = [.. Enumerable.Range(0, 256).Select(i => $"a line of a log, {i}")];

        private readonly THistory _history;

        protected HistoryRun(THistory history, Plan plan)
            : base(plan)
        {
            _history = history;
            for (int i = 0; i < 2 * Capacity; i++)
            {
                history.Add(Items[i % Items.Length]);
            }
        }

        protected sealed override long Work(int thread, int threads)
        {
            long operations = 0;
            long until = Environment.TickCount64 + (long)Duration.TotalMilliseconds;
            while (Environment.TickCount64 < until)
            {
                operations += Repeat();
            }

            return operations;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        protected abstract int Chunk(THistory history);

        /// <summary>Reading the clock costs more than adding an item.</summary>
        private int Repeat()
        {
            int operations = 0;
            for (int i = 0; i < 16; i++)
            {
                operations += Chunk(_history);
            }

            return operations;
        }
    }
}
