using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>What the bytes consist of: arithmetic where it is known, and the object graph of the whole cache where it is not.</summary>
public class CacheChargeTests
{
    private static readonly SizerOptions Everything = new() { MaxObjects = SizerOptions.GreatestMaxObjects };

    [Fact]
    public void Set_Entry_ChargesItselfItsKeyAndItsValue()
    {
        var left = new Log<RemovedEntry<string, byte[]>>();
        using var cache = new BoundedCache<string, byte[]>(new() { MaxBytes = 1_000_000, Removed = left.Add });
        string key = new('k', 33);
        long before = cache.Bytes;
        cache.Set(key, new byte[777]);
        long charge = EntrySizes<string, byte[]>.Plain + ObjectSizer.Measure(key).Bytes + HeapLayout.ArrayBytes<byte>(777);
        Assert.Equal(charge, cache.Bytes - before);
        Assert.Equal(0, cache.Bytes - before - (cache.Bytes - cache.Statistics.OverheadBytes));
        cache.TryRemove(key);
        Assert.Equal(before, cache.Bytes);
        Assert.Equal(charge, Assert.Single(left.Items).Bytes);
    }

    [Fact]
    public void Set_EntryThatExpiresOrIsWeighed_ChargesItsLargerNode()
    {
        using var expiring = new BoundedCache<int, int>(new() { MaxBytes = 100_000, TimeToLive = TimeSpan.FromMinutes(1) });
        using var weighed = new BoundedCache<int, int>(new() { MaxBytes = 100_000, MaxWeight = 10, Weigher = (_, _) => 1 });
        using var both = new BoundedCache<int, int>(new() { MaxBytes = 100_000, TimeToIdle = TimeSpan.FromMinutes(1), TimeToLive = TimeSpan.FromMinutes(1) });
        foreach ((BoundedCache<int, int> cache, long node) in new[] { (expiring, EntrySizes<int, int>.Expiring), (weighed, EntrySizes<int, int>.Full), (both, EntrySizes<int, int>.Full) })
        {
            long before = cache.Bytes;
            cache.Set(1, 1);
            Assert.Equal(node, cache.Bytes - before);
            cache.Verify();
        }

        Assert.True(EntrySizes<int, int>.Plain < EntrySizes<int, int>.Expiring && EntrySizes<int, int>.Expiring < EntrySizes<int, int>.Full);
    }

    [Fact]
    public void Set_CacheWithoutBytes_CountsNone()
    {
        var left = new Log<RemovedEntry<int, byte[]>>();
        using var cache = new BoundedCache<int, byte[]>(new() { MaxCount = 10, Removed = left.Add, KeySizer = Sizer.Create<int>(_ => throw new InvalidOperationException()) });
        cache.Set(1, new byte[100]);
        cache.Set(1, new byte[100], new CacheEntryOptions { ValueBytes = 5 });
        Assert.Equal((0, 0, null), (cache.Bytes, cache.Statistics.OverheadBytes, cache.MaxBytes));
        Assert.Equal(0, Assert.Single(left.Items).Bytes);
        cache.Verify();
    }

    [Theory]
    [InlineData(EvictionPolicy.ScanResistant, 1)]
    [InlineData(EvictionPolicy.ScanResistant, 16)]
    [InlineData(EvictionPolicy.Lru, 1)]
    public void Bytes_OfAFilledCache_AreThoseOfItsObjectGraph(EvictionPolicy policy, int concurrency)
    {
        using var cache = new BoundedCache<string, byte[]>(new() { MaxBytes = 100_000_000, Policy = policy, ConcurrencyLevel = concurrency });
        long measuredEmpty = Measure(cache);
        Assert.InRange(measuredEmpty, 0, cache.Bytes);
        long slackEmpty = cache.Bytes - measuredEmpty;
        for (int i = 0; i < 20_000; i++)
        {
            cache.Set($"key {i}", new byte[i % 300]);
        }

        for (int i = 0; i < 20_000; i += 3)
        {
            cache.TryRemove($"key {i}");
        }

        cache.Clear();
        for (int i = 0; i < 12_000; i++)
        {
            cache.Set($"key {i}", new byte[i % 300]);
        }

        // While the table is being resized there is its progress besides the two arrays; shards are charged with room for a few lists.
        Assert.InRange(cache.Bytes - Measure(cache), 0, slackEmpty + (16 * CacheLimits.ShardBytes) + 1024);
        cache.Verify();
    }

    [Fact]
    public void Bytes_OfACacheOfManyTiersAndSizes_CoverItsObjectGraph()
    {
        var options = new BoundedCacheOptions<int, byte[]> { MaxBytes = 500_000_000, ConcurrencyLevel = 16 };
        for (int i = 0; i < 7; i++)
        {
            options.Tiers.Add(new($"{i}", TimeSpan.FromMinutes(i + 1)));
        }

        using var cache = new BoundedCache<int, byte[]>(options);
        for (int i = 0; i < 60_000; i++)
        {
            int exponent = i / 7 % 16;
            cache.Set(
                i,
                i < 50_000 ? [] : new byte[1 << Math.Min(exponent, 12)],
                new CacheEntryOptions { Tier = $"{i % 7}", TimeToLive = i % 2 == 0 ? null : TimeSpan.FromMinutes(1) });
        }

        Assert.InRange(cache.Bytes - Measure(cache), 0, 64 * 1024);
    }

    [Fact]
    public void Bytes_WhileTheTableGrowsAndShrinks_IncludeItAtItsRealCapacity()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxBytes = 100_000_000, ConcurrencyLevel = 1 });
        long fixedBytes = cache.Statistics.OverheadBytes - BytesOfTable(16);
        int largest = 0;
        for (int i = 0; i < 30_000; i++)
        {
            cache.Set(i, i);
            long table = cache.Statistics.OverheadBytes - fixedBytes;
            int buckets = (int)(table / 12);
            Assert.True(buckets >= i / 4, $"{buckets} buckets for {i} entries");
            Assert.Equal((i + 1) * EntrySizes<int, int>.Plain, cache.Bytes - cache.Statistics.OverheadBytes);
            largest = Math.Max(largest, buckets);
        }

        Assert.InRange(largest, 32_768, 65_536);
        for (int i = 0; i < 30_000; i++)
        {
            cache.TryRemove(i);
        }

        cache.Verify();
        for (int i = 0; i < 1000; i++)
        {
            cache.Set(1, 1);
        }

        Assert.InRange(cache.Statistics.OverheadBytes - fixedBytes, BytesOfTable(16), BytesOfTable(4096));
        cache.Verify();
    }

    [Fact]
    public void Bytes_OfATightCache_LeaveRoomForTheTableToGrow()
    {
        // Small entries in a cache that was full of larger ones: the table has to grow though there is never room to spare. In the exact order,
        // because the other one rightly keeps the larger ones for long: a scan does not displace them.
        using var cache = new BoundedCache<int, string>(new() { MaxBytes = 1_000_000, Policy = EvictionPolicy.Lru });
        for (int i = 0; i < 1000; i++)
        {
            cache.Set(i, "", new CacheEntryOptions { ValueBytes = 1000 });
        }

        for (int i = 0; i < 40_000; i++)
        {
            Assert.True(cache.Set(1000 + i, "").IsStored());
            Assert.InRange(cache.Bytes, 0, 1_000_000);
        }

        cache.Verify();
        Assert.True(cache.Count > 9000, $"{cache.Count}");
        Assert.True(cache.Statistics.OverheadBytes > EntryTable<int, string>.BytesOf(2048), "The table did not grow.");
    }

    [Fact]
    public void Bytes_OfAFullCacheThatIsGivenOtherTiersAndSizes_CoverItsLists()
    {
        var options = new BoundedCacheOptions<int, byte[]> { MaxBytes = 60_000, ConcurrencyLevel = 1 };
        for (int i = 0; i < 7; i++)
        {
            options.Tiers.Add(new($"{i}", TimeSpan.FromMinutes(i + 1)));
        }

        using var cache = new BoundedCache<int, byte[]>(options);
        for (int i = 0; i < 1000; i++)
        {
            cache.Set(i, []);
        }

        for (int i = 0; i < 1000; i++)
        {
            var entry = new CacheEntryOptions { Tier = $"{i % 7}", TimeToLive = i % 2 == 0 ? null : TimeSpan.FromMinutes(1) };
            Assert.True(cache.Set(1000 + i, new byte[1 << (i % 13)], entry).IsStored());
            Assert.InRange(cache.Bytes, Measure(cache), 60_000);
        }

        cache.Verify();
    }

    [Fact]
    public void Removed_OfEntriesThatMakeRoomForTheTable_IsCalledUnderNoLock()
    {
        // Another thread takes the lock under which the table's size is changed.
        BoundedCache<int, string>? cache = null;
        int other = 0;
        cache = new BoundedCache<int, string>(new()
        {
            MaxBytes = 200_000,
            Policy = EvictionPolicy.Lru,
            Removed = _ => other += Patience.OnThread(() => cache!.Coldest(1)).Wait(TimeSpan.FromSeconds(10)) ? 1 : 0,
        });
        using (cache)
        {
            for (int i = 0; i < 3000; i++)
            {
                cache.Set(i, "", new CacheEntryOptions { ValueBytes = i < 200 ? 1000 : 0 });
            }

            Assert.True(cache.Statistics.OverheadBytes > EntryTable<int, string>.BytesOf(512), "The table did not grow.");
            Assert.Equal(cache.Statistics.Evicted, other);
            Assert.Equal(0, cache.Statistics.CallbackFailures);
            cache.Verify();
        }
    }

    /// <summary>Bytes the cache retains, without what all caches share.</summary>
    private static long Measure<TKey, TValue>(BoundedCache<TKey, TValue> cache)
        where TKey : notnull =>
        ObjectSizer.Measure(cache, Everything).Bytes - ObjectSizer.Measure(CacheMeter.For(null), Everything).Bytes;

    /// <summary>Buckets, and as many memories of what is gone.</summary>
    private static long BytesOfTable(int buckets) => EntryTable<int, int>.BytesOf(buckets) + GhostTable.BytesOf(buckets);
}
