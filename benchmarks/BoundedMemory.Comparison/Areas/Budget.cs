using System.Runtime.CompilerServices;

namespace BoundedMemory.Comparison;

/// <summary>Reserving bytes and releasing them, through three levels; each thread has a leaf of its own, as each primitive does.</summary>
internal sealed class Budget : Area
{
    private const long Some = 256;

    private const int Chunk = 4096;

    private static readonly string[] Subjects = ["MemoryBudget", "Interlocked (3 levels)", "(nothing)"];

    public override string Name => "budget";

    public override IReadOnlyList<Metric> Metrics => [Metric.NanosecondsPerOperation, Metric.CpuPerOperation, Metric.BytesPerOperation];

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines => (null, Subjects[1]);

    /// <summary>A pair of a reservation and its release; <c>held</c> keeps 1,000 reservations, so that credit moves between the levels.</summary>
    public override IReadOnlyList<Workload> Workloads(Plan plan) => [new("pair", Subjects, plan.Threads), new("held", Subjects, plan.Threads)];

    public override IMeasured Prepare(string workload, string subject, Plan plan)
    {
        int depth = workload == "held" ? 1000 : 1;
        TimedRun run = Array.IndexOf(Subjects, subject) switch
        {
            0 => new Measured<Tree>(() => new Tree(plan.Threads.Max()), depth, plan),
            1 => new Measured<Counters>(() => new Counters(plan.Threads.Max()), depth, plan),
            _ => new Measured<Nothing>(() => default, depth, plan),
        };
        run.WarmUp();
        return run;
    }

    private interface ISubject
    {
        void Reserve(int thread);

        void Release(int thread);
    }

    /// <summary>Pairs, with as many reservations held meanwhile.</summary>
    private sealed class Measured<TSubject>(Func<TSubject> create, int depth, Plan plan) : TimedRun(plan)
        where TSubject : struct, ISubject
    {
        private readonly TSubject _subject = create();

        protected override long Work(int thread, int threads)
        {
            TSubject subject = _subject;
            long pairs = 0;
            long started = System.Diagnostics.Stopwatch.GetTimestamp();
            do
            {
                RunChunk(subject, thread);
                pairs += Chunk;
            }
            while (System.Diagnostics.Stopwatch.GetElapsedTime(started) < Duration);
            return pairs;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void RunChunk(TSubject subject, int thread)
        {
            for (int done = 0; done < Chunk;)
            {
                int count = Math.Min(depth, Chunk - done);
                for (int i = 0; i < count; i++)
                {
                    subject.Reserve(thread);
                }

                for (int i = 0; i < count; i++)
                {
                    subject.Release(thread);
                }

                done += count;
            }
        }
    }

    private readonly struct Tree : ISubject
    {
        private readonly MemoryBudget[] _leaves;

        public Tree(int threads)
        {
            MemoryBudget middle = new MemoryBudget(1L << 30).CreateChild("middle", 1L << 29);
            _leaves = [.. Enumerable.Range(0, threads).Select(_ => middle.CreateChild("leaf", 1L << 28))];
        }

        public void Reserve(int thread)
        {
            if (!_leaves[thread].TryReserve(Budget.Some))
            {
                throw new InvalidOperationException("There is room for it.");
            }
        }

        public void Release(int thread) => _leaves[thread].Release(Budget.Some);
    }

    /// <summary>What a tree costs that counts in each level at once: not even a limit is looked at.</summary>
    private readonly struct Counters(int threads) : ISubject
    {
        private const int Apart = 16;

        private readonly long[] _used = new long[(threads + 3) * Apart];

        public void Reserve(int thread) => Add(thread, Budget.Some);

        public void Release(int thread) => Add(thread, -Budget.Some);

        private void Add(int thread, long bytes)
        {
            Interlocked.Add(ref _used[(thread + 3) * Apart], bytes);
            Interlocked.Add(ref _used[2 * Apart], bytes);
            Interlocked.Add(ref _used[Apart], bytes);
        }
    }

    private readonly struct Nothing : ISubject
    {
        public void Reserve(int thread)
        {
        }

        public void Release(int thread)
        {
        }
    }
}
