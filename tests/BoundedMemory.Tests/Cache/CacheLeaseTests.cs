using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class CacheLeaseTests
{
    /// <summary>Ends between two sweeps.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(59.5);

    private readonly ManualTimeProvider _clock = new();

    public static TheoryData<EvictionPolicy> Policies => [EvictionPolicy.ScanResistant, EvictionPolicy.Lru];

    /// <summary>Every way in which the entry of key 1 leaves.</summary>
    private readonly Dictionary<string, Action<BoundedCache<int, Tracked>, ManualTimeProvider>> _waysToLeave = new()
    {
        ["replaced"] = (cache, _) => cache.Set(1, new Tracked(2)),
        ["removed"] = (cache, _) => cache.TryRemove(1),
        ["expired and read"] = (cache, clock) =>
        {
            clock.Advance(Life);
            cache.TryGet(1, out _);
        },
        ["expired and swept"] = (_, clock) => clock.Advance(TimeSpan.FromSeconds(100)),
        ["cleared"] = (cache, _) => cache.Clear(),
        ["disposed"] = (cache, _) => cache.Dispose(),
        ["too large when measured again"] = (cache, _) =>
        {
            Assert.True(cache.TryGet(1, out Tracked? value));
            value.Bytes = new byte[200_000];
            Assert.Equal(SetResult.TooLarge, cache.RefreshCharge(1));
        },
    };

    public static TheoryData<string> WaysToLeave =>
        ["replaced", "removed", "expired and read", "expired and swept", "cleared", "disposed", "too large when measured again"];

    [Theory]
    [MemberData(nameof(WaysToLeave))]
    public void Entry_ThatLeavesWhileLeased_IsDisposedAndReturnedWithItsLastLease(string way)
    {
        var left = new Log<RemovedEntry<int, Tracked>>();
        using var budget = new MemoryBudget(10_000_000);
        using BoundedCache<int, Tracked> cache = Create(o => (o.Budget, o.Removed) = (budget, left.Add));
        var value = new Tracked(1);
        cache.Set(1, value, new CacheEntryOptions { ValueBytes = way.StartsWith("too large", StringComparison.Ordinal) ? null : 10_000 });
        Assert.True(cache.TryAcquire(1, out Lease<Tracked>? first));
        Assert.True(cache.TryAcquire(1, out Lease<Tracked>? second));
        long charged = cache.Bytes;
        _waysToLeave[way](cache, _clock);

        Assert.Single(left.Items, e => ReferenceEquals(e.Value, value));
        Assert.Equal((0, 2), (value.Disposals, cache.Statistics.Leases));
        Assert.Same(value, first.Value);
        long held = left.Items.Single(e => ReferenceEquals(e.Value, value)).Bytes;
        Assert.InRange(cache.Bytes, held, charged + 1000);
        first.Dispose();
        first.Dispose();
        Assert.Equal((0, 1), (value.Disposals, cache.Statistics.Leases));
        Assert.Same(value, second.Value);
        long before = cache.Bytes;
        second.Dispose();
        second.Dispose();
        Assert.Equal((1, 0, held), (value.Disposals, cache.Statistics.Leases, before - cache.Bytes));
        cache.Verify();
        cache.Dispose();
        Assert.Equal((1, 0, 0), (value.Disposals, cache.Bytes, budget.Used));
    }

    [Theory]
    [MemberData(nameof(WaysToLeave))]
    public void Entry_ThatLeavesUnleased_IsDisposedAtOnceAndOnce(string way)
    {
        using BoundedCache<int, Tracked> cache = Create();
        var value = new Tracked(1);
        cache.Set(1, value);
        using (cache.AcquireOrAdd(1, _ => new Tracked(9)))
        {
            Assert.False(value.IsDisposed);
        }

        Assert.False(value.IsDisposed);
        _waysToLeave[way](cache, _clock);
        Assert.Equal(1, value.Disposals);
        cache.Dispose();
        Assert.Equal(1, value.Disposals);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Entry_EvictedOrTrimmed_IsDisposedAndALeasedOneIsNeither(EvictionPolicy policy)
    {
        var made = new TrackedFactory();
        using BoundedCache<int, Tracked> cache = Create(o => (o.Policy, o.MaxCount) = (policy, 10));
        cache.Set(0, made.Make(0));
        using Lease<Tracked> lease = cache.AcquireOrAdd(0, _ => made.Make(-1));
        for (int i = 1; i <= 200; i++)
        {
            Assert.True(cache.Set(i, made.Make(i)).IsStored());
        }

        Assert.Equal((10, 191, 1), (cache.Count, cache.Statistics.Evicted, cache.Statistics.Leases));
        Assert.True(cache.ContainsKey(0));
        cache.Trim(long.MaxValue);
        Assert.Equal((0, 0), (Assert.Single(cache).Key, lease.Value.Disposals));
        Assert.All(made.Made.Where(value => value.Id != 0), value => Assert.Equal(1, value.Disposals));
        lease.Dispose();
        Assert.False(made.Made.First().IsDisposed);
        cache.Trim(long.MaxValue);
        Assert.Equal((0, 1), (cache.Count, made.Made.First().Disposals));
        cache.Verify();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void LeasesThatFillTheBytes_AreNeverOverAndGiveRoomWhenTheyEnd(EvictionPolicy policy)
    {
        using BoundedCache<int, Tracked> cache = Create(o => o.Policy = policy);
        var leases = new List<Lease<Tracked>>();
        var values = new TrackedFactory();
        int key = 0;
        SetResult result;
        while ((result = cache.Set(key, values.Make(key), new CacheEntryOptions { ValueBytes = 9000 })).IsStored())
        {
            leases.Add(cache.AcquireOrAdd(key++, _ => throw new InvalidOperationException()));
            Assert.InRange(cache.Bytes, 0, 100_000);
        }

        Assert.Equal((SetResult.OverBudget, 10), (result, leases.Count));
        Assert.Equal(SetResult.OverBudget, cache.Set(0, values.Make(100), new CacheEntryOptions { ValueBytes = 9000 }));
        Assert.Equal((2, 0), (cache.Statistics.RejectedOverBudget, values.Made.Count(value => value.IsDisposed)));
        Assert.False(cache.TryResize(50_000));
        Assert.Equal(100_000, cache.MaxBytes);
        Assert.Equal(0, cache.Trim(1));
        leases[3].Dispose();
        Assert.Equal(SetResult.Added, cache.Set(key, values.Make(key), new CacheEntryOptions { ValueBytes = 9000 }));
        Assert.False(cache.ContainsKey(3));
        Assert.InRange(cache.Bytes, 90_000, 100_000);
        leases.ForEach(lease => lease.Dispose());
        cache.Verify();
    }

    [Fact]
    public void Lease_Ended_ThrowsAndHasNoOtherEffect()
    {
        using BoundedCache<int, Tracked> cache = Create();
        Lease<Tracked> lease = cache.AcquireOrAdd(1, _ => new Tracked(1));
        using Lease<Tracked> other = cache.AcquireOrAdd(1, _ => new Tracked(2));
        lease.Dispose();
        lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lease.Value);
        Assert.Equal(1, cache.Statistics.Leases);
        Assert.Equal(1, other.Value.Id);
    }

    [Fact]
    public void Lease_DisposedByManyThreads_EndsOnce()
    {
        using BoundedCache<int, Tracked> cache = Create();
        for (int round = 0; round < 200; round++)
        {
            Lease<Tracked> lease = cache.AcquireOrAdd(1, _ => new Tracked(1));
            Tracked value = lease.Value;
            cache.TryRemove(1);
            Threaded.Run(4, _ => lease.Dispose());
            Assert.Equal((1, 0), (value.Disposals, cache.Statistics.Leases));
        }

        cache.Verify();
    }

    [Fact]
    public void Entry_With65535Leases_TakesNoMore()
    {
        using BoundedCache<int, Tracked> cache = Create();
        Lease<Tracked>[] leases = [.. Enumerable.Range(0, 65_535).Select(_ => cache.AcquireOrAdd(1, _ => new Tracked(1)))];
        Assert.Throws<InvalidOperationException>(() => cache.TryAcquire(1, out _));
        Assert.Throws<InvalidOperationException>(() => cache.AcquireOrAdd(1, _ => new Tracked(2)));
        Assert.Equal(65_535, cache.Statistics.Leases);
        leases[0].Dispose();
        Assert.True(cache.TryAcquire(1, out Lease<Tracked>? lease));
        cache.TryRemove(1);
        Array.ForEach(leases, other => other.Dispose());
        Assert.False(lease.Value.IsDisposed);
        lease.Dispose();
        Assert.Equal(0, cache.Statistics.Leases);
        cache.Verify();
    }

    private BoundedCache<int, Tracked> Create(Action<BoundedCacheOptions<int, Tracked>>? change = null)
    {
        var options = new BoundedCacheOptions<int, Tracked>
        {
            MaxBytes = 100_000,
            TimeToLive = Life,
            TimeProvider = _clock,
            DisposeValues = true,
        };
        change?.Invoke(options);
        return new BoundedCache<int, Tracked>(options);
    }
}
