using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Compares what caches without entries are charged with what they retain: new ones, and ones that have been full and were cleared.</summary>
internal static class EmptyCacheHeap
{
    // Many, because the heap is counted in allocation quanta.
    private const int Caches = 50;
    private const int ClearedCaches = 12;

    private const int Repeats = 3;

    private static readonly (string Name, Action<BoundedCacheOptions<long, object>> Change)[] Kinds =
    [
        ("plain", _ => { }),
        ("the least", o => o.MaxBytes = 16_384),
        ("256 shards", o => o.ConcurrencyLevel = 256),
        ("one shard", o => o.ConcurrencyLevel = 1),
        ("lru", o => o.Policy = EvictionPolicy.Lru),
        ("seven tiers", o => AddTiers(o)),
        ("lru, seven tiers with limits", o =>
        {
            o.Policy = EvictionPolicy.Lru;
            AddTiers(o, maxCount: 100_000);
        }),
        ("256 shards, seven tiers, sliding", o =>
        {
            o.ConcurrencyLevel = 256;
            o.TimeToIdle = TimeSpan.FromHours(1);
            AddTiers(o);
        }),
        ("everything", o =>
        {
            o.MaxCount = 1_000_000;
            o.MaxWeight = 1_000_000;
            o.Weigher = (_, _) => 1;
            o.TimeToLive = TimeSpan.FromHours(1);
            o.RefreshAfter = TimeSpan.FromMinutes(1);
            o.StaleIfError = TimeSpan.FromMinutes(1);
            o.DisposeValues = true;
            o.Removed = _ => { };
            o.Rejected = _ => { };
            o.KeyComparer = EqualityComparer<long>.Create((x, y) => x == y, x => (int)x);
            AddTiers(o);
        }),
    ];

    public static int Run()
    {
        using var budget = new MemoryBudget(10_000_000_000);
        bool holds = true;
        foreach (bool isShared in new[] { false, true })
        {
            foreach ((string name, Action<BoundedCacheOptions<long, object>> change) in Kinds)
            {
                BoundedCacheOptions<long, object> Options()
                {
                    var options = new BoundedCacheOptions<long, object> { MaxBytes = 100_000_000, Budget = isShared ? budget : null };
                    change(options);
                    return options;
                }

                string full = isShared ? $"{name}, shared budget" : name;
                Compare($"warm-up, {full}", 1, Options, Empty);
                holds &= Compare(full, Caches, Options, (_, _) => { });
                holds &= Compare($"{full}, cleared", ClearedCaches, Options, Empty);
            }
        }

        return holds ? 0 : 1;
    }

    private static void AddTiers(BoundedCacheOptions<long, object> options, long? maxCount = null)
    {
        for (int i = 0; i < 7; i++)
            options.Tiers.Add(new TtlTier($"{i}", TimeSpan.FromHours(1), maxCount));
    }

    /// <summary>Fills a cache, so that it has as many shards, lists and buckets as it can get, and clears it.</summary>
    private static void Empty(BoundedCache<long, object> cache, int tiers)
    {
        for (int i = 0; i < 12_000; i++)
            cache.Set(i, i);
        for (int i = 0; i < 14_000; i++)
        {
            cache.Set(i, i, new CacheEntryOptions
            {
                ValueBytes = 1 << (i / 7 % 13),
                Tier = tiers == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{i % tiers}"),
                TimeToLive = i % 2 == 0 ? null : TimeSpan.FromMinutes(5),
            });
        }

        cache.Clear();
    }

    private static bool Compare(string name, int count, Func<BoundedCacheOptions<long, object>> options, Action<BoundedCache<long, object>, int> use)
    {
        (long Charged, long Retained, long Count) measured = Measure(count, options, use);
        for (int i = 0; i < Repeats && measured.Retained > measured.Charged; i++)
        {
            // The runtime allocates now and then, but not each time; a cache does.
            measured = Measure(count, options, use);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"empty;{name};{measured.Charged};{measured.Retained};{measured.Count}"));
        return measured.Retained <= measured.Charged;
    }

    private static (long Charged, long Retained, long Count) Measure(
        int count, Func<BoundedCacheOptions<long, object>> options, Action<BoundedCache<long, object>, int> use)
    {
        var caches = new BoundedCache<long, object>[count];
        long before = Heap.Bytes();
        for (int i = 0; i < count; i++)
        {
            caches[i] = new BoundedCache<long, object>(options());
            use(caches[i], options().Tiers.Count);
        }

        long retained = (Heap.Bytes() - before) / count;
        (long charged, long entries) = (caches[^1].Bytes, caches[^1].Count);
        foreach (BoundedCache<long, object> cache in caches)
            cache.Dispose();
        return (charged, retained, entries);
    }
}
