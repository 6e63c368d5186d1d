using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BoundedMemory.Comparison;

/// <summary>Queues that drop the oldest item: what a write costs, what gets through, and what a wait allocates.</summary>
internal sealed class Queue : Area
{
    private const int Capacity = 1024;

    /// <summary>Of the items written, those that a reader got. A queue that starves its reader looks fast: this says so.</summary>
    private static readonly Metric Delivered = new("delivered_percent", IsBetterIfHigher: true);

    /// <summary>Part of the time in which the reader and a writer ran at once, which is all that was counted.</summary>
    private static readonly Metric Counted = new("counted_percent", IsBetterIfHigher: true);

    private static readonly Dictionary<string, (int Producers, int Readers, Func<Plan, QueueSubject, IMeasured> Prepare)> ByName = new()
    {
        ["full-long"] = (1, 0, (plan, subject) => subject.Prepare(new Writes<long>(7, plan, reads: false))),
        ["full-reference"] = (1, 0, (plan, subject) => subject.Prepare(new Writes<Message>(Message.Shared, plan, reads: false))),
        ["pair"] = (1, 0, (plan, subject) => subject.Prepare(new Writes<Message>(Message.Shared, plan, reads: true))),
        ["1p1c"] = (1, 1, (plan, subject) => subject.Prepare(new ProducersAndReader(plan))),
        ["2p1c"] = (2, 1, (plan, subject) => subject.Prepare(new ProducersAndReader(plan))),
        [WakeUpName] = (1, 0, (plan, subject) => subject.Prepare(new WakeUps(plan))),
    };

    private const string WakeUpName = "wake-up";

    public override string Name => "queue";

    public override IReadOnlyList<Metric> Metrics => [Metric.Mops, Delivered, Counted, Metric.CpuPerOperation, Metric.BytesPerOperation];

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines => (QueueSubject.Channel.Name, QueueSubject.ConcurrentQueue.Name);

    public override IReadOnlyList<Workload> Workloads(Plan plan) =>
    [
        .. ByName.Select(w => new Workload(
            w.Key,
            [.. QueueSubject.All.Where(s => s.CanWait || w.Key != WakeUpName).Select(s => s.Name)],
            [w.Value.Producers + w.Value.Readers])),
    ];

    public override IMeasured Prepare(string workload, string subject, Plan plan) => ByName[workload].Prepare(plan, QueueSubject.All.Single(s => s.Name == subject));

    /// <summary>One thread writes into the full queue, or reads an item after each write.</summary>
    private sealed class Writes<T>(T item, Plan plan, bool reads) : IQueueWorkload<T>
    {
        public IMeasured Prepare<TQueue>(Func<int, TQueue> create)
            where TQueue : struct, IQueue<T>
        {
            TQueue queue = create(Capacity);
            for (int i = 0; i < (reads ? Capacity / 2 : Capacity); i++)
            {
                queue.Write(item);
            }

            var run = new Measured<TQueue>(queue, item, plan, reads);
            run.WarmUp();
            return run;
        }

        private sealed class Measured<TQueue>(TQueue queue, T item, Plan plan, bool reads) : TimedRun(plan)
            where TQueue : struct, IQueue<T>
        {
            private const int ChunkLength = 4096;

            protected override long Work(int thread, int threads)
            {
                long operations = 0;
                long started = Stopwatch.GetTimestamp();
                do
                {
                    operations += reads ? Pairs(queue, item) : FullWrites(queue, item);
                }
                while (Stopwatch.GetElapsedTime(started) < Duration);
                return operations;
            }

            [MethodImpl(MethodImplOptions.NoInlining)]
            private static int FullWrites(TQueue queue, T item)
            {
                for (int i = 0; i < ChunkLength; i++)
                {
                    queue.Write(item);
                }

                return ChunkLength;
            }

            [MethodImpl(MethodImplOptions.NoInlining)]
            private static int Pairs(TQueue queue, T item)
            {
                int read = 0;
                for (int i = 0; i < ChunkLength; i++)
                {
                    queue.Write(item);
                    read += queue.TryRead(out _) ? 1 : 0;
                }

                return read;
            }
        }
    }

    /// <summary>The last thread reads, the others write, all as fast as they can. Operations are writes.</summary>
    private sealed class ProducersAndReader(Plan plan) : IQueueWorkload<Message>
    {
        public IMeasured Prepare<TQueue>(Func<int, TQueue> create)
            where TQueue : struct, IQueue<Message>
        {
            var run = new Measured<TQueue>(create(Capacity), plan);
            run.WarmUp();
            return run;
        }

        private sealed class Measured<TQueue>(TQueue queue, Plan plan) : TimedRun(plan)
            where TQueue : struct, IQueue<Message>
        {
            private const int ChunkLength = 64;

            /// <summary>Longer than others, because not all of it counts; not longer than there are slots.</summary>
            private const int Stretch = 2;

            /// <summary>By the reader, and by each writer.</summary>
            private readonly Presence[] _presences = [.. Enumerable.Range(0, 3).Select(_ => new Presence())];

            private int _producing;

            protected override void BeforeWork()
            {
                _producing = 0;
                foreach (Presence presence in _presences)
                {
                    presence.Clear();
                }

                while (queue.TryRead(out _))
                {
                }
            }

            protected override long Work(int thread, int threads)
            {
                if (thread == threads - 1)
                {
                    Read(threads - 1);
                    return 0;
                }

                Presence presence = _presences[thread + 1];
                long written = 0;
                long started = Stopwatch.GetTimestamp();
                do
                {
                    for (int i = 0; i < ChunkLength; i++)
                    {
                        queue.Write(Message.Shared);
                    }

                    written += ChunkLength;
                    presence.Note(ChunkLength);
                }
                while (Stopwatch.GetElapsedTime(started) < (IsWarmUp ? 1 : Stretch) * Duration);
                Interlocked.Increment(ref _producing);
                return written;
            }

            /// <summary>Only the time counts in which the reader and a writer really ran, and what they did then: on a machine that others use too, the
            /// rest says whose turn it was.</summary>
            protected override void Add(Dictionary<string, double> values, long operations, int threads)
            {
                (long slots, long read, long written) = (0, 0, 0);
                for (int slot = 1; slot < Presence.Slots - 1; slot++)
                {
                    Presence[] writers = _presences[1..threads];
                    if (_presences[0].WasThere(slot) && writers.Any(writer => writer.WasThere(slot)))
                    {
                        slots++;
                        read += _presences[0].Operations[slot];
                        written += writers.Sum(writer => writer.Operations[slot]);
                    }
                }

                values[Counted.Name] = 100.0 * slots * Presence.SlotSeconds / (Stretch * Duration).TotalSeconds;
                values.Remove(Metric.Mops.Name);
                if (written > 0)
                {
                    values[Metric.Mops.Name] = written / (slots * Presence.SlotSeconds) / 1e6;
                    values[Delivered.Name] = Math.Min(100.0, 100.0 * read / written);
                }
            }

            private void Read(int producers)
            {
                Presence presence = _presences[0];
                bool isOver;
                int read;
                do
                {
                    isOver = Volatile.Read(ref _producing) == producers;
                    read = 0;
                    for (int i = 0; i < ChunkLength; i++)
                    {
                        read += queue.TryRead(out _) ? 1 : 0;
                    }

                    presence.Note(read);
                }
                while (!isOver || read > 0);
            }
        }
    }

    /// <summary>What a thread did in each slot of 100 microseconds of a repetition. It was there if it came by at the slot's beginning, middle and end.</summary>
    private sealed class Presence
    {
        public const int Slots = 8192;

        public const double SlotSeconds = 1e-4;

        private const int Parts = 4;

        private static readonly double SlotTicks = SlotSeconds * Stopwatch.Frequency;

        private readonly byte[] _parts = new byte[Slots];

        public long[] Operations { get; } = new long[Slots];

        public bool WasThere(int slot) => _parts[slot] == (1 << Parts) - 1;

        public void Note(int operations)
        {
            double now = Stopwatch.GetTimestamp() / SlotTicks;
            int slot = (int)((long)now % Slots);
            _parts[slot] |= (byte)(1 << (int)((now - Math.Floor(now)) * Parts));
            Operations[slot] += operations;
        }

        public void Clear()
        {
            Array.Clear(_parts);
            Array.Clear(Operations);
        }
    }

    /// <summary>Two readers hand each other one item: every read waits, with a token that could be cancelled. Operations are reads.</summary>
    private sealed class WakeUps(Plan plan) : IQueueWorkload<Message>
    {
        public IMeasured Prepare<TQueue>(Func<int, TQueue> create)
            where TQueue : struct, IQueue<Message>
        {
            var run = new Measured<TQueue>(create(Capacity), create(Capacity), plan);
            run.WarmUp();
            return run;
        }

        private sealed class Measured<TQueue>(TQueue there, TQueue back, Plan plan) : TimedRun(plan)
            where TQueue : struct, IQueue<Message>
        {
            private readonly CancellationTokenSource _cancellation = new();

            public override void Dispose()
            {
                _cancellation.Dispose();
                base.Dispose();
            }

            protected override long Work(int thread, int threads) => HandOver().GetAwaiter().GetResult();

            private async Task<long> HandOver()
            {
                int rounds = IsWarmUp ? 2000 : 40_000;
                await Task.WhenAll(Task.Run(() => Side(there, back, rounds, begins: true)), Task.Run(() => Side(back, there, rounds, begins: false)));
                return 2L * rounds;
            }

            private async Task Side(TQueue to, TQueue from, int rounds, bool begins)
            {
                for (int i = 0; i < rounds; i++)
                {
                    if (begins)
                    {
                        to.Write(Message.Shared);
                    }

                    await from.ReadAsync(_cancellation.Token).ConfigureAwait(false);
                    if (!begins)
                    {
                        to.Write(Message.Shared);
                    }
                }
            }
        }
    }
}
