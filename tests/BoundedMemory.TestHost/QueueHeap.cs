using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Fills queues with items of one kind until several times their bound has passed through, drops everything else and compares what the heap
/// has grown by with the charge; and makes many empty queues.</summary>
internal static class QueueHeap
{
    private const long Tolerance = 64 * 1024;
    private const long Bound = 2_000_000;
    private const int Empties = 500;

    public static int Run()
    {
        bool holds = true;
        Fill("warm-up", SizingTruth.Values.First().Make, conflates: true);
        int number = 0;
        foreach ((string name, Func<int, object> make) in SizingTruth.Values)
            holds &= Fill(name, make, conflates: number++ % 3 == 0);
        holds &= Empty("bytes", () => new DropOldestQueue<object>(new() { MaxBytes = 100_000 }));
        holds &= Empty("age", () => new DropOldestQueue<object>(new() { MaxBytes = 100_000, MaxAge = TimeSpan.FromSeconds(1) }));
        holds &= Empty("keys", () => new DropOldestQueue<object>(new() { MaxBytes = 100_000, ConflateBy = Conflation.By((object item) => item) }));
        return holds ? 0 : 1;
    }

    private static bool Fill(string name, Func<int, object> make, bool conflates)
    {
        long before = Heap.Bytes();
        DropOldestQueue<object> queue = new(new()
        {
            MaxBytes = Bound,
            MaxAge = conflates ? TimeSpan.FromDays(1) : null,
            ConflateBy = conflates ? Conflation.By<object, object>(static item => item, ReferenceEqualityComparer.Instance) : null,
        });
        int next = 0;
        while (queue.Statistics.Evicted < 2 * Math.Max(1, queue.Count))
        {
            for (int i = 0; i < 100; i++)
                queue.Enqueue(make(next++));
        }

        long charged = queue.Bytes;
        long retained = Heap.Bytes() - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"heap;{name};{Bound};{charged};{retained};{queue.Count}"));
        queue.Dispose();
        return name == "warm-up" || (charged <= Bound && retained <= Bound + Tolerance);
    }

    private static bool Empty(string name, Func<DropOldestQueue<object>> create)
    {
        create().Dispose();
        var queues = new DropOldestQueue<object>[Empties];
        long before = Heap.Bytes();
        for (int i = 0; i < Empties; i++)
            queues[i] = create();
        long retained = (Heap.Bytes() - before) / Empties;
        long charged = queues[0].Bytes;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"empty;{name};{charged};{retained}"));
        foreach (DropOldestQueue<object> queue in queues)
            queue.Dispose();
        return retained <= charged;
    }
}
