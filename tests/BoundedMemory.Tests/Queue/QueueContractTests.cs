using BoundedMemory.Tests.Contracts;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class QueueContractTests : QueueContract
{
    private protected override void Configure(DropOldestQueueOptions<NumberedItem> options) => options.MaxAge = TimeSpan.FromSeconds(30);
}

public class ConflatingQueueContractTests : QueueContract
{
    private protected override void Configure(DropOldestQueueOptions<NumberedItem> options) =>
        (options.MaxAge, options.ConflateBy) = (TimeSpan.FromSeconds(30), Conflation.By((NumberedItem item) => item.Key));
}

public sealed class NumberedItem(int number, int size) : IDisposable
{
    private int _disposed;

    public int Key { get; } = number;

    public byte[] Bytes { get; } = new byte[size];

    public void Dispose() => Assert.Equal(0, Interlocked.Exchange(ref _disposed, 1));
}

/// <summary>The laws over a queue bounded by count and bytes.</summary>
public abstract class QueueContract : BoundContract
{
    private protected abstract void Configure(DropOldestQueueOptions<NumberedItem> options);

    private protected override IBoundedSubject Create(MemoryBudget budget, ManualTimeProvider clock, long maxBytes, long maxCount)
    {
        var options = new DropOldestQueueOptions<NumberedItem>
        {
            Name = "contract",
            Budget = budget,
            MaxBytes = maxBytes,
            MaxCount = maxCount,
            TimeProvider = clock,
            DisposeItems = true,
        };
        Configure(options);
        return new Subject(options);
    }

    private sealed class Subject(DropOldestQueueOptions<NumberedItem> options) : IBoundedSubject
    {
        private readonly DropOldestQueue<NumberedItem> _queue = new(options);

        public long Bytes => _queue.Bytes;

        public long Count => _queue.Count;

        public long MaxBytes => _queue.MaxBytes!.Value;

        public long MaxCount => _queue.MaxCount!.Value;

        public (long In, long Out) Flow
        {
            get
            {
                QueueStatistics s = _queue.Statistics;
                return (s.Enqueued, s.Dequeued + s.Dropped);
            }
        }

        public bool Add(int number, int size) => _queue.Enqueue(new NumberedItem(number, size)).IsAdded;

        public void Use(int number)
        {
            switch (number % 32)
            {
                case 0:
                    _queue.TryPeek(out _);
                    break;
                case 1:
                    _queue.Snapshot();
                    break;
                case 2:
                    _queue.DequeueBatch(new NumberedItem[1]);
                    break;
                case > 23:
                    _queue.Enqueue(new NumberedItem(number, number), out _);
                    break;
            }
        }

        public void Remove(int number) => _queue.TryDequeue(out _);

        public long Trim(long bytes) => _queue.Trim(bytes);

        public bool TryResize(long maxBytes, long maxCount) => _queue.TryResize(maxBytes, maxCount);

        public void Verify()
        {
            _queue.TryPeek(out _); // stale items leave now, but for those behind one that was replaced in its place
            QueueStatistics s = _queue.Verify();
            Sizer<NumberedItem> sizer = ObjectSizer.For<NumberedItem>();
            NumberedItem[] items = _queue.Snapshot();
            long bytes = items.Sum(item => sizer.Measure(item).Bytes);
            Assert.True(items.Length == s.Count ? bytes == s.Bytes - s.OverheadBytes : bytes < s.Bytes - s.OverheadBytes);
        }

        public void Dispose() => _queue.Dispose();
    }
}
