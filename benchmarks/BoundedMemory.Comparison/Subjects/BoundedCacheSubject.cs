namespace BoundedMemory.Comparison;

/// <summary>What a <see cref="BoundedCache{TKey, TValue}"/> has beyond a limit in entries.</summary>
[Flags]
internal enum CacheFeatures
{
    None = 0,
    Lru = 1,

    /// <summary>A limit in bytes instead of one in entries, for as many entries.</summary>
    Bytes = 2,
    TimeToLive = 4,
    Sliding = 8,
    Weigher = 16,
}

/// <summary>Ours.</summary>
internal sealed class BoundedCacheSubject(string name, CacheFeatures features) : CacheSubject(name)
{
    public override IMeasured Prepare<TKey>(ICacheWorkload<TKey> workload, Func<long, TKey> keyOf) =>
        workload.Prepare(capacity => new Adapter<TKey>(Create(capacity, keyOf)));

    private BoundedCache<TKey, object> Create<TKey>(int capacity, Func<long, TKey> keyOf)
        where TKey : notnull
    {
        BoundedCacheOptions<TKey, object> options = Options<TKey>();
        if (!features.HasFlag(CacheFeatures.Bytes))
        {
            options.MaxCount = capacity;
            return new BoundedCache<TKey, object>(options);
        }

        // As many bytes as so many entries take.
        options.MaxBytes = long.MaxValue;
        using (var trial = new BoundedCache<TKey, object>(options))
        {
            for (int i = 0; i < capacity; i++)
            {
                trial.Set(keyOf(i), Value.Shared);
            }

            options.MaxBytes = trial.Bytes;
        }

        return new BoundedCache<TKey, object>(options);
    }

    private BoundedCacheOptions<TKey, object> Options<TKey>()
        where TKey : notnull
    {
        var options = new BoundedCacheOptions<TKey, object>
        {
            Policy = features.HasFlag(CacheFeatures.Lru) ? EvictionPolicy.Lru : EvictionPolicy.ScanResistant,
            TimeToLive = features.HasFlag(CacheFeatures.TimeToLive) ? TimeSpan.FromMinutes(5) : null,
            TimeToIdle = features.HasFlag(CacheFeatures.Sliding) ? TimeSpan.FromMinutes(5) : null,
        };
        if (features.HasFlag(CacheFeatures.Weigher))
        {
            options.Weigher = static (_, _) => 1;
            options.MaxWeight = long.MaxValue;
        }

        return options;
    }

    private readonly struct Adapter<TKey>(BoundedCache<TKey, object> cache) : ICache<TKey>
        where TKey : notnull
    {
        public long Count => cache.Count;

        public bool IsBounded => true;

        public object? TryGet(TKey key) => cache.TryGet(key, out object? value) ? value : null;

        public void Set(TKey key) => cache.Set(key, Value.Shared);

        public object GetOrAdd(TKey key, Loader loader) => cache.GetOrAdd(key, static (_, loader) => loader.Load(), loader);

        public void Remove(TKey key) => cache.TryRemove(key);

        public void Dispose() => cache.Dispose();
    }
}
