using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class QueueBasicsTests
{
    public static TheoryData<QueueKind> Kinds => [.. Enum.GetValues<QueueKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Enqueue_Full_DropsTheOldestAndSaysSo(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(3);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(new EnqueueResult(AddResult.Added, 0, 0), queue.Enqueue(i));
        }

        Assert.Equal(new EnqueueResult(AddResult.Added, 1, 0), queue.Enqueue(3));
        Assert.Equal(1, queue.Enqueue(4, out int dropped).Dropped);

        Assert.Equal(1, dropped);
        Assert.Equal([2, 3, 4], queue.Snapshot());
        Assert.Equal((3, 3L), (queue.Count, queue.MaxCount));
        QueueStatistics s = queue.Verify();
        Assert.Equal((5, 2, 3), (s.Enqueued, s.Evicted, s.Count));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void TryDequeue_ManyLaps_IsFirstInFirstOut(QueueKind kind)
    {
        foreach (int capacity in new[] { 1, 2, 3, 7, 8, 100 })
        {
            using DropOldestQueue<int> queue = kind.Create<int>(capacity);
            int next = 0;
            for (int i = 0; i < 1000; i++)
            {
                queue.Enqueue(i);
                if (i % 3 == 0)
                {
                    Assert.True(queue.TryPeek(out int peeked));
                    Assert.True(queue.TryDequeue(out int item));
                    Assert.Equal(peeked, item);
                    Assert.InRange(item, next, i);
                    next = item + 1;
                }
            }

            Assert.Equal(Enumerable.Range(1000 - (int)queue.Count, (int)queue.Count), queue.Snapshot());
            queue.Verify();
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Empty_NothingToGet(QueueKind kind)
    {
        using DropOldestQueue<string> queue = kind.Create<string>(2);
        Assert.False(queue.TryDequeue(out string? item));
        Assert.Null(item);
        Assert.False(queue.TryPeek(out _));
        Assert.Equal(0, queue.DequeueBatch(new string[2]));
        Assert.Empty(queue.Snapshot());
        Assert.Equal(0, queue.Clear());
        Assert.Equal(0, queue.Trim(0));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void DequeueBatch_SomeThere_TakesAsManyAsFitInOrder(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(5);
        for (int i = 0; i < 9; i++)
        {
            queue.Enqueue(i);
        }

        int[] items = new int[3];
        Assert.Equal(3, queue.DequeueBatch(items));
        Assert.Equal([4, 5, 6], items);
        Assert.Equal(2, queue.DequeueBatch(items));
        Assert.Equal([7, 8, 6], items);
        Assert.Equal(0, queue.DequeueBatch([]));
        Assert.Equal(5, queue.Verify().Dequeued);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Clear_Items_LeaveWithTheirCause(QueueKind kind)
    {
        var log = new Log<DroppedItem<int>>();
        using DropOldestQueue<int> queue = kind.Create<int>(500, o => o.Dropped = log.Add);
        for (int i = 0; i < 300; i++)
        {
            queue.Enqueue(i);
        }

        Assert.Equal(300, queue.Clear());
        Assert.Equal(Enumerable.Range(0, 300), log.Items.Select(d => d.Item));
        Assert.All(log.Items, d => Assert.Equal(RemovalCause.Cleared, d.Cause));
        Assert.Equal((300, 0), (queue.Verify().Cleared, queue.Count));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Trim_Bytes_DropsTheOldestUntilTheyAreFree(QueueKind kind)
    {
        var log = new Log<DroppedItem<long[]>>();
        using DropOldestQueue<long[]> queue = kind.Create<long[]>(100, o => o.Dropped = log.Add);
        for (int i = 0; i < 100; i++)
        {
            queue.Enqueue([i]);
        }

        long bytes = queue.Bytes;
        long wanted = kind == QueueKind.CountAndBytes ? 10 * 32 : 10 * 8;
        long freed = queue.Trim(wanted);

        Assert.True(freed >= wanted);
        Assert.Equal(bytes - queue.Bytes, kind == QueueKind.CountAndBytes ? freed : 0);
        Assert.Equal(Enumerable.Range(0, 10), log.Items.Select(d => (int)d.Item[0]));
        Assert.All(log.Items, d => Assert.Equal(RemovalCause.Trimmed, d.Cause));
        Assert.Equal((90, 10), (queue.Count, queue.Verify().Trimmed));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Trim_AsManyBytesAsThereCanBe_LeavesNothing(QueueKind kind)
    {
        using DropOldestQueue<long[]> queue = kind.Create<long[]>(5);
        queue.Enqueue([1]);
        queue.Enqueue([2]);
        Assert.True(queue.Trim(long.MaxValue) > 0);
        Assert.Equal((0, 2), (queue.Count, queue.Verify().Trimmed));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Items_ThatHaveLeft_AreNotHeld(QueueKind kind)
    {
        using DropOldestQueue<object> queue = kind.Create<object>(4);
        List<WeakReference> gone = Use(queue);

        GC.Collect();
        Assert.All(gone, item => Assert.False(item.IsAlive));
        Assert.Equal(0, queue.Count);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static List<WeakReference> Use(DropOldestQueue<object> queue)
        {
            var all = new List<WeakReference>();
            void Add()
            {
                object item = new();
                all.Add(new WeakReference(item));
                queue.Enqueue(item);
            }

            for (int i = 0; i < 10; i++)
            {
                Add();
            }

            queue.TryDequeue(out _);
            queue.DequeueBatch(new object[2]);
            Add();
            queue.Trim(1);
            Add();
            queue.Clear();
            return all;
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Dispose_WithItems_DropsThemOnceAndThenThrows(QueueKind kind)
    {
        var log = new Log<DroppedItem<Tracked>>();
        DropOldestQueue<Tracked> queue = kind.Create<Tracked>(4, o => (o.Dropped, o.DisposeItems) = (log.Add, true));
        var item = new Tracked(1);
        queue.Enqueue(item);

        queue.Dispose();
        queue.Dispose();

        Assert.Equal([(item, RemovalCause.Disposed)], log.Items.Select(d => (d.Item, d.Cause)));
        Assert.Equal(1, item.Disposals);
        Assert.True(queue.Completion.IsCompletedSuccessfully);
        Assert.Equal((1, 0), (queue.Verify().Disposed, queue.Bytes));
        Assert.Throws<ObjectDisposedException>(() => queue.Enqueue(item));
        Assert.Throws<ObjectDisposedException>(() => queue.Enqueue(item, out _));
        Assert.Throws<ObjectDisposedException>(() => queue.TryDequeue(out _));
        Assert.Throws<ObjectDisposedException>(() => queue.TryPeek(out _));
        Assert.Throws<ObjectDisposedException>(() => queue.DequeueBatch(new Tracked[1]));
        Assert.Throws<ObjectDisposedException>(() => queue.Snapshot());
        Assert.Throws<ObjectDisposedException>(() => queue.Clear());
        Assert.Throws<ObjectDisposedException>(() => queue.Trim(1));
        Assert.Throws<ObjectDisposedException>(() => queue.TryResize(maxCount: 1));
        Assert.Throws<ObjectDisposedException>(() => queue.Complete());
        Assert.Equal(0, ((IMemoryReclaimer)queue).Reclaim(1));
    }

    [Fact]
    public void TryResize_WithoutALock_OnlyToWhatItIs()
    {
        using DropOldestQueue<int> queue = QueueKind.Count.Create<int>(3);
        Assert.False(queue.TryResize(maxCount: 4));
        Assert.True(queue.TryResize(maxCount: 3));
        Assert.Throws<InvalidOperationException>(() => queue.TryResize(maxBytes: 10_000));
        Assert.Throws<ArgumentOutOfRangeException>("maxCount", () => queue.TryResize(maxCount: 0));
        Assert.Throws<ArgumentOutOfRangeException>("maxBytes", () => queue.TryResize(maxBytes: 4095));
    }
}
