using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Queue;

public class QueuePropertyTests
{
    public enum Act
    {
        Enqueue,
        Dequeue,
        Batch,
        Peek,
        Trim,
        Clear,
        Pass,
        Resize,
    }

    private static readonly Gen<(Act Act, int Key, int Size)> Steps =
        from act in Gen.Frequency(
            (14, Gen.Constant(Act.Enqueue)), (5, Gen.Constant(Act.Dequeue)), (1, Gen.Constant(Act.Batch)), (1, Gen.Constant(Act.Peek)),
            (1, Gen.Constant(Act.Trim)), (1, Gen.Constant(Act.Clear)), (3, Gen.Constant(Act.Pass)), (1, Gen.Constant(Act.Resize)))
        from key in Gen.Choose(0, 12)
        from size in Gen.Frequency((8, Gen.Choose(0, 200)), (1, Gen.Choose(0, 12_000)))
        select (act, key, size);

    [Theory]
    [InlineData(true, false, false, false)]
    [InlineData(false, false, false, false)]
    [InlineData(false, true, false, false)]
    [InlineData(false, false, true, false)]
    [InlineData(false, false, false, true)]
    [InlineData(false, true, true, false)]
    [InlineData(false, true, false, true)]
    [InlineData(false, true, true, true)]
    public void RandomHistory_IsTheNaiveQueueToTheLastItem(bool isLockFree, bool countsBytes, bool conflates, bool expires) => Check(history =>
    {
        var clock = new ManualTimeProvider();
        var left = new List<(int Id, RemovalCause Cause)>();
        var options = new DropOldestQueueOptions<Item>
        {
            MaxCount = isLockFree ? 7 : 12,
            MaxBytes = countsBytes ? 8000 : null,
            MaxAge = expires || !(isLockFree || countsBytes || conflates) ? TimeSpan.FromSeconds(expires ? 5 : 1_000_000) : null,
            ConflateBy = conflates ? Conflation.By((Item item) => item.Key) : null,
            TimeProvider = clock,
            Dropped = d => left.Add((d.Item.Id, d.Cause)),
        };
        using var queue = new DropOldestQueue<Item>(options);
        var model = new NaiveQueue(options, clock);
        int id = 0;
        foreach ((Act act, int key, int size) in history)
        {
            switch (act)
            {
                case Act.Enqueue:
                    var item = new Item(id++, key, new byte[size]);
                    int before = left.Count;
                    EnqueueResult result = queue.Enqueue(item);
                    model.Enqueue(item, result, queue.Statistics.OverheadBytes, left[before..]);
                    break;
                case Act.Dequeue:
                    Assert.Equal(model.TryDequeue(out Item? expected), queue.TryDequeue(out Item? actual));
                    Assert.Same(expected, actual);
                    break;
                case Act.Batch:
                    var batch = new Item[3];
                    int count = queue.DequeueBatch(batch);
                    for (int i = 0; i < count; i++)
                    {
                        Assert.True(model.TryDequeue(out expected));
                        Assert.Same(expected, batch[i]);
                    }

                    Assert.True(count == 3 || !model.TryDequeue(out _));
                    break;
                case Act.Peek:
                    Assert.Equal(model.TryPeek(out expected), queue.TryPeek(out actual));
                    Assert.Same(expected, actual);
                    break;
                case Act.Trim:
                    int there = model.Count;
                    before = left.Count;
                    long freed = queue.Trim(size);
                    Assert.True(freed >= size || queue.Count == 0);
                    model.Leave(left.Count - before, RemovalCause.Trimmed);
                    break;
                case Act.Clear:
                    Assert.Equal(model.Count, queue.Clear());
                    model.Leave(model.Count, RemovalCause.Cleared);
                    break;
                case Act.Pass:
                    clock.Advance(TimeSpan.FromSeconds(key % 3));
                    break;
                case Act.Resize when !isLockFree:
                    before = left.Count;
                    model.MaxCount = key + 1;
                    Assert.True(queue.TryResize(maxCount: key + 1));
                    model.Leave(left.Count - before, RemovalCause.Trimmed);
                    Assert.True(model.Count <= key + 1);
                    break;
            }

            Assert.Equal(model.Left, left);
            Assert.Equal(model.Count, queue.Count);
            Assert.Equal(model.Fresh, queue.Snapshot());
            QueueStatistics s = queue.Verify();
            Assert.Equal((model.Enqueued, model.Dequeued, model.Count), (s.Enqueued, s.Dequeued, s.Count));
            if (countsBytes)
            {
                Assert.InRange(queue.Bytes, 0, 8000);
                Assert.Equal(model.Bytes, queue.Bytes - s.OverheadBytes);
            }
        }
    });

    private static void Check(Action<(Act Act, int Key, int Size)[]> property) =>
        Prop.ForAll(Steps.ArrayOf().ToArbitrary(), property).Check(Stress.Config(endSize: 120, cases: 150));

    private sealed record Item(int Id, int Key, byte[] Payload);

    /// <summary>A list, searched from end to end.</summary>
    private sealed class NaiveQueue(DropOldestQueueOptions<Item> options, ManualTimeProvider clock)
    {
        private static readonly Sizer<Item> Sizer = ObjectSizer.For<Item>();

        private readonly List<(Item Item, DateTimeOffset Deadline)> _items = [];

        public List<(int Id, RemovalCause Cause)> Left { get; } = [];

        public long Enqueued { get; private set; }

        public long Dequeued { get; private set; }

        public int Count => _items.Count;

        public long MaxCount { get; set; } = options.MaxCount!.Value;

        public long Bytes => _items.Sum(i => Sizer.Measure(i.Item).Bytes);

        public IEnumerable<Item> Fresh => _items.Where(i => !IsStale(i)).Select(i => i.Item);

        public void Enqueue(Item item, EnqueueResult result, long overhead, List<(int Id, RemovalCause Cause)> left)
        {
            long bytes = Sizer.Measure(item).Bytes;
            if (!result.IsAdded)
            {
                Assert.Equal(AddResult.TooLarge, result.Result);
                Assert.True(options.MaxBytes is { } max && bytes > max - overhead, $"{bytes} bytes refused");
                return;
            }

            int before = Left.Count;
            Enqueued++;
            DropStale();
            int at = options.ConflateBy is null ? -1 : _items.FindIndex(i => i.Item.Key == item.Key);
            bool replaces = at >= 0;
            if (replaces)
            {
                Left.Add((_items[at].Item.Id, RemovalCause.Replaced));
            }

            // How many must leave for bytes depends on the slots that there are; whoever leaves is the oldest, and no more leave than have to.
            int leave = left.Skip(Left.Count - before).TakeWhile(l => l.Cause == RemovalCause.Evicted).Count();
            Assert.True(leave == 0 || options.MaxBytes is not null || (_items.Count == MaxCount && leave == 1 && !replaces));
            Assert.True(replaces || _items.Count - leave < MaxCount);
            for (; leave > 0; leave--, at--)
            {
                if (at == 0)
                {
                    // The oldest was the one that is replaced: its place is lost.
                    _items.RemoveAt(0);
                    (at, replaces) = (-1, false);
                }

                Left.Add((_items[0].Item.Id, RemovalCause.Evicted));
                _items.RemoveAt(0);
            }

            (Item, DateTimeOffset) entry = (item, clock.GetUtcNow() + (options.MaxAge ?? TimeSpan.FromDays(1000)));
            if (replaces)
            {
                _items[at] = entry;
            }
            else
            {
                _items.Add(entry);
            }

            Assert.Equal(Left.Count - before, result.Dropped);
        }

        public bool TryDequeue(out Item? item)
        {
            bool isThere = TryPeek(out item);
            if (isThere)
            {
                _items.RemoveAt(0);
                Dequeued++;
            }

            return isThere;
        }

        public bool TryPeek(out Item? item)
        {
            DropStale();
            item = _items.Count == 0 ? null : _items[0].Item;
            return item is not null;
        }

        public void Leave(int count, RemovalCause cause)
        {
            Left.AddRange(_items.Take(count).Select(i => (i.Item.Id, cause)));
            _items.RemoveRange(0, count);
        }

        private void DropStale()
        {
            while (_items.Count > 0 && IsStale(_items[0]))
            {
                Leave(1, RemovalCause.Expired);
            }
        }

        private bool IsStale((Item Item, DateTimeOffset Deadline) entry) => clock.GetUtcNow() >= entry.Deadline;
    }
}
