using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class QueueCallbackTests
{
    public static TheoryData<QueueKind> Kinds => QueueBasicsTests.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public void Dropped_Throwing_IsCountedAndTheItemDisposed(QueueKind kind)
    {
        using DropOldestQueue<Tracked> queue = kind.Create<Tracked>(1, o => (o.Dropped, o.DisposeItems) = (_ => throw new InvalidOperationException(), true));
        var first = new Tracked(1);
        queue.Enqueue(first);
        Assert.Equal(1, queue.Enqueue(new Tracked(2)).Dropped);
        Assert.Equal((1, 1), (first.Disposals, queue.Verify().CallbackFailures));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Dropped_UsingTheQueue_IsUnderNoLock(QueueKind kind)
    {
        DropOldestQueue<int>? queue = null;
        var seen = new Log<long>();
        queue = kind.Create<int>(2, o => o.Dropped = d =>
        {
            // Another thread could not, while this one held a lock.
            seen.Add(Patience.OnThread(() => queue!.TryDequeue(out int item) ? item : -1).GetAwaiter().GetResult());
        });
        using (queue)
        {
            queue.Enqueue(1);
            queue.Enqueue(2);
            queue.Enqueue(3);
            Assert.Equal([2], seen.Items);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void DisposeItems_OnlyWhatIsDropped_AndNotWhatIsHandedOut(QueueKind kind)
    {
        var factory = new TrackedFactory();
        DropOldestQueue<Tracked> queue = kind.Create<Tracked>(2, o => o.DisposeItems = true);
        for (int i = 0; i < 4; i++)
        {
            queue.Enqueue(factory.Make(i));
        }

        queue.Enqueue(factory.Make(4), out Tracked? handedOut);
        Assert.True(queue.TryDequeue(out Tracked? read));
        queue.Dispose();

        Assert.Equal([1, 1, 0, 0, 1], factory.Made.Select(t => t.Disposals));
        Assert.Equal((2, 3), (handedOut!.Id, read!.Id));
    }

    [Fact]
    public void Enqueue_LargeItem_DropsAsManyAsItNeedsWithTheirBytes()
    {
        var log = new Log<DroppedItem<byte[]>>();
        using var queue = new DropOldestQueue<byte[]>(new() { MaxBytes = 10_000, Dropped = log.Add });
        for (int i = 0; i < 6; i++)
        {
            Assert.True(queue.Enqueue(new byte[1000]).IsAdded);
        }

        EnqueueResult result = queue.Enqueue(new byte[4000], out byte[]? first);

        Assert.Equal(log.Items.Count, result.Dropped);
        Assert.Equal(log.Items.Sum(d => d.Bytes), result.DroppedBytes);
        Assert.All(log.Items, d => Assert.Equal((RemovalCause.Evicted, 1024L), (d.Cause, d.Bytes)));
        Assert.InRange(result.Dropped, 3, 4);
        Assert.Same(log.Items[0].Item, first);
        Assert.InRange(queue.Bytes, 1, 10_000);
        queue.Verify();
    }

    [Fact]
    public void Enqueue_Refused_LeavesEverythingAndIsCountedByReason()
    {
        using var budget = new MemoryBudget(100_000);
        using var queue = new DropOldestQueue<byte[]>(new() { MaxBytes = 20_000, Budget = budget });
        queue.Enqueue(new byte[100]);
        long bytes = queue.Bytes;
        Assert.Equal(AddResult.TooLarge, queue.Enqueue(new byte[20_000]).Result);
        Assert.True(budget.TryReserveUnderLock(budget.Limit - budget.Used));
        while (budget.TryReserveUnderLock(8))
        {
        }

        Assert.Equal(AddResult.OverBudget, queue.Enqueue(new byte[15_000]).Result);
        Assert.Equal((1, bytes), (queue.Count, queue.Bytes));

        var failing = new DropOldestQueue<object>(new() { MaxBytes = 20_000, ItemSizer = ObjectSizer.For<object>(new SizerOptions { MaxObjects = 1 }) });
        Assert.Equal(AddResult.SizeUnknown, failing.Enqueue(new object[] { new(), new() }).Result);
        Assert.Equal((1, 1, 1), (queue.Statistics.RejectedTooLarge, queue.Statistics.RejectedOverBudget, failing.Statistics.RejectedSizeUnknown));
        failing.Dispose();
    }

    [Fact]
    public void MaxAge_StaleItems_AreSkippedAndCounted()
    {
        var clock = new ManualTimeProvider();
        var log = new Log<DroppedItem<int>>();
        using var queue = new DropOldestQueue<int>(new() { MaxCount = 1000, MaxAge = TimeSpan.FromSeconds(10), TimeProvider = clock, Dropped = log.Add });
        for (int i = 0; i < 200; i++)
        {
            queue.Enqueue(i);
        }

        clock.Advance(TimeSpan.FromSeconds(9.999));
        queue.Enqueue(200);
        Assert.True(queue.TryPeek(out int oldest));
        Assert.Equal(0, oldest);

        clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal([200], queue.Snapshot());
        Assert.True(queue.TryDequeue(out int item));
        Assert.Equal(200, item);
        Assert.Equal(200, queue.Verify().Expired);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => (i, RemovalCause.Expired)), log.Items.Select(d => (d.Item, d.Cause)));
    }

    [Fact]
    public void ConflateBy_SameKey_TakesThePlaceOfTheOlder()
    {
        var log = new Log<DroppedItem<(string Key, int Value)>>();
        using var queue = new DropOldestQueue<(string Key, int Value)>(new()
        {
            MaxCount = 3,
            ConflateBy = Conflation.By(((string Key, int Value) item) => item.Key, StringComparer.OrdinalIgnoreCase),
            Dropped = log.Add,
        });
        queue.Enqueue(("a", 1));
        queue.Enqueue(("b", 2));
        Assert.Equal(new EnqueueResult(AddResult.Added, 1, 0), queue.Enqueue(("A", 3)));

        Assert.Equal([("A", 3), ("b", 2)], queue.Snapshot());
        Assert.Equal([new DroppedItem<(string Key, int Value)>(("a", 1), RemovalCause.Replaced, 0)], log.Items);
        Assert.Equal(1, queue.Verify().Replaced);
    }

    [Fact]
    public void Slots_AfterALongTimeNearlyEmpty_AreGivenBack()
    {
        using var queue = new DropOldestQueue<int>(new() { MaxBytes = 10_000_000 });
        long empty = queue.Bytes;
        for (int i = 0; i < 10_000; i++)
        {
            queue.Enqueue(i);
        }

        long full = queue.Bytes;
        Assert.InRange(full, 10_000 * 12, 10_000 * 12 * 3);
        for (int i = 0; i < 500_000; i++)
        {
            queue.TryDequeue(out _);
            queue.Enqueue(i);
            queue.TryDequeue(out _);
        }

        Assert.True(queue.Bytes < full / 50, $"{queue.Bytes} of {full}");
        queue.Clear();
        Assert.Equal(empty, queue.Bytes);
    }
}
