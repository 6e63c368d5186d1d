using System.Collections;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class CacheEnumerationTests
{
    [Theory]
    [InlineData(EvictionPolicy.ScanResistant, 1)]
    [InlineData(EvictionPolicy.ScanResistant, 16)]
    [InlineData(EvictionPolicy.Lru, 16)]
    public void Enumeration_OfEverything_SeesEachEntryOnce(EvictionPolicy policy, int concurrency)
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 50_000, Policy = policy, ConcurrencyLevel = concurrency });
        Assert.Empty(cache);
        for (int i = 0; i < 20_000; i++)
        {
            cache.Set(i, $"{i}");
        }

        for (int i = 0; i < 20_000; i += 7)
        {
            cache.TryRemove(i);
        }

        Assert.Equal(Enumerable.Range(0, 20_000).Where(i => i % 7 != 0), cache.Select(e => e.Key).Order());
        Assert.All(cache, e => Assert.Equal($"{e.Key}", e.Value));
        Assert.Equal(cache.Count, ((IEnumerable)cache).Cast<KeyValuePair<int, string>>().LongCount());
    }

    [Theory]
    [InlineData(EvictionPolicy.ScanResistant)]
    [InlineData(EvictionPolicy.Lru)]
    public void Enumeration_IsNeitherCountedNorAUse(EvictionPolicy policy)
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 100, Policy = policy });
        for (int i = 0; i < 50; i++)
        {
            cache.Set(i, i);
        }

        KeyValuePair<int, int>[] order = [.. cache.Coldest(50)];
        Assert.Equal(50, cache.Select(e => e.Key).Distinct().Count());
        Assert.Equal(0, cache.Statistics.Requests);
        Assert.Equal(order, cache.Coldest(50));
    }

    [Fact]
    public void Enumeration_WhileShardsSplitAndTheTableGrowsAndShrinks_SeesWhatStaysOnce()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 1_000_000, ConcurrencyLevel = 16 });
        for (int i = 0; i < 500; i++)
        {
            cache.Set(i, i);
        }

        var seen = new List<int>();
        int step = 0;
        foreach ((int key, int value) in cache)
        {
            Assert.Equal(key, value);
            seen.Add(key);
            if (++step == 20)
            {
                for (int i = 1000; i < 60_000; i++)
                {
                    cache.Set(i, i);
                }
            }
            else if (step == 400)
            {
                for (int i = 1000; i < 60_000; i++)
                {
                    cache.TryRemove(i);
                }
            }
        }

        Assert.True(step > 400);
        Assert.Equal(Enumerable.Range(0, 500), seen.Where(key => key < 1000).Order());
        Assert.Distinct(seen);
        cache.Verify();
    }

    [Fact]
    public void Enumeration_WhileFourThreadsWrite_SeesWhatStaysOnce()
    {
        const int Staying = 3000;
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 100_000, ConcurrencyLevel = 16 });
        for (int i = 0; i < Staying; i++)
        {
            cache.Set(i, i);
        }

        int passes = 0;
        void Enumerate()
        {
            int[] keys = [.. cache.Select(e => e.Key)];
            Assert.Distinct(keys);
            Assert.Equal(Staying, keys.Count(key => key < Staying));
            passes++;
        }

        Threaded.RunWatched([Enumerate], [.. Enumerable.Range(0, 4).Select(worker => (Action)(() => Write(worker)))]);
        void Write(int worker)
        {
            for (int round = 0; round < 3; round++)
            {
                for (int i = 0; i < 8000; i++)
                {
                    cache.Set(Staying + (i * 4) + worker, i);
                }

                for (int i = 0; i < 8000; i++)
                {
                    cache.TryRemove(Staying + (i * 4) + worker);
                }
            }
        }

        Assert.True(passes > 3);
        Assert.Equal(Staying, cache.Count);
        cache.Verify();
    }

    [Fact]
    public void Enumeration_ReplacedMeanwhile_SeesEachKeyOnce()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 1000, ConcurrencyLevel = 8 });
        for (int i = 0; i < 100; i++)
        {
            cache.Set(i, 0);
        }

        var keys = new List<int>();
        foreach ((int key, _) in cache)
        {
            keys.Add(key);
            for (int i = 0; i < 100; i++)
            {
                cache.Set(i, keys.Count);
            }
        }

        Assert.Equal(Enumerable.Range(0, 100), keys.Order());
    }

    [Fact]
    public void Enumeration_ClearedOrDisposedMeanwhile_EndsWithoutAnError()
    {
        var cache = new BoundedCache<int, int>(new() { MaxCount = 100_000, ConcurrencyLevel = 16 });
        for (int i = 0; i < 20_000; i++)
        {
            cache.Set(i, i);
        }

        using IEnumerator<KeyValuePair<int, int>> first = cache.GetEnumerator();
        Assert.True(first.MoveNext());
        cache.Clear();
        int rest = 0;
        while (first.MoveNext())
        {
            rest++;
        }

        Assert.InRange(rest, 0, 20_000 / 4);
        cache.Set(1, 1);
        cache.Set(2, 2);
        using IEnumerator<KeyValuePair<int, int>> second = cache.GetEnumerator();
        Assert.True(second.MoveNext());
        cache.Dispose();
        while (second.MoveNext())
        {
        }
    }
}
