using System.Diagnostics;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class QueueConcurrencyTests
{
    /// <summary>How long readers are cancelled: 10 s for all kinds together, unless a time is given, which each kind is.</summary>
    private static readonly TimeSpan StressTime = Stress.TimeOr(seconds: 3.4);

    public static TheoryData<QueueKind> Kinds => QueueBasicsTests.Kinds;

    public static TheoryData<QueueKind, int> Capacities
    {
        get
        {
            var data = new TheoryData<QueueKind, int>();
            foreach (QueueKind kind in Enum.GetValues<QueueKind>())
            {
                foreach (int capacity in new[] { 1, 2, 100, 1024 })
                {
                    data.Add(kind, capacity);
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Capacities))]
    public void TwoProducersTwoReaders_AMillionOperations_EachItemLeavesOnceAndInOrder(QueueKind kind, int capacity)
    {
        const int Producers = 2;
        const int PerProducer = 250_000;
        int[][] left = [new int[PerProducer], new int[PerProducer]];
        long dropped = 0;
        long read = 0;
        int producing = Producers;
        using DropOldestQueue<Numbered> queue = kind.Create<Numbered>(capacity, o => o.Dropped = d =>
        {
            Leave(d.Item);
            Interlocked.Increment(ref dropped);
        });

        void Leave(Numbered item)
        {
            Assert.True(item.IsWhole);
            Interlocked.Increment(ref left[item.Producer][item.Number]);
        }

        void Produce(int producer)
        {
            for (int i = 0; i < PerProducer; i++)
            {
                queue.Enqueue(new Numbered(producer, i));
            }

            Interlocked.Decrement(ref producing);
        }

        void Read(bool inBatches)
        {
            int[] last = [-1, -1];
            var batch = new Numbered[16];
            while (true)
            {
                bool isOver = Volatile.Read(ref producing) == 0;
                int count = inBatches ? queue.DequeueBatch(batch) : queue.TryDequeue(out batch[0]) ? 1 : 0;
                for (int i = 0; i < count; i++)
                {
                    Leave(batch[i]);
                    Assert.True(batch[i].Number > last[batch[i].Producer], "A producer's items came out of order.");
                    last[batch[i].Producer] = batch[i].Number;
                }

                Interlocked.Add(ref read, count);
                if (count == 0 && isOver)
                {
                    return;
                }
            }
        }

        void Watch()
        {
            Assert.InRange(queue.Count, 0, capacity);
            queue.Verify();
            Numbered[] items = queue.Snapshot();
            Assert.True(items.Length <= capacity && items.All(item => item.IsWhole));
            for (int producer = 0; producer < Producers; producer++)
            {
                int[] numbers = [.. items.Where(item => item.Producer == producer).Select(item => item.Number)];
                Assert.True(numbers.Length == 0 || numbers.SequenceEqual(Enumerable.Range(numbers[0], numbers.Length)), "A gap in a snapshot.");
            }
        }

        Threaded.RunWatched([Watch], () => Produce(0), () => Produce(1), () => Read(inBatches: false), () => Read(inBatches: true));

        QueueStatistics s = queue.Verify();
        Assert.Equal((Producers * PerProducer, read, dropped, 0), (s.Enqueued, s.Dequeued, s.Evicted, s.Count));
        Assert.True(Array.TrueForAll(left, producer => Array.TrueForAll(producer, times => times == 1)), "An item was lost, or left twice.");
    }

    /// <summary>The runtime's bounded channel, of which a queue like this is usually made, loses items here, and throws out of <c>TryWrite</c>.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public async Task FourReaders_CancelledAtRandom_LoseNothingAndNobodyIsStuck(QueueKind kind)
    {
        using DropOldestQueue<long> queue = kind.Create<long>(64);
        using var over = new CancellationTokenSource();
        long cancelled = 0;
        long written = 0;
        long sum = 0;

        async Task Read(int reader)
        {
            var random = new Random(reader);
            long[] batch = new long[4];
            while (true)
            {
                using var impatience = new CancellationTokenSource(random.Next(1, 4));
                try
                {
                    while (true)
                    {
                        switch (reader)
                        {
                            case 0:
                                int count = await queue.DequeueBatchAsync(batch, impatience.Token);
                                if (count == 0)
                                {
                                    return;
                                }

                                Interlocked.Add(ref sum, batch.AsSpan(0, count).ToArray().Sum());
                                break;
                            case 1:
                                if (!await queue.AsChannelReader().WaitToReadAsync(impatience.Token))
                                {
                                    return;
                                }

                                Interlocked.Add(ref sum, queue.TryDequeue(out long read) ? read : 0);
                                break;
                            default:
                                Interlocked.Add(ref sum, await queue.DequeueAsync(impatience.Token));
                                break;
                        }

                        if (random.Next(8) == 0)
                        {
                            await impatience.CancelAsync();
                        }
                    }
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                }
                catch (System.Threading.Channels.ChannelClosedException)
                {
                    return;
                }
            }
        }

        Task[] readers = [.. Enumerable.Range(0, 4).Select(i => Task.Run(() => Read(i)))];
        await Patience.OnThread(() =>
        {
            var random = new Random(9);
            long started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < StressTime)
            {
                // No more than the readers keep up with, so that nothing is dropped, and often nothing: they have to wait.
                for (int i = random.Next(8); i > 0; i--)
                {
                    written += i;
                    Assert.Equal(0, queue.Enqueue(i).Dropped);
                }

                Patience.Until(() => queue.Count < 32);
                Thread.Yield();
            }
        });
        queue.Complete();

        await Task.WhenAll(readers).Soon();
        await queue.Completion.Soon();
        Assert.Equal(written, sum);
        Assert.True(cancelled > 100, $"{cancelled} cancelled");
        Assert.Equal((0, 0, 0), (queue.Verify().Dropped, queue.Count, queue.Statistics.Waiting));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task PingPong_EveryItemIsWaitedFor_NoWakeUpIsLost(QueueKind kind)
    {
        const int Rounds = 30_000;
        foreach (int capacity in new[] { 1, 2 })
        {
            using DropOldestQueue<int> there = kind.Create<int>(capacity);
            using DropOldestQueue<int> back = kind.Create<int>(capacity);
            Task echo = Task.Run(async () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    back.Enqueue(await there.DequeueAsync().ConfigureAwait(false));
                }
            });
            Task call = Task.Run(async () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    there.Enqueue(i);
                    Assert.Equal(i, await back.DequeueAsync().ConfigureAwait(false));
                }
            });
            await Task.WhenAll(echo, call).Soon();
        }
    }

    /// <summary>A producer that finds the ring full, and a reader that finds it empty a moment later: the one must not erase the other's flag.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public async Task Bursts_ThatOverflowASmallQueue_AlwaysWakeTheReaders(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(1);
        const int Last = 200_000;
        int seen = 0;
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            await foreach (int item in queue.ReadAllAsync())
            {
                Volatile.Write(ref seen, Math.Max(item, Volatile.Read(ref seen)));
            }
        })),
        Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    int item = await queue.DequeueAsync();
                    Volatile.Write(ref seen, Math.Max(item, Volatile.Read(ref seen)));
                }
            }
            catch (System.Threading.Channels.ChannelClosedException)
            {
            }
        })];
        await Patience.OnThread(() => Threaded.Run(2, producer =>
        {
            for (int i = 1; i <= Last; i++)
            {
                queue.Enqueue(i);
                if (i % 1000 == 0)
                {
                    Patience.Until(() => queue.Count == 0); // some reader was awake, or was woken
                }
            }
        }));

        queue.Complete();
        await Task.WhenAll(readers).Soon();
        queue.Verify();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Complete_WhileProducersWrite_EverythingAddedIsReadAndNothingAfterwards(QueueKind kind)
    {
        for (int round = 0; round < 300; round++)
        {
            using DropOldestQueue<int> queue = kind.Create<int>(1 + (round % 3));
            long added = 0;
            Task<List<int>> reading = queue.ReadAllAsync().ToListAsync().AsTask();
            Threaded.Run(3, worker =>
            {
                for (int i = 0; worker > 0; i++)
                {
                    if (!queue.Enqueue(i).IsAdded)
                    {
                        return;
                    }

                    Interlocked.Increment(ref added);
                }

                Patience.Until(() => Volatile.Read(ref added) > 20);
                queue.Complete();
            });

            List<int> read = await reading.Soon();
            await queue.Completion.Soon();
            QueueStatistics s = queue.Verify();
            Assert.Equal((added, read.Count, 0), (s.Enqueued, s.Dequeued, s.Count));
            Assert.Equal(AddResult.Completed, queue.Enqueue(0).Result);
        }
    }

    /// <summary>Too wide to be written at once.</summary>
    private readonly struct Numbered(int producer, int number)
    {
        private readonly long _first = number;
        private readonly long _check = number ^ 0x5555;
        private readonly long _last = number;

        public int Producer { get; } = producer;

        public int Number => (int)_first;

        public bool IsWhole => _first == _last && (_check ^ 0x5555) == _first;
    }
}
