namespace BoundedMemory.Tests.Cache;

public class CacheBasicsTests
{
    public static TheoryData<EvictionPolicy> Policies => [EvictionPolicy.ScanResistant, EvictionPolicy.Lru];

    [Fact]
    public void TryGet_MissingKey_IsFalseAndCountsAMiss()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 10 });
        Assert.False(cache.TryGet(1, out string? value));
        Assert.Null(value);
        Assert.Equal((0, 1), (cache.Statistics.Hits, cache.Statistics.Misses));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Set_NewKey_IsAddedAndReadBack(EvictionPolicy policy)
    {
        using var cache = new BoundedCache<string, string>(new() { MaxCount = 10, Policy = policy });
        string value = new('v', 3);
        Assert.Equal(SetResult.Added, cache.Set("a", value));
        Assert.True(cache.TryGet(new string("a"), out string? found));
        Assert.Same(value, found);
        Assert.True(cache.ContainsKey("a"));
        Assert.Equal((1, 1, 0), (cache.Count, cache.Statistics.Hits, cache.Statistics.Misses));
        cache.Verify();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Set_KeyThatIsThere_IsReplaced(EvictionPolicy policy)
    {
        using var cache = new BoundedCache<string, string>(new() { MaxCount = 10, Policy = policy });
        cache.Set("a", "old");
        Assert.Equal(SetResult.Replaced, cache.Set("a", "new"));
        Assert.True(cache.TryGet("a", out string? found));
        Assert.Equal("new", found);
        Assert.Equal((1, 2, 1), (cache.Count, cache.Statistics.Stored, cache.Statistics.Replaced));
        cache.Verify();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Set_IntoAFullCache_AdmitsEveryNewEntry(EvictionPolicy policy)
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 100, Policy = policy });
        for (int i = 0; i < 10_000; i++)
        {
            Assert.Equal(SetResult.Added, cache.Set(i, "x"));
            Assert.True(cache.ContainsKey(i), $"{i} was stored and is not there.");
            Assert.Equal(Math.Min(i + 1, 100), cache.Count);
        }

        Assert.Equal(9900, cache.Statistics.Evicted);
        cache.Verify();
    }

    [Fact]
    public void Set_BoundOfOneEntry_HoldsTheLast()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 1 });
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(SetResult.Added, cache.Set(i, i));
            Assert.Equal(i, Assert.Single(cache).Value);
            cache.Verify();
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void ContainsKey_IsNeitherCountedNorAUse(EvictionPolicy policy)
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 3, Policy = policy });
        cache.Set(1, 1);
        cache.Set(2, 2);
        cache.Set(3, 3);
        KeyValuePair<int, int>[] order = [.. cache.Coldest(3)];
        Assert.True(cache.ContainsKey(1));
        Assert.False(cache.ContainsKey(4));
        Assert.Equal(order, cache.Coldest(3));
        Assert.Equal(0, cache.Statistics.Requests);
    }

    [Fact]
    public void TryRemove_KeyThatIsThere_IsTrueOnce()
    {
        using var cache = new BoundedCache<string, string>(new() { MaxCount = 10 });
        cache.Set("a", "1");
        Assert.True(cache.TryRemove("a"));
        Assert.False(cache.TryRemove("a"));
        Assert.False(cache.ContainsKey("a"));
        Assert.Equal((0, 1), (cache.Count, cache.Statistics.Removed));
        cache.Verify();
    }

    [Fact]
    public void TryRemove_WithValue_ReturnsIt()
    {
        using var cache = new BoundedCache<string, string>(new() { MaxCount = 10 });
        cache.Set("a", "1");
        Assert.True(cache.TryRemove("a", out string? value));
        Assert.Equal("1", value);
        Assert.False(cache.TryRemove("a", out value));
        Assert.Null(value);
        Assert.Equal(0, cache.Statistics.Requests);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Clear_RemovesEverythingAndCountsIt(EvictionPolicy policy)
    {
        using var cache = new BoundedCache<int, byte[]>(new() { MaxBytes = 10_000_000, Policy = policy, ConcurrencyLevel = 16 });
        long empty = cache.Bytes;
        for (int i = 0; i < 5000; i++)
        {
            cache.Set(i, new byte[100]);
        }

        cache.Clear();
        Assert.Empty(cache);
        Assert.Equal((0, 5000), (cache.Count, cache.Statistics.Cleared));
        cache.Verify();
        Assert.Equal(cache.Statistics.OverheadBytes, cache.Bytes);
        Assert.InRange(cache.Bytes, empty, empty + (16 * CacheLimits.ShardBytes) + (8192 * 12));
        Assert.Equal(SetResult.Added, cache.Set(1, []));
        cache.Verify();
    }

    [Fact]
    public void ColdestAndHottest_OfLru_AreTheOrderOfUse()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 10, Policy = EvictionPolicy.Lru });
        for (int i = 0; i < 5; i++)
        {
            cache.Set(i, 10 * i);
        }

        cache.TryGet(1, out _);
        cache.GetOrAdd(0, _ => throw new InvalidOperationException());
        cache.Set(3, 33);
        Assert.Equal([2, 4, 1, 0, 3], cache.Coldest(10).Select(e => e.Key));
        Assert.Equal([3, 0, 1, 4, 2], cache.Hottest(10).Select(e => e.Key));
        Assert.Equal([(2, 20), (4, 40)], cache.Coldest(2).Select(e => (e.Key, e.Value)));
        Assert.Equal([(3, 33)], cache.Hottest(1).Select(e => (e.Key, e.Value)));
        Assert.Empty(cache.Coldest(0));
        Assert.Empty(cache.Hottest(0));
    }

    [Fact]
    public void ColdestAndHottest_OfScanResistant_AreEveryEntryOnceInOppositeOrders()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 10_000, ConcurrencyLevel = 16 });
        for (int i = 0; i < 9000; i++)
        {
            cache.Set(i, i);
        }

        int[] coldest = [.. cache.Coldest(int.MaxValue).Select(e => e.Key)];
        Assert.Equal(Enumerable.Range(0, 9000), coldest.Order());
        Assert.Equal(coldest.Take(100), cache.Coldest(100).Select(e => e.Key));
        Assert.Equal(9000, cache.Hottest(int.MaxValue).Select(e => e.Key).Distinct().Count());
        Assert.Empty(cache.Hottest(100).Select(e => e.Key).Intersect(coldest.Take(100)));
    }

    [Fact]
    public void ColdestAndHottest_NegativeCount_Throw()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 10 });
        Assert.Equal("count", Assert.Throws<ArgumentOutOfRangeException>(() => cache.Coldest(-1)).ParamName);
        Assert.Equal("count", Assert.Throws<ArgumentOutOfRangeException>(() => cache.Hottest(-1)).ParamName);
    }

    [Fact]
    public void GetMany_SomeMissing_ReturnsThoseThatAreThere()
    {
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10, KeyComparer = StringComparer.OrdinalIgnoreCase });
        cache.Set("a", 1);
        cache.Set("b", 2);
        Dictionary<string, int> found = cache.GetMany(["A", "c", "b", "a"]);
        Assert.Equal(2, found.Count);
        Assert.Equal((1, 2), (found["a"], found["B"]));
    }

    [Fact]
    public void GetMany_RepeatedKeys_CountOnce()
    {
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10 });
        cache.Set("a", 1);
        cache.GetMany(["a", "missing", "a", "missing", "missing"]);
        Assert.Equal((1, 1), (cache.Statistics.Hits, cache.Statistics.Misses));
    }

    [Fact]
    public async Task EveryMember_NullArgument_ThrowsWithItsName()
    {
        using var cache = new BoundedCache<string, string>(new() { MaxCount = 10 });
        Func<string, string> factory = key => key;
        Func<string, CancellationToken, ValueTask<string>> asyncFactory = (key, _) => new(key);
        (string Name, Action Act)[] acts =
        [
            ("key", () => cache.TryGet(null!, out _)),
            ("key", () => cache.ContainsKey(null!)),
            ("key", () => cache.Set(null!, "")),
            ("key", () => cache.Set(null!, "", default)),
            ("key", () => cache.TryRemove(null!)),
            ("key", () => cache.TryRemove(null!, out _)),
            ("key", () => cache.TryAcquire(null!, out _)),
            ("key", () => cache.AcquireOrAdd(null!, factory)),
            ("factory", () => cache.AcquireOrAdd("a", null!)),
            ("key", () => cache.GetOrAdd(null!, factory)),
            ("factory", () => cache.GetOrAdd("a", null!)),
            ("key", () => cache.GetOrAdd(null!, (key, _) => key, 1)),
            ("factory", () => cache.GetOrAdd("a", (Func<string, int, string>)null!, 1)),
            ("key", () => cache.GetOrAdd(null!, (key, _, _) => key, 1)),
            ("factory", () => cache.GetOrAdd("a", (Func<string, int, CacheLoadContext<string>, string>)null!, 1)),
            ("keys", () => cache.GetMany(null!)),
            ("key", () => cache.RefreshCharge(null!)),
            ("tier", () => cache.UsageOf(null!)),
            ("factory", () => cache.GetAlternateLookup<ReadOnlySpan<char>>().GetOrAdd("a", null!)),
            ("options", () => _ = new BoundedCache<string, string>(null!)),
        ];
        foreach ((string name, Action act) in acts)
        {
            Assert.Equal(name, Assert.Throws<ArgumentNullException>(act).ParamName);
        }

        Assert.Throws<ArgumentNullException>(() => cache.GetMany(["a", null!]));
        (string Name, Func<Task> Act)[] asyncActs =
        [
            ("key", () => cache.GetOrAddAsync(null!, asyncFactory).AsTask()),
            ("factory", () => cache.GetOrAddAsync("a", null!).AsTask()),
            ("key", () => cache.GetOrAddAsync(null!, (key, _, _) => new ValueTask<string>(key), 1).AsTask()),
            ("key", () => cache.GetOrAddAsync(null!, (key, _, _, _) => new ValueTask<string>(key), 1).AsTask()),
            ("key", () => cache.AcquireOrAddAsync(null!, asyncFactory).AsTask()),
            ("factory", () => cache.AcquireOrAddAsync("a", null!).AsTask()),
            ("keys", () => cache.GetOrAddManyAsync(null!, (_, _) => new(new Dictionary<string, string>())).AsTask()),
            ("keys", () => cache.GetOrAddManyAsync(["a", null!], (_, _) => new(new Dictionary<string, string>())).AsTask()),
            ("factory", () => cache.GetOrAddManyAsync(["a"], null!).AsTask()),
        ];
        foreach ((string name, Func<Task> act) in asyncActs)
        {
            Assert.Equal(name, (await Assert.ThrowsAsync<ArgumentNullException>(act)).ParamName);
        }

        Assert.Equal(0, cache.Statistics.Loads);
        Assert.Equal(0, cache.Count);
    }
}
