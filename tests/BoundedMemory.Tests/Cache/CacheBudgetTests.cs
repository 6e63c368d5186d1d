using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Caches that share a budget.</summary>
public sealed class CacheBudgetTests : IDisposable
{
    private const long Limit = 1_000_000;

    private readonly MemoryBudget _budget = new(Limit, "root");

    public void Dispose() => _budget.Dispose();

    [Theory]
    [InlineData(EvictionPolicy.ScanResistant)]
    [InlineData(EvictionPolicy.Lru)]
    public void TwoCaches_WhileEightThreadsWrite_AreNeverOverTogether(EvictionPolicy policy)
    {
        BoundedCache<int, byte[]>[] caches = [Create("a", 800_000, policy), Create("b", 800_000, policy)];
        long samples = 0;
        long full = 0;
        void Sample()
        {
            long used = _budget.Used;
            (long a, long b) = (caches[0].Bytes, caches[1].Bytes);
            Assert.InRange(used, 0, Limit);
            Assert.InRange(a, 0, 800_000);
            Assert.InRange(b, 0, 800_000);
            samples++;
            full += used > Limit - 200_000 ? 1 : 0;
        }

        Threaded.RunWatched([Sample], [.. Enumerable.Range(0, 8).Select(worker => (Action)(() =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 8000; i++)
            {
                BoundedCache<int, byte[]> cache = caches[(i / 1000 + worker) % 2];
                int key = random.Next(3000);
                _ = random.Next(10) switch
                {
                    0 => cache.TryRemove(key),
                    1 => cache.Trim(random.Next(5000)) > 0,
                    _ => cache.Set(key, new byte[random.Next(random.Next(50) == 0 ? 60_000 : 3000)]).IsStored(),
                };
            }
        }))]);
        Assert.True(samples > 1000 && full > samples / 4, $"{samples} samples, {full} near the limit");
        Assert.All(caches, cache => cache.Verify());
        Assert.InRange(_budget.Used - caches.Sum(cache => cache.Bytes), 0, 4 * MemoryBudget.Quantum);
        caches[0].Dispose();
        Assert.InRange(_budget.Used - caches[1].Bytes, 0, 2 * MemoryBudget.Quantum);
        caches[1].Dispose();
        Assert.Equal(0, _budget.Used);
    }

    [Fact]
    public void NeighbourHoldsTheBudget_IsOverBudgetUntilItGivesSomethingBack()
    {
        // Guaranteed, so that it is not asked; what is not is in ArbitrationTests.
        var rejected = new Log<RejectedEntry<int, byte[]>>();
        using BoundedCache<int, byte[]> hungry = Create("hungry", null, change: o => o.Budget = _budget.CreateChild("guaranteed", null, guaranteedBytes: Limit - 30_000));
        using BoundedCache<int, byte[]> small = Create("small", null, change: o => o.Rejected = rejected.Add);
        small.Set(1, new byte[1000]);
        for (int i = 0; i < 2000; i++)
        {
            Assert.True(hungry.Set(i, new byte[1000]).IsStored());
        }

        Assert.InRange(Limit - _budget.Used, 0, 2000);
        Assert.Equal(SetResult.OverBudget, small.Set(2, new byte[50_000]));
        Assert.Equal((1, SetResult.OverBudget, 2), (small.Statistics.RejectedOverBudget, Assert.Single(rejected.Items).Reason, rejected.Items[0].Key));
        Assert.True(small.ContainsKey(1), "A refused value evicted another in vain.");
        hungry.Trim(100_000);
        Assert.Equal(SetResult.Added, small.Set(2, new byte[50_000]));
        Assert.Equal(2, small.Count);
        hungry.Dispose();
        Assert.Equal(SetResult.Added, small.Set(3, new byte[900_000]));
        small.Verify();
    }

    [Fact]
    public void CreditThatANeighbourDoesNotUse_IsNotStranded()
    {
        using BoundedCache<int, byte[]> first = Create("first", null);
        using BoundedCache<int, byte[]> second = Create("second", null);
        first.Set(1, new byte[900_000]);
        first.Clear();
        Assert.Equal(SetResult.Added, second.Set(1, new byte[Limit - first.Bytes - second.Bytes - 200]));
        Assert.InRange(_budget.Used, Limit - 200, Limit);
    }

    [Fact]
    public void Constructor_NoRoomForAnEmptyCache_ThrowsAndTakesNothing()
    {
        using MemoryReservation rest = _budget.Reserve(Limit - 1000);
        Assert.Throws<MemoryBudgetExceededException>(() => Create("c", null));
        Assert.Equal(Limit - 1000, _budget.Used);
    }

    [Fact]
    public void TryResize_UpAndDownWhileEightThreadsWrite_HoldsFromThenOn()
    {
        using BoundedCache<int, byte[]> cache = Create("c", 900_000, change: o => o.MaxCount = 1000);
        bool ends = false;
        int resizes = 0;
        Threaded.Run(
        [
            () =>
            {
                var random = new Random(1);

                // Goes on, if the writers are late, until something had to go.
                for (; resizes < 150 || (resizes < 1_000_000 && cache.Statistics is { Trimmed: 0 } or { Evicted: 0 }); resizes++)
                {
                    (long bytes, long count) = (50_000 + random.Next(850_000), 20 + random.Next(1000));
                    Assert.True(cache.TryResize(bytes, count));
                    Assert.Equal((bytes, count), (cache.MaxBytes, cache.MaxCount));
                    for (int i = 0; i < 200; i++)
                    {
                        Assert.InRange(cache.Bytes, 0, bytes);
                        Assert.InRange(cache.Count, 0, count);
                    }
                }

                Volatile.Write(ref ends, true);
            },
            .. Enumerable.Range(0, 8).Select(worker => (Action)(() =>
            {
                var random = new Random(worker);
                while (!Volatile.Read(ref ends))
                {
                    cache.Set(random.Next(3000), new byte[random.Next(2000)]);
                }
            })),
        ]);
        Assert.NotEqual(0, cache.Statistics.Trimmed);
        Assert.NotEqual(0, cache.Statistics.Evicted);
        cache.Verify();
    }

    [Fact]
    public void TryResize_LeasesDoNotAllowOneOfTwoLimits_LeavesBothAsTheyWere()
    {
        using BoundedCache<int, byte[]> cache = Create("c", 500_000, change: o => o.MaxCount = 100);
        Lease<byte[]>[] leases = [.. Enumerable.Range(0, 10).Select(i => cache.AcquireOrAdd(i, _ => new byte[1000]))];
        Assert.False(cache.TryResize(maxBytes: 100_000, maxCount: 9));
        Assert.Equal((500_000, 100), (cache.MaxBytes, cache.MaxCount));
        Assert.True(cache.TryResize(maxBytes: 100_000, maxCount: 10));
        Assert.Equal((100_000, 10, 10), (cache.MaxBytes, cache.MaxCount, cache.Count));
        Array.ForEach(leases, lease => lease.Dispose());
        cache.Verify();
    }

    [Fact]
    public void TryResize_AfterItsLimitWasLowered_GivesTheBytesToTheNeighbour()
    {
        using BoundedCache<int, byte[]> first = Create("first", 900_000, change: o => o.Budget = _budget.CreateChild("guaranteed", null, guaranteedBytes: Limit - 30_000));
        using BoundedCache<int, byte[]> second = Create("second", 900_000);
        for (int i = 0; i < 900; i++)
        {
            first.Set(i, new byte[1000]);
        }

        Assert.Equal(SetResult.OverBudget, second.Set(1, new byte[500_000]));
        Assert.True(first.TryResize(maxBytes: 300_000));
        Assert.Equal(SetResult.Added, second.Set(1, new byte[500_000]));
        Assert.InRange(_budget.Used, 500_000, Limit);
    }

    [Fact]
    public void Trim_OfLru_RemovesTheColdestAndNotMoreThanItTakes()
    {
        using BoundedCache<int, byte[]> cache = Create("c", 500_000, EvictionPolicy.Lru);
        for (int i = 0; i < 100; i++)
        {
            cache.Set(i, new byte[1000]);
        }

        cache.TryGet(0, out _);
        long each = EntrySizes<int, byte[]>.Plain + HeapLayout.ArrayBytes<byte>(1000);
        long before = cache.Bytes;
        Assert.Equal(0, cache.Trim(0));
        Assert.Equal(3 * each, cache.Trim((2 * each) + 1));
        Assert.Equal(before - (3 * each), cache.Bytes);
        Assert.Equal([4, 5, 6], cache.Coldest(3).Select(e => e.Key));
        Assert.Equal((97, 3), (cache.Count, cache.Statistics.Trimmed));
        Assert.Equal(97 * each, cache.Trim(long.MaxValue));
        Assert.Equal((0, 0), (cache.Count, cache.Trim(long.MaxValue)));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Trim(-1));
        cache.Verify();
    }

    [Fact]
    public void Trim_ByManyThreadsWhileOthersWrite_ReturnsWhatHasLeft()
    {
        long trimmed = 0;
        long returned = 0;
        using BoundedCache<int, byte[]> cache = Create("c", 500_000, change: o => o.Removed = e => Interlocked.Add(ref trimmed, e.Cause == RemovalCause.Trimmed ? e.Bytes : 0));
        Threaded.Run(8, worker =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 5000; i++)
            {
                cache.Set(random.Next(1000), new byte[random.Next(2000)]);
                if (i % 10 == 0)
                {
                    long asked = random.Next(10_000);
                    long freed = cache.Trim(asked);
                    Interlocked.Add(ref returned, freed);
                }
            }
        });
        Assert.NotEqual(0, trimmed);
        Assert.Equal(trimmed, returned);
        cache.Verify();
    }

    [Fact]
    public void Reclaimer_SaysWhatItCouldGiveAndGivesIt()
    {
        using BoundedCache<int, byte[]> cache = Create("c", 500_000);
        for (int i = 0; i < 10; i++)
        {
            cache.Set(i, new byte[1000]);
        }

        var reclaimer = (IMemoryReclaimer)cache;
        long each = EntrySizes<int, byte[]>.Plain + HeapLayout.ArrayBytes<byte>(1000);
        using Lease<byte[]> lease = cache.AcquireOrAdd(0, _ => []);
        Assert.Equal((ReclaimPriority.Cache, "c", cache.Bytes, 9 * each), (reclaimer.Priority, reclaimer.Name, reclaimer.UsedBytes, reclaimer.ReclaimableBytes));
        Assert.Equal(9 * each, reclaimer.Reclaim(long.MaxValue));
        Assert.Equal((0, 0, 1), (reclaimer.ReclaimableBytes, reclaimer.Reclaim(1), cache.Count));
    }

    private BoundedCache<int, byte[]> Create(
        string name, long? maxBytes, EvictionPolicy policy = EvictionPolicy.ScanResistant, Action<BoundedCacheOptions<int, byte[]>>? change = null)
    {
        var options = new BoundedCacheOptions<int, byte[]> { Name = name, Budget = _budget, MaxBytes = maxBytes, Policy = policy, ConcurrencyLevel = 4 };
        change?.Invoke(options);
        return new BoundedCache<int, byte[]>(options);
    }
}
