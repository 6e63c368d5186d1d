using BoundedMemory.Tests.Contracts;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class ScanResistantCacheContractTests : CacheContract
{
    private protected override EvictionPolicy Policy => EvictionPolicy.ScanResistant;
}

public class LruCacheContractTests : CacheContract
{
    private protected override EvictionPolicy Policy => EvictionPolicy.Lru;
}

/// <summary>The laws over a cache with everything on: both bounds, tiers with limits, sliding and absolute expiry, leases, loading, disposal.</summary>
public abstract class CacheContract : BoundContract
{
    private protected abstract EvictionPolicy Policy { get; }

    private protected override IBoundedSubject Create(MemoryBudget budget, ManualTimeProvider clock, long maxBytes, long maxCount) =>
        new Subject(new()
        {
            Name = "contract",
            Policy = Policy,
            Budget = budget,
            MaxBytes = maxBytes,
            MaxCount = maxCount,
            TimeProvider = clock,
            TimeToIdle = TimeSpan.FromMinutes(10),
            Tiers = { new TtlTier("hot", TimeSpan.FromSeconds(20), MaxCount: 30), new TtlTier("warm", TimeSpan.FromSeconds(60), MaxBytes: 50_000) },
            DisposeValues = true,
            AuditInterval = 50,
        });

    private sealed class Value(int size) : IDisposable
    {
        public byte[] Bytes = new byte[size];
        private int _disposed;

        public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

        public void Dispose() => Assert.Equal(0, Interlocked.Exchange(ref _disposed, 1));
    }

    private sealed class Subject(BoundedCacheOptions<int, Value> options) : IBoundedSubject
    {
        private readonly BoundedCache<int, Value> _cache = new(options);

        public long Bytes => _cache.Bytes;

        public long Count => _cache.Count;

        public long MaxBytes => _cache.MaxBytes!.Value;

        public long MaxCount => _cache.MaxCount!.Value;

        public (long In, long Out) Flow
        {
            get
            {
                CacheStatistics s = _cache.Statistics;
                return (s.Stored, s.Evicted + s.Expired + s.Trimmed + s.Replaced + s.Removed + s.Cleared + s.Disposed);
            }
        }

        public bool Add(int number, int size)
        {
            string? tier = (number % 10) switch { 0 => "hot", 1 => "warm", _ => null };
            return number % 3 == 0
                ? _cache.Set(number, new Value(size), new CacheEntryOptions { Tier = size > 40_000 ? null : tier }).IsStored()
                : _cache.Set(number, new Value(size)).IsStored();
        }

        public void Use(int number)
        {
            switch (number % 4)
            {
                case 0:
                    using (Lease<Value> lease = _cache.AcquireOrAdd(number, n => new Value(n)))
                    {
                        Assert.False(lease.Value.IsDisposed);
                        if (number % 8 == 0)
                        {
                            lease.Value.Bytes = new byte[number]; // grows or shrinks behind the cache's back
                            _cache.RefreshCharge(number);
                        }

                        Assert.False(lease.Value.IsDisposed);
                    }

                    break;
                case 1:
                    _cache.GetOrAdd(number, n => new Value(n));
                    break;
                default:
                    _cache.TryGet(number, out _);
                    break;
            }
        }

        public void Remove(int number) => _cache.TryRemove(number);

        public long Trim(long bytes) => _cache.Trim(bytes);

        public bool TryResize(long maxBytes, long maxCount) => _cache.TryResize(maxBytes, maxCount);

        public void Verify() => _cache.Verify();

        public void Dispose() => _cache.Dispose();
    }
}
