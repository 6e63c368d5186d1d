using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Ring;

public class ConcurrentRingBufferTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ManyWriters_MillionItems_SnapshotsAreWholeAndNothingIsLostUncounted(bool hasCallback)
    {
        const int Writers = 4;
        const int PerWriter = 250_000;
        const int MaxCount = 777;
        long told = 0;
        long[] lastTold = [.. Enumerable.Repeat(-1L, Writers)];
        using var ring = new ConcurrentRingBuffer<(int Writer, long Number)>(new()
        {
            MaxCount = MaxCount,
            Evicted = hasCallback ? (items, _) => Interlocked.Add(ref told, items.Length) : null,
        });
        long snapshots = 0;
        Threaded.RunWatched(
            [Watch],
            [.. Enumerable.Range(0, Writers).Select(writer => (Action)(() =>
            {
                for (int i = 0; i < PerWriter; i++)
                {
                    ring.Add((writer, i));
                }
            }))]);

        RingStatistics s = ring.Statistics;
        Assert.Equal((Writers * PerWriter, MaxCount), (s.Added, s.Count));
        Assert.Equal(s.Added, s.Count + s.Evicted);
        Assert.Equal(hasCallback ? s.Evicted : 0, told);
        Assert.True(snapshots > 10);

        void Watch()
        {
            // The newest items of a writer are consecutive: a torn snapshot would have a gap, or an order that never was.
            (int Writer, long Number)[] items = ring.Snapshot();
            Assert.InRange(items.Length, 0, MaxCount);
            foreach (IGrouping<int, (int Writer, long Number)> one in items.GroupBy(item => item.Writer))
            {
                long first = one.First().Number;
                Assert.Equal(Enumerable.Range(0, one.Count()).Select(i => first + i), one.Select(item => item.Number));
            }

            snapshots++;
        }
    }

    [Fact]
    public void Enumeration_RingChanged_IsOfASnapshot()
    {
        using var ring = new ConcurrentRingBuffer<int>(new() { MaxCount = 3 });
        ring.AddRange([1, 2, 3]);
        var seen = new List<int>();
        foreach (int item in ring)
        {
            ring.Add(10 + item);
            seen.Add(item);
        }

        Assert.Equal([1, 2, 3], seen);
        Assert.Equal([11, 12, 13], ring.Snapshot());
    }

    [Fact]
    public void Callbacks_AndSizers_RunUnderNoLock()
    {
        ConcurrentRingBuffer<string> ring = null!;
        int calls = 0;

        // Another thread can use the ring meanwhile.
        void UseElsewhere()
        {
            Patience.OnThread(() => ring?.Snapshot()).Soon().GetAwaiter().GetResult();
            calls++;
        }

        using (ring = new ConcurrentRingBuffer<string>(new()
        {
            MaxBytes = 100_000,
            MaxCount = 1,
            ItemSizer = Sizer.Create<string>(_ =>
            {
                UseElsewhere();
                return 100;
            }),
            Evicted = (_, _) => UseElsewhere(),
        }))
        {
            ring.Add("a");
            ring.Add("b");
            ring.Trim(1);
            ring.Add("c");
            ring.Clear();
        }

        Assert.Equal(6, calls);
    }

    [Fact]
    public void Dispose_WhileOthersAdd_GivesEverythingBackAndRefuses()
    {
        for (int round = 0; round < 50; round++)
        {
            using var budget = new MemoryBudget(1_000_000);
            var ring = new ConcurrentRingBuffer<byte[]>(new() { Budget = budget, MaxCount = 100 });
            Threaded.Run(
                () => Assert.Throws<ObjectDisposedException>(AddForEver),
                () =>
                {
                    Patience.Until(() => ring.Statistics.Added > 150);
                    ring.Dispose();
                });
            Assert.Equal((0L, 0), (budget.Used, ring.Count));

            void AddForEver()
            {
                while (true)
                {
                    ring.Add(new byte[100]);
                }
            }

            RingStatistics s = ring.Statistics;
            Assert.Equal(s.Added, s.Evicted + s.Disposed);
        }
    }
}
