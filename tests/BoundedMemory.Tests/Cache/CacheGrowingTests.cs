using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Entries that grow and shrink while they are leased.</summary>
public class CacheGrowingTests
{
    private readonly ManualTimeProvider _clock = new();

    public static TheoryData<EvictionPolicy> Policies => [EvictionPolicy.ScanResistant, EvictionPolicy.Lru];

    [Theory]
    [MemberData(nameof(Policies))]
    public void TryCharge_Growth_EvictsOthersFirstAndNeverPassesTheLimit(EvictionPolicy policy)
    {
        var left = new Log<int>();
        using BoundedCache<int, Box> cache = Create(o => (o.Policy, o.Removed) = (policy, e => left.Add(e.Key)));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(SetResult.Added, cache.Set(i, new Box(8000)));
        }

        Assert.True(cache.TryAcquire(0, out Lease<Box>? lease));
        int grown = 0;
        Departures<int, Box> departures = default;
        while (cache.TryCharge(lease.Holder, 4000, ref departures))
        {
            grown++;
            Assert.InRange(cache.Bytes, 1, 100_000);
        }

        Assert.InRange(grown, 15, 25);
        Assert.Empty(left.Items);
        Assert.Equal((1, 9), (cache.Count, cache.Statistics.Evicted));
        cache.Complete(ref departures);
        Assert.Equal(Enumerable.Range(1, 9), left.Items.Order());
        cache.Verify();
        Assert.True(cache.TryCharge(lease.Holder, -4000L * grown, ref departures));
        cache.Verify();
        lease.Dispose();
        cache.Verify();
        cache.Trim(long.MaxValue);
        cache.Verify();
        Assert.Equal(cache.Statistics.OverheadBytes, cache.Bytes);
    }

    [Fact]
    public void TryCharge_WhereLeasesFillTheRest_IsRefusedAndEvictsNobodyInVain()
    {
        using BoundedCache<int, Box> cache = Create();
        List<Lease<Box>> leases = [.. Enumerable.Range(0, 9).Select(i => cache.AcquireOrAdd(i, _ => new Box(9000)))];
        cache.Set(100, new Box(5000));
        long before = cache.Bytes;
        Departures<int, Box> departures = default;

        Assert.False(cache.TryCharge(leases[0].Holder, 20_000, ref departures));

        Assert.Equal((before, 10, 0), (cache.Bytes, cache.Count, cache.Statistics.Evicted));
        leases.ForEach(lease => lease.Dispose());
        Assert.False(cache.TryCharge(leases[0].Holder, 8, ref departures));
        cache.Verify();
    }

    [Fact]
    public void TryCharge_OfAnEntryThatHasLeft_IsHeldUntilItsLastLeaseEnds()
    {
        using var budget = new MemoryBudget(1_000_000);
        using BoundedCache<int, Box> cache = Create(o => o.Budget = budget);
        Lease<Box> lease = cache.AcquireOrAdd(1, _ => new Box(1000));
        cache.TryRemove(1);
        long before = cache.Bytes;
        Departures<int, Box> departures = default;

        Assert.True(cache.TryCharge(lease.Holder, 2000, ref departures));
        Assert.Equal(before + 2000, cache.Bytes);
        Assert.True(cache.TryCharge(lease.Holder, -1000, ref departures));
        cache.Verify();
        lease.Dispose();

        Assert.Equal(cache.Statistics.OverheadBytes, cache.Bytes);
        Assert.True(cache.TryCharge(lease.Holder, -1000, ref departures));
        Assert.Equal(cache.Statistics.OverheadBytes, cache.Bytes);
        Lease<Box> last = cache.AcquireOrAdd(2, _ => new Box(1000));
        cache.Dispose();
        Assert.True(budget.Used > 0);
        last.Dispose();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void TryCharge_ByManyThreads_IsExactAndNeverOver()
    {
        using BoundedCache<int, Box> cache = Create(o => o.ConcurrencyLevel = 4);
        long most = 0;
        void Work(int worker)
        {
            var random = new Random(worker);
            for (int i = 0; i < 20_000; i++)
            {
                using Lease<Box> lease = cache.AcquireOrAdd(random.Next(60), _ => new Box(500));
                Departures<int, Box> departures = default;
                long bytes = 8 * random.Next(1000);
                if (BoundedCache<int, Box>.IsStored(lease) && cache.TryCharge(lease.Holder, bytes, ref departures) && random.Next(4) != 0)
                {
                    Assert.True(cache.TryCharge(lease.Holder, -bytes, ref departures));
                }

                cache.Complete(ref departures);
            }
        }

        Threaded.RunWatched(
            [() => most = Math.Max(most, cache.Bytes)], [.. Enumerable.Range(0, 4).Select(i => (Action)(() => Work(i)))]);

        Assert.InRange(most, 50_000, 100_000);
        cache.Verify();
        cache.Clear();
        cache.Verify();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100)]
    public void TimeToIdle_WhileLeased_DoesNotPassAndBeginsWithTheEndOfTheLastLease(int? lifeInSeconds)
    {
        using BoundedCache<int, Box> cache = Create(o =>
            (o.TimeToIdle, o.TimeToLive) = (TimeSpan.FromSeconds(10), lifeInSeconds is { } life ? TimeSpan.FromSeconds(life) : null));
        Lease<Box> first = cache.AcquireOrAdd(1, _ => new Box(1000));
        Lease<Box> second = cache.AcquireOrAdd(1, _ => new Box(1));
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(1, cache.Count);
        Assert.True(cache.ContainsKey(1));
        first.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(1, cache.Count);
        second.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.True(cache.ContainsKey(1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(cache.ContainsKey(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((0, 1), (cache.Count, cache.Statistics.Expired));

        using Lease<Box> third = cache.AcquireOrAdd(2, _ => new Box(1000));
        _clock.Advance(TimeSpan.FromSeconds(120));
        Assert.Equal(lifeInSeconds is null, cache.ContainsKey(2));
        cache.Verify();
    }

    private BoundedCache<int, Box> Create(Action<BoundedCacheOptions<int, Box>>? change = null)
    {
        var options = new BoundedCacheOptions<int, Box>
        {
            MaxBytes = 100_000,
            AuditInterval = 0,
            TimeProvider = _clock,
            ValueSizer = Sizer.Create<Box>(box => box.Bytes),
        };
        change?.Invoke(options);
        return new BoundedCache<int, Box>(options);
    }

    private sealed record Box(long Bytes);
}
