using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class CacheTierTests
{
    private static readonly CacheEntryOptions Hot = new() { Tier = "hot" };
    private static readonly CacheEntryOptions Cold = new() { Tier = "cold" };

    private readonly ManualTimeProvider _clock = new();

    public static TheoryData<EvictionPolicy> Policies => [EvictionPolicy.ScanResistant, EvictionPolicy.Lru];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Set_WithoutATier_GoesToTheDefaultTierAndLivesAsLongAsItSays(EvictionPolicy policy)
    {
        using BoundedCache<int, byte[]> cache = Create(policy, o => o.DefaultTier = "hot");
        cache.Set(1, []);
        cache.Set(2, [], Cold);
        cache.Set(3, [], new CacheEntryOptions { TimeToLive = TimeSpan.FromSeconds(30) });
        Assert.Equal((2, 1), (cache.UsageOf("hot").Count, cache.UsageOf("cold").Count));
        AssertKeysAfter(cache, 10, 2, 3);
        AssertKeysAfter(cache, 20, 2);
        AssertKeysAfter(cache, 30);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Set_WithoutATierAndWithoutADefault_BelongsToNone(EvictionPolicy policy)
    {
        using BoundedCache<int, byte[]> cache = Create(policy, o => o.TimeToLive = TimeSpan.FromSeconds(20));
        cache.Set(1, []);
        cache.Set(2, [], Hot);
        Assert.Equal((1, 0), (cache.UsageOf("hot").Count, cache.UsageOf("cold").Count));
        AssertKeysAfter(cache, 10, 1);
        AssertKeysAfter(cache, 10);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void UsageOf_AfterEveryWayOfLeaving_IsWhatIsThere(EvictionPolicy policy)
    {
        using BoundedCache<int, byte[]> cache = Create(policy, o => o.MaxCount = 6);
        for (int i = 0; i < 20; i++)
        {
            cache.Set(i, new byte[100 * i], i % 2 == 0 ? Hot : Cold);
            cache.Verify();
        }

        Assert.Equal(6, cache.UsageOf("hot").Count + cache.UsageOf("cold").Count);
        Assert.Equal(cache.Bytes - cache.Statistics.OverheadBytes, cache.UsageOf("hot").Bytes + cache.UsageOf("cold").Bytes);
        int gone = cache.First(e => e.Key % 2 == 0).Key;
        (long Count, long Bytes) before = cache.UsageOf("hot");
        cache.TryRemove(gone);
        long node = policy == EvictionPolicy.Lru ? EntrySizes<int, byte[]>.Full : EntrySizes<int, byte[]>.Expiring;
        Assert.Equal((before.Count - 1, before.Bytes - node - HeapLayout.ArrayBytes<byte>(100 * gone)), cache.UsageOf("hot"));
        cache.Trim(1);
        cache.Verify();
        _clock.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal((0, 0), cache.UsageOf("hot"));
        cache.Clear();
        Assert.Equal((0, 0), cache.UsageOf("cold"));
        cache.Verify();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void MaxCountOfATier_IsKeptByEvictingFromThatTierAlone(EvictionPolicy policy)
    {
        using BoundedCache<int, byte[]> cache = Create(policy);
        cache.Set(-1, []);
        cache.Set(-2, [], Cold);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(SetResult.Added, cache.Set(i, [], Hot));
            Assert.True(cache.ContainsKey(i));
            Assert.Equal(Math.Min(i + 1, 5), cache.UsageOf("hot").Count);
        }

        Assert.Equal((7, 95), (cache.Count, cache.Statistics.Evicted));
        Assert.True(cache.ContainsKey(-1) && cache.ContainsKey(-2));
        cache.Verify();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void MaxBytesOfATier_AreKeptByEvictingFromThatTierAlone(EvictionPolicy policy)
    {
        var random = new Random(1);
        using BoundedCache<int, byte[]> cache = Create(policy);
        cache.Set(-1, new byte[5000]);
        cache.Set(-2, new byte[5000], Hot);
        for (int i = 0; i < 500; i++)
        {
            Assert.True(cache.Set(random.Next(60), new byte[random.Next(2000)], Cold).IsStored());
            Assert.InRange(cache.UsageOf("cold").Bytes, 0, 10_000);
        }

        Assert.InRange(cache.UsageOf("cold").Bytes, 7000, 10_000);
        Assert.True(cache.ContainsKey(-1) && cache.ContainsKey(-2));
        cache.Verify();
    }

    [Fact]
    public void MaxCountOfATier_OfLru_EvictsItsLeastRecentlyUsed()
    {
        using BoundedCache<int, byte[]> cache = Create(EvictionPolicy.Lru);
        for (int i = 0; i < 5; i++)
        {
            cache.Set(i, [], Hot);
        }

        cache.Set(10, []);
        cache.TryGet(0, out _);
        cache.Set(5, [], Hot);
        cache.Set(6, [], Hot);
        Assert.Equal([3, 4, 10, 0, 5, 6], cache.Coldest(10).Select(e => e.Key));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Set_AnotherTier_MovesTheEntryWithItsChargeAndItsTime(EvictionPolicy policy)
    {
        using BoundedCache<int, byte[]> cache = Create(policy);
        cache.Set(1, new byte[1000], Hot);
        (long, long) usage = cache.UsageOf("hot");
        Assert.Equal(SetResult.Replaced, cache.Set(1, new byte[1000], Cold));
        Assert.Equal(((0, 0), usage), (cache.UsageOf("hot"), cache.UsageOf("cold")));
        AssertKeysAfter(cache, 59, 1);
        Assert.Equal(SetResult.Replaced, cache.Set(1, new byte[1000]));
        Assert.Equal(((0, 0), (0, 0)), (cache.UsageOf("hot"), cache.UsageOf("cold")));
        AssertKeysAfter(cache, 10_000, 1);
        Assert.Equal(SetResult.Replaced, cache.Set(1, new byte[1000], Hot));
        Assert.Equal(((1, usage.Item2), (0, 0)), (cache.UsageOf("hot"), cache.UsageOf("cold")));
        AssertKeysAfter(cache, 10);
        cache.Verify();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Set_IntoAFullTier_MakesRoomThereAndNotWhereItComesFrom(EvictionPolicy policy)
    {
        using BoundedCache<int, byte[]> cache = Create(policy);
        for (int i = 0; i < 5; i++)
        {
            cache.Set(i, [], Hot);
            cache.Set(10 + i, [], Cold);
        }

        Assert.Equal(SetResult.Replaced, cache.Set(10, [], Hot));
        Assert.Equal((5, 4, 1), (cache.UsageOf("hot").Count, cache.UsageOf("cold").Count, cache.Statistics.Evicted));
        Assert.True(cache.ContainsKey(10));
        Assert.Equal([11, 12, 13, 14], cache.Select(e => e.Key).Where(key => key > 10).Order());
        cache.Verify();
    }

    [Fact]
    public void Set_RefusedInAnotherTier_LeavesTheEntryWhereItIs()
    {
        using BoundedCache<int, byte[]> cache = Create(EvictionPolicy.ScanResistant);
        cache.Set(1, new byte[100], Hot);
        (long, long) usage = cache.UsageOf("hot");
        Assert.Equal(SetResult.TooLarge, cache.Set(1, new byte[10_001], Cold));
        Assert.Equal((usage, (0, 0)), (cache.UsageOf("hot"), cache.UsageOf("cold")));
        AssertKeysAfter(cache, 10);
    }

    [Fact]
    public void NamesOfTiers_AreComparedOrdinally()
    {
        using BoundedCache<int, byte[]> cache = Create(EvictionPolicy.ScanResistant, o => o.Tiers.Add(new("HOT", TimeSpan.FromSeconds(1))));
        cache.Set(1, [], new CacheEntryOptions { Tier = "HOT" });
        cache.Set(2, [], new CacheEntryOptions { Tier = new string("hot".AsSpan()) });
        Assert.Equal((1, 1), (cache.UsageOf("HOT").Count, cache.UsageOf("hot").Count));
        Assert.Throws<ArgumentException>(() => cache.UsageOf("Hot"));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void LimitsOfTiers_WhileEightThreadsStoreMoveAndRemove_HoldAtEveryMoment(EvictionPolicy policy)
    {
        using BoundedCache<int, byte[]> cache = Create(policy, o => (o.MaxBytes, o.MaxCount, o.ConcurrencyLevel) = (60_000, 40, 8));
        string?[] tiers = ["hot", "cold", null];
        long samples = 0;
        long full = 0;
        void Sample()
        {
            (long hot, long cold) = (cache.UsageOf("hot").Count, cache.UsageOf("cold").Bytes);
            Assert.InRange(hot, 0, 5);
            Assert.InRange(cold, 0, 10_000);
            Assert.InRange(cache.Count, 0, 40);
            samples++;
            full += hot == 5 || cold > 8000 ? 1 : 0;
        }

        Threaded.RunWatched([Sample], [.. Enumerable.Range(0, 8).Select(worker => (Action)(() =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 10_000; i++)
            {
                int key = random.Next(100);
                switch (random.Next(20))
                {
                    case 0:
                        cache.TryRemove(key);
                        break;
                    case 1 when worker == 0:
                        _clock.Advance(TimeSpan.FromSeconds(1));
                        break;
                    case 2 when random.Next(20) == 0:
                        cache.Trim(3000);
                        break;
                    default:
                        Assert.True(cache.Set(key, new byte[random.Next(2000)], new CacheEntryOptions { Tier = tiers[random.Next(3)] }).IsStored());
                        break;
                }
            }
        }))]);

        Assert.True(samples > 1000 && full > samples / 10, $"{samples} samples, {full} near a limit");
        cache.Verify();
    }

    private void AssertKeysAfter(BoundedCache<int, byte[]> cache, int seconds, params int[] keys)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(keys, cache.Select(e => e.Key).Order());
        cache.Verify();
    }

    /// <summary>Two tiers: hot, for 10 seconds and 5 entries; cold, for a minute and 10,000 bytes.</summary>
    private BoundedCache<int, byte[]> Create(EvictionPolicy policy, Action<BoundedCacheOptions<int, byte[]>>? change = null)
    {
        var options = new BoundedCacheOptions<int, byte[]>
        {
            MaxBytes = 1_000_000,
            Policy = policy,
            TimeProvider = _clock,
            Tiers = { new("hot", TimeSpan.FromSeconds(10), MaxCount: 5), new("cold", TimeSpan.FromSeconds(60), MaxBytes: 10_000) },
        };
        change?.Invoke(options);
        return new BoundedCache<int, byte[]>(options);
    }
}
