using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Compares what rings are charged with what the heap has grown by: empty ones of every kind, and one that several times its bound has passed
/// through, for each kind of item. Argument: the bound in MB.</summary>
internal static class RingHeap
{
    private const int EmptyRings = 50;
    private const int Turnovers = 3;
    private const int Repeats = 3;

    /// <summary>What the heap may exceed the bound by: it is counted in allocation quanta.</summary>
    private const long Tolerance = 64 * 1024;

    public static int Run(int megabytes)
    {
        using var budget = new MemoryBudget(10_000_000_000);
        bool holds = true;
        (string Name, Action<RingBufferOptions<object>> Change)[] kinds =
        [
            ("plain", _ => { }), ("shared budget", o => o.Budget = budget), ("archive", o => o.Archive = new Nowhere()),
            ("callback", o => (o.Evicted, o.DisposeItems) = ((_, _) => { }, true)),
        ];
        foreach ((string name, Action<RingBufferOptions<object>> change) in kinds)
        {
            foreach (bool isConcurrent in new[] { false, true })
            {
                Compare(name, isConcurrent, change, 1, out _);
                bool fits = false;
                string line = "";
                for (int i = 0; i < Repeats && !fits; i++)
                {
                    fits = Compare(name, isConcurrent, change, EmptyRings, out line);
                }

                Console.WriteLine(line);
                holds &= fits;
            }
        }

        foreach ((string name, Func<int, object> make) in SizingTruth.Values)
        {
            Fill(100_000, name, make, prints: false);
            holds &= Fill(megabytes * 1_000_000L, name, make, prints: true);
        }

        return holds ? 0 : 1;
    }

    private static IDisposable Create(bool isConcurrent, Action<RingBufferOptions<object>> change, out Func<long> bytes)
    {
        var options = new RingBufferOptions<object> { MaxBytes = 100_000_000 };
        change(options);
        if (isConcurrent)
        {
            var shared = new ConcurrentRingBuffer<object>(options);
            bytes = () => shared.Bytes;
            return shared;
        }

        var ring = new RingBuffer<object>(options);
        bytes = () => ring.Bytes;
        return ring;
    }

    private static bool Compare(string name, bool isConcurrent, Action<RingBufferOptions<object>> change, int count, out string line)
    {
        var rings = new IDisposable[count];
        long before = Heap.Bytes();
        for (int i = 0; i < count; i++)
        {
            rings[i] = Create(isConcurrent, change, out _);
        }

        long retained = (Heap.Bytes() - before) / count;
        using IDisposable one = Create(isConcurrent, change, out Func<long> bytes);
        line = string.Create(CultureInfo.InvariantCulture, $"empty;{name};{isConcurrent};{bytes()};{retained}");
        foreach (IDisposable ring in rings)
        {
            ring.Dispose();
        }

        return retained <= bytes();
    }

    private static bool Fill(long bound, string name, Func<int, object> make, bool prints)
    {
        long before = Heap.Bytes();
        var ring = new RingBuffer<object>(new() { MaxBytes = bound });
        for (int i = 0; ring.Statistics.Evicted < (Turnovers - 1) * Math.Max(10, (long)ring.Count); i++)
        {
            ring.Add(make(i));
        }

        long retained = Heap.Bytes() - before;
        RingStatistics s = ring.Statistics;
        if (prints)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"heap;{name};{bound};{retained};{s.Bytes};{s.Added};{s.Count}"));
        }

        ring.Dispose();
        return retained <= bound + Tolerance;
    }

    private sealed class Nowhere : IItemArchive<object>
    {
        public ValueTask<ArchiveResult> WriteAsync(ReadOnlyMemory<object> items, CancellationToken cancellationToken) => new(new ArchiveResult(items.Length));

        public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
