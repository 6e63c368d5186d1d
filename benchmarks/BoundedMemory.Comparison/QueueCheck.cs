using System.Diagnostics;
using System.Globalization;

namespace BoundedMemory.Comparison;

/// <summary>Counts every item of a hundred million through a queue, with two producers and two readers: none is lost, none comes twice or out of its
/// producer's order. Not a measurement.</summary>
internal static class QueueCheck
{
    public const string Verb = "queue-check";

    private const int Producers = 2;

    public static int Run(string[] args)
    {
        long items = args.Length > 1 ? long.Parse(args[1], CultureInfo.InvariantCulture) : 100_000_000;
        bool holds = true;
        foreach (int capacity in new[] { 2, 100, 1024 })
        {
            holds &= Check("count", new() { MaxCount = capacity }, items / 3);
        }

        holds &= Check("count and bytes", new() { MaxCount = 1024, MaxBytes = 1_000_000 }, items / 10);
        return holds ? 0 : 1;
    }

    private static bool Check(string name, DropOldestQueueOptions<long> options, long items)
    {
        // Each item is its producer and its number; sums of numbers and of their squares, modulo 2^64, tell whether each has left once.
        var dropped = new Tally();
        options.Dropped = d => dropped.AddShared(d.Item);
        using var queue = new DropOldestQueue<long>(options);
        Tally[] read = [new(), new()];
        int producing = Producers;
        long perProducer = items / Producers;
        long started = Stopwatch.GetTimestamp();
        Thread[] threads =
        [
            .. Enumerable.Range(0, Producers).Select(producer => new Thread(() =>
            {
                for (long i = 0; i < perProducer; i++)
                {
                    queue.Enqueue((i << 1) | (long)producer);
                }

                Interlocked.Decrement(ref producing);
            })),
            .. read.Select(tally => new Thread(() =>
            {
                while (true)
                {
                    bool isOver = Volatile.Read(ref producing) == 0;
                    if (queue.TryDequeue(out long item))
                    {
                        tally.AddInOrder(item);
                    }
                    else if (isOver)
                    {
                        return;
                    }
                }
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        var expected = new Tally();
        for (long i = 0; i < perProducer; i++)
        {
            expected.Add(i << 1);
            expected.Add((i << 1) | 1);
        }

        QueueStatistics s = queue.Statistics;
        Tally left = read[0] + read[1] + dropped;
        bool holds = left.Count == expected.Count && left.Sum == expected.Sum && left.Squares == expected.Squares && read.All(r => r.IsInOrder)
            && s.Enqueued == s.Dequeued + s.Dropped + s.Count && s.Enqueued == expected.Count && s.Dequeued == read[0].Count + read[1].Count && s.Evicted == dropped.Count;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(holds ? "holds" : "FAILS")}: {name}, {options.MaxCount} items: {s.Enqueued} enqueued = {s.Dequeued} dequeued + {s.Dropped} dropped + {s.Count}; {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
        return holds;
    }

    private sealed class Tally
    {
        private readonly long[] _last = [-1, -1];
        private long _count;
        private long _sum;
        private long _squares;

        public long Count => _count;

        public long Sum => _sum;

        public long Squares => _squares;

        public bool IsInOrder { get; private set; } = true;

        public static Tally operator +(Tally left, Tally right) =>
            new() { _count = left._count + right._count, _sum = unchecked(left._sum + right._sum), _squares = unchecked(left._squares + right._squares) };

        public void Add(long item)
        {
            _count++;
            _sum = unchecked(_sum + item);
            _squares = unchecked(_squares + (item * item));
        }

        public void AddInOrder(long item)
        {
            Add(item);
            IsInOrder &= item > _last[item & 1];
            _last[item & 1] = item;
        }

        public void AddShared(long item)
        {
            Interlocked.Increment(ref _count);
            Interlocked.Add(ref _sum, item);
            Interlocked.Add(ref _squares, unchecked(item * item));
        }
    }
}
