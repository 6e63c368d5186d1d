using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>
/// Fills a cache with values of one kind until several times its bound has passed through it, drops everything else and compares what the heap
/// has grown by with the bound. Arguments: the bound in MB, and how many kinds share one cache (1 by default).
/// </summary>
internal static class CacheHeap
{
    /// <summary>What the heap may exceed the bound by: it is counted in allocation quanta.</summary>
    private const long Tolerance = 64 * 1024;

    /// <summary>How often the bound passes through a cache.</summary>
    private const int Turnovers = 3;

    public static int Run(int megabytes, int kindsPerCache)
    {
        long bound = megabytes * 1_000_000L;
        bool holds = true;
        int number = 0;
        WarmUp();
        foreach ((string Name, Func<int, object> Make)[] kinds in SizingTruth.Values.Chunk(kindsPerCache))
        {
            // Every other cache has string keys, every third one is an exact LRU.
            EvictionPolicy policy = number % 3 == 2 ? EvictionPolicy.Lru : EvictionPolicy.ScanResistant;
            holds &= number++ % 2 == 0
                ? Fill(bound, policy, kinds, key => (long)key)
                : Fill(bound, policy, kinds, key => string.Create(CultureInfo.InvariantCulture, $"key {key}"));
        }

        return holds ? 0 : 1;
    }

    /// <summary>Loads types and fills pools.</summary>
    private static void WarmUp()
    {
        foreach ((_, Func<int, object> make) in SizingTruth.Values)
            Use<long>(100_000, EvictionPolicy.ScanResistant, make, key => key);
        Use(100_000, EvictionPolicy.Lru, i => new byte[i % 100], key => $"{key}");

        static void Use<TKey>(long bound, EvictionPolicy policy, Func<int, object> make, Func<int, TKey> key)
            where TKey : notnull
        {
            using BoundedCache<TKey, object> cache = Create<TKey>(bound, policy);
            for (int i = 0; cache.Statistics.Evicted < 10; i++)
                cache.Set(key(i), make(i));
        }
    }

    private static BoundedCache<TKey, object> Create<TKey>(long bound, EvictionPolicy policy)
        where TKey : notnull =>
        new(new() { MaxBytes = bound, Policy = policy });

    private static bool Fill<TKey>(long bound, EvictionPolicy policy, (string Name, Func<int, object> Make)[] kinds, Func<int, TKey> key)
        where TKey : notnull
    {
        long before = Heap.Bytes();
        BoundedCache<TKey, object> cache = Create<TKey>(bound, policy);
        int next = 0;
        long entries = 1;
        while (cache.Statistics.Evicted < (Turnovers - 1) * entries)
        {
            for (int i = 0; i < 1000; i++, next++)
            {
                cache.Set(key(next), kinds[next % kinds.Length].Make(next));
                if (next % 7 == 0)
                    cache.TryGet(key(next / 2), out _);
            }

            entries = cache.Count;
        }

        long retained = Heap.Bytes() - before;
        CacheStatistics statistics = cache.Statistics;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"heap;{string.Join(" + ", kinds.Select(kind => kind.Name))};{typeof(TKey).Name};{policy};{bound};{retained};{(double)retained / bound:F4};{(double)statistics.Bytes / bound:F4};{statistics.Stored};{statistics.Count}"));
        cache.Dispose();
        return retained <= bound + Tolerance;
    }
}
