using BoundedMemory.Tests.Contracts;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Ring;

public class ConcurrentRingBufferContractTests : RingContract
{
    private protected override IRing<Item> CreateRing(RingBufferOptions<Item> options) => new ConcurrentRing<Item>(options);
}

/// <summary>One thread at a time uses the ring; what may be read by others, others read.</summary>
public class RingBufferContractTests : RingContract
{
    private protected override IRing<Item> CreateRing(RingBufferOptions<Item> options) => new OneAtATime<Item>(options);
}

/// <summary>The laws over a ring with both bounds, a shared budget, a callback and disposal.</summary>
public abstract class RingContract : BoundContract
{
    private protected abstract IRing<Item> CreateRing(RingBufferOptions<Item> options);

    private protected override IBoundedSubject Create(MemoryBudget budget, ManualTimeProvider clock, long maxBytes, long maxCount)
    {
        long told = 0;
        var options = new RingBufferOptions<Item>
        {
            Name = "contract",
            Budget = budget,
            MaxBytes = maxBytes,
            MaxCount = (int)maxCount,
            TimeProvider = clock,
            DisposeItems = true,
            Evicted = (items, _) => Interlocked.Add(ref told, items.Length),
        };
        return new Subject(CreateRing(options), () => Interlocked.Read(ref told));
    }

    private protected sealed class Item(int size) : IDisposable
    {
        private readonly byte[] _bytes = new byte[size];
        private int _disposed;

        public long Length => _bytes.Length;

        public void Dispose() => Assert.Equal(0, Interlocked.Exchange(ref _disposed, 1));
    }

    private sealed class Subject(IRing<Item> ring, Func<long> told) : IBoundedSubject
    {
        public long Bytes => ring.Bytes;

        public long Count => ring.Count;

        public long MaxBytes => ring.MaxBytes!.Value;

        public long MaxCount => ring.MaxCount!.Value;

        public (long In, long Out) Flow => ring.Statistics is var s ? (s.Added, s.Evicted + s.Trimmed + s.Cleared + s.Disposed) : default;

        public bool Add(int number, int size) => ring.Add(new Item(size)) == AddResult.Added;

        public void Use(int number)
        {
            foreach (Item item in ring.Newest(number % 5))
            {
                Assert.True(item.Length >= 0);
            }
        }

        /// <summary>Nothing is removed from a ring by its number: now and then everything is.</summary>
        public void Remove(int number)
        {
            if (number % 50 == 0)
            {
                ring.Clear();
            }
        }

        public long Trim(long bytes) => ring.Trim(bytes);

        public bool TryResize(long maxBytes, long maxCount) => ring.TryResize(maxBytes, (int)maxCount);

        public void Verify()
        {
            RingStatistics s = ring.Statistics;
            Assert.Equal(s.Added - s.Count, told());
            Assert.Equal(s.Count, ring.Newest(int.MaxValue).Length);
            Sizer<Item> sizer = ObjectSizer.For<Item>();
            Assert.Equal(s.Bytes - s.OverheadBytes, ring.Newest(int.MaxValue).Sum(item => sizer.Measure(item).Bytes));
            Assert.Equal(0, s.CallbackFailures);
        }

        public void Dispose() => ring.Dispose();
    }
}
