using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Ring;

public class RingBufferTests
{
    [Fact]
    public void Indexer_WrappedAround_GoesFromOldestToNewestAndNotBeyond()
    {
        using RingBuffer<int> ring = Filled(10, 3);
        Assert.Equal([8, 9, 10], [ring[0], ring[1], ring[2]]);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => ring[3]).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => ring[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => ring[int.MinValue]);
    }

    [Fact]
    public void Peek_EmptyAndNot_TellsWhetherThereIsOne()
    {
        using RingBuffer<int> ring = Filled(0, 3);
        Assert.False(ring.TryPeekOldest(out _));
        Assert.False(ring.TryPeekNewest(out _));
        ring.AddRange([1, 2, 3, 4]);
        Assert.True(ring.TryPeekOldest(out int oldest));
        Assert.True(ring.TryPeekNewest(out int newest));
        Assert.Equal((2, 4), (oldest, newest));
    }

    [Fact]
    public void Segments_Always_AreTheItemsInTheirOrder()
    {
        using var ring = new RingBuffer<int>(new() { MaxCount = 7 });
        for (int i = 0; i < 30; i++)
        {
            ring.Add(i);
            ring.GetSegments(out ReadOnlySpan<int> older, out ReadOnlySpan<int> newer);
            Assert.Equal(Enumerable.Range(Math.Max(0, i - 6), Math.Min(7, i + 1)), [.. older, .. newer]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(100)]
    public void MaxCount_NotAPowerOfTwo_IsExact(int maxCount)
    {
        using RingBuffer<int> ring = Filled(1000, maxCount);
        Assert.Equal(Enumerable.Range(1001 - maxCount, maxCount), ring.Snapshot());
        Assert.Equal(1000 - maxCount, ring.Statistics.Evicted);
    }

    [Fact]
    public void Enumeration_RingChanged_Throws()
    {
        using RingBuffer<int> ring = Filled(5, 3);
        Assert.Equal([3, 4, 5], ring);
        foreach (Action change in new Action[] { () => ring.Add(6), () => ring.Trim(1), ring.Clear })
        {
            ring.AddRange([1, 2, 3]);
            using RingBuffer<int>.Enumerator items = ring.GetEnumerator();
            Assert.True(items.MoveNext());
            change();
            Assert.Throws<InvalidOperationException>(() => items.MoveNext());
        }
    }

    [Fact]
    public void Add_FullRing_AllocatesNothing()
    {
        using RingBuffer<string> counted = Full(new RingBufferOptions<string> { MaxCount = 100 });
        using RingBuffer<string> told = Full(new RingBufferOptions<string> { MaxCount = 100, Evicted = (_, _) => { } });
        using RingBuffer<string> measured = Full(new RingBufferOptions<string> { MaxBytes = 10_000, Evicted = (_, _) => { } });
        using var shared = new ConcurrentRingBuffer<string>(new() { MaxCount = 100, MaxBytes = 10_000 });
        string[] items = ["one", "two", "three, which is longer"];
        string[] destination = new string[50];
        foreach (Func<string, AddResult> add in new Func<string, AddResult>[] { counted.Add, told.Add, measured.Add, shared.Add })
        {
            Assert.Equal(0, Allocations.Of(() =>
            {
                for (int i = 0; i < 1000; i++)
                {
                    add(items[i % 3]);
                }
            }));
        }

        int copied = 0;
        Assert.Equal(0, Allocations.Of(() => copied = shared.CopyNewestTo(destination) + (0 * counted.AddRange(items))));
        Assert.Equal(50, copied);

        static RingBuffer<string> Full(RingBufferOptions<string> options)
        {
            var ring = new RingBuffer<string>(options);
            for (int i = 0; i < 1000; i++)
            {
                ring.Add("some text");
            }

            return ring;
        }
    }

    [Theory]
    [InlineData("overwritten")]
    [InlineData("overwritten by a range")]
    [InlineData("dropped for bytes")]
    [InlineData("trimmed")]
    [InlineData("cleared")]
    [InlineData("resized")]
    [InlineData("disposed")]
    [InlineData("told")]
    [InlineData("cleared, many")]
    public void ItemsThatLeft_AreNotKeptAlive(string how)
    {
        var options = new RingBufferOptions<byte[]> { MaxCount = 500 };
        if (how == "dropped for bytes")
        {
            (options.MaxCount, options.MaxBytes) = (null, 60_000);
        }

        if (how.StartsWith("told", StringComparison.Ordinal) || how.EndsWith("many", StringComparison.Ordinal))
        {
            options.Evicted = (_, _) => { };
        }

        var ring = new RingBuffer<byte[]>(options);
        WeakReference[] items = Fill(ring, how.EndsWith("many", StringComparison.Ordinal) ? 500 : 20);
        switch (how)
        {
            case "overwritten" or "told":
                Fill(ring, 500);
                break;
            case "overwritten by a range":
                ring.AddRange(new byte[600][]);
                break;
            case "dropped for bytes":
                Fill(ring, 100);
                Assert.True(ring.Statistics.Evicted >= 20);
                break;
            case "trimmed":
                ring.Trim(8 * 20);
                break;
            case "resized":
                ring.TryResize(maxCount: 1);
                ring.Add([]);
                break;
            case "disposed":
                ring.Dispose();
                break;
            default:
                ring.Clear();
                break;
        }

        GC.Collect();
        Assert.DoesNotContain(items, item => item.IsAlive);
        GC.KeepAlive(ring);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference[] Fill(RingBuffer<byte[]> ring, int count)
        {
            var items = new WeakReference[count];
            for (int i = 0; i < count; i++)
            {
                byte[] item = new byte[1000];
                items[i] = new WeakReference(item);
                ring.Add(item);
            }

            return items;
        }
    }

    [Fact]
    public void Evicted_OneLargeItem_IsToldAllThatMadeRoomAtOnce()
    {
        var batches = new List<(int Count, RemovalCause Cause)>();
        using var ring = new RingBuffer<byte[]>(new() { MaxBytes = 20_000, Evicted = (items, cause) => batches.Add((items.Length, cause)) });
        for (int i = 0; i < 50; i++)
        {
            ring.Add(new byte[100]);
        }

        ring.Add(new byte[15_000]);
        (int count, RemovalCause cause) = Assert.Single(batches);
        Assert.Equal(RemovalCause.Evicted, cause);
        Assert.Equal(ring.Statistics.Evicted, count);
        Assert.InRange(count, 2, 50);
    }

    [Fact]
    public void Evicted_ThatUsesTheRing_SeesItWithoutTheItemAndMayChangeIt()
    {
        RingBuffer<int> ring = null!;
        var seen = new List<int>();
        using (ring = new RingBuffer<int>(new()
        {
            MaxCount = 2,
            Evicted = (items, _) =>
            {
                seen.AddRange(items);
                if (items[0] == 1)
                {
                    ring.Add(100);
                }
            },
        }))
        {
            ring.AddRange([1, 2, 3]);
            Assert.Equal([3, 100], ring);
            Assert.Equal([1, 2], seen);
        }
    }

    [Fact]
    public void Callbacks_ThatThrow_AreCountedAndTheRestIsDone()
    {
        var items = new List<Tracked>();
        using var ring = new RingBuffer<Tracked>(new() { MaxCount = 2, DisposeItems = true, Evicted = (_, _) => throw new InvalidOperationException() });
        for (int i = 0; i < 5; i++)
        {
            items.Add(new Tracked(i));
            ring.Add(items[i]);
        }

        Assert.Equal(3, ring.Statistics.CallbackFailures);
        Assert.Equal([1, 1, 1, 0, 0], items.Select(item => item.Disposals));
        ring.Dispose();
        Assert.All(items, item => Assert.Equal(1, item.Disposals));
    }

    [Fact]
    public void Bytes_ManySmallItemsThenALargeOne_TheArrayMakesRoomToo()
    {
        using var ring = new RingBuffer<object?>(new() { MaxBytes = 100_000 });
        for (int i = 0; i < 10_000; i++)
        {
            ring.Add(null);
        }

        Assert.True(ring.Statistics.OverheadBytes > 50_000);
        Assert.Equal(AddResult.Added, ring.Add(new byte[90_000]));
        Assert.InRange(ring.Bytes, 90_000, 100_000);
        Assert.Equal(ring.Statistics.Added - ring.Count, ring.Statistics.Evicted);
    }

    [Fact]
    public void Trim_ItemsThatAreNothingButTheirSlots_ShortensTheArrayAndDropsNoMoreThanThat()
    {
        using var ring = new RingBuffer<long>(new() { MaxBytes = 1_000_000 });
        for (int i = 0; i < 10_000; i++)
        {
            ring.Add(i);
        }

        // There is room for 16,384: the slots that are not used go first.
        long before = ring.Bytes;
        Assert.Equal((0L, before), (ring.Trim(0), ring.Bytes));
        Assert.InRange(ring.Trim(50_000), 50_000, 80_000);
        Assert.Equal((10_000, 9999L), (ring.Count, ring[9999]));
        Assert.InRange(ring.Trim(12_000), 12_000, 12_020);
        Assert.InRange(ring.Count, 8998, 9000);
        Assert.Equal(9999, ring[ring.Count - 1]);
    }

    [Fact]
    public void Bytes_OfAnEmptyRing_ComeBackAfterItWasFull()
    {
        using var ring = new RingBuffer<string>(new() { MaxBytes = 1_000_000 });
        long empty = ring.Bytes;
        for (int i = 0; i < 20_000; i++)
        {
            ring.Add("a text of some length");
        }

        ring.Clear();
        Assert.Equal(empty, ring.Bytes);
    }

    [Fact]
    public void Add_BudgetExhaustedByOthers_IsRefusedAndNothingLeaves()
    {
        using var budget = new MemoryBudget(100_000, "all");
        using var ring = new RingBuffer<byte[]>(new() { Budget = budget });
        ring.Add(new byte[10_000]);
        using MemoryReservation others = budget.Reserve(80_000);
        Assert.Equal(AddResult.OverBudget, ring.Add(new byte[50_000]));
        Assert.Equal((1, 1L, 0L), (ring.Count, ring.Statistics.RejectedOverBudget, ring.Statistics.Evicted));
        Assert.Equal(AddResult.Added, ring.Add(new byte[12_000]));
        Assert.Equal(12_000, Assert.Single(ring).Length);
    }

    [Fact]
    public void Add_CannotBeMeasured_IsRefused()
    {
        var sizer = ObjectSizer.For<object[]>(new SizerOptions { MaxObjects = 3 });
        using var ring = new RingBuffer<object[]>(new() { MaxBytes = 100_000, ItemSizer = sizer });
        Assert.Equal(AddResult.SizeUnknown, ring.Add([new(), new(), new(), new(), new()]));
        Assert.Equal((0, 1L), (ring.Count, ring.Statistics.RejectedSizeUnknown));
    }

    [Fact]
    public void Reclaim_OfARingOfOneThread_IsGivenWithTheNextItem()
    {
        using var ring = new RingBuffer<byte[]>(new() { MaxBytes = 100_000 });
        for (int i = 0; i < 50; i++)
        {
            ring.Add(new byte[1000]);
        }

        IMemoryReclaimer reclaimer = ring;
        Assert.Equal(ring.Bytes, reclaimer.UsedBytes);
        Assert.Equal((50 * HeapLayout.ArrayBytes<byte>(1000)) + (48 * 12), reclaimer.ReclaimableBytes);
        Assert.Equal(0, reclaimer.Reclaim(20_000));
        Assert.Equal(50, ring.Count);
        ring.Add([]);
        Assert.Equal((31, 20L), (ring.Count, ring.Statistics.Trimmed));
        using var shared = new ConcurrentRingBuffer<byte[]>(new() { MaxBytes = 100_000 });
        shared.Add(new byte[1000]);
        Assert.Equal(HeapLayout.ArrayBytes<byte>(1000), ((IMemoryReclaimer)shared).Reclaim(1));
    }

    [Fact]
    public void Disposed_EverythingElse_Throws()
    {
        var ring = new RingBuffer<int>(new() { MaxCount = 3 });
        ring.AddRange([1, 2, 3, 4]);
        ring.Dispose();
        ring.Dispose();
        Assert.Equal((4L, 1L, 3L, 0), (ring.Statistics.Added, ring.Statistics.Evicted, ring.Statistics.Disposed, ring.Count));
        Action[] uses =
        [
            () => ring.Add(1), () => ring.AddRange([1]), () => ring.Clear(), () => ring.Trim(1), () => ring.TryResize(maxCount: 5), () => ring.Snapshot(),
            () => ring.Newest(1), () => ring.TryPeekOldest(out _), () => ring.TryPeekNewest(out _), () => _ = ring[0], () => ring.GetEnumerator(),
            () => ring.GetSegments(out _, out _), () => ring.CopyNewestTo(new int[1]),
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));
    }

    [Fact]
    public void Options_Illegal_AreNamedWithValueAndRange()
    {
        (RingBufferOptions<int> Options, string Option)[] illegal =
        [
            (new(), "MaxCount"), (new() { MaxCount = 0 }, "MaxCount"), (new() { MaxBytes = 8191 }, "MaxBytes"), (new() { MaxCount = 1, Name = "a/b" }, "Name"),
            (new() { MaxCount = 1, ArchiveAbove = 0 }, "ArchiveAbove"), (new() { MaxCount = 1, KeepInMemory = 501 }, "KeepInMemory"),
            (new() { MaxCount = 500, Archive = new RecordingArchive<int>() }, "ArchiveAbove"), (new() { MaxCount = 1, ArchiveRetryDelay = TimeSpan.Zero }, "ArchiveRetryDelay"),
            (new() { MaxCount = 1, TimeProvider = null! }, "TimeProvider"),
        ];
        foreach ((RingBufferOptions<int> options, string option) in illegal)
        {
            Assert.Equal(option, Assert.ThrowsAny<ArgumentException>(() => new RingBuffer<int>(options)).ParamName);
            Assert.Equal(option, Assert.ThrowsAny<ArgumentException>(() => new ConcurrentRingBuffer<int>(options)).ParamName);
        }

        Assert.StartsWith("MaxBytes must be from 8192 to 9223372036854775807; it is 10.", Assert.Throws<ArgumentOutOfRangeException>(() => new RingBuffer<int>(new() { MaxBytes = 10 })).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Filled(1, 1).TryResize(maxBytes: 10_000));
        Assert.Throws<InvalidOperationException>(() => Filled(1, 1).Spill());
        Assert.Throws<MemoryBudgetExceededException>(() => new RingBuffer<int>(new() { Budget = new MemoryBudget(100) }));
    }

    private static RingBuffer<int> Filled(int items, int maxCount)
    {
        var ring = new RingBuffer<int>(new() { MaxCount = maxCount });
        for (int i = 1; i <= items; i++)
        {
            ring.Add(i);
        }

        return ring;
    }
}
