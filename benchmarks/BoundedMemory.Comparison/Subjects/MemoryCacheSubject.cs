using Microsoft.Extensions.Caching.Memory;

namespace BoundedMemory.Comparison;

/// <summary><see cref="MemoryCache"/>, as it is commonly used.</summary>
internal sealed class MemoryCacheSubject(string name) : CacheSubject(name)
{
    /// <summary>A limit in entries: every entry has the size 1.</summary>
    public bool HasSizeLimit { get; init; }

    /// <summary>Entries expire five minutes after they were stored.</summary>
    public bool Expires { get; init; }

    public override IMeasured Prepare<TKey>(ICacheWorkload<TKey> workload, Func<long, TKey> keyOf)
    {
        var entryOptions = new MemoryCacheEntryOptions
        {
            Size = HasSizeLimit ? 1 : null,
            AbsoluteExpirationRelativeToNow = Expires ? TimeSpan.FromMinutes(5) : null,
        };
        return workload.Prepare(capacity => new Adapter<TKey>(
            new MemoryCache(new MemoryCacheOptions { SizeLimit = HasSizeLimit ? capacity : null }),
            entryOptions,
            HasSizeLimit));
    }

    private readonly struct Adapter<TKey>(MemoryCache cache, MemoryCacheEntryOptions entryOptions, bool isBounded) : ICache<TKey>
        where TKey : notnull
    {
        public long Count => cache.Count;

        public bool IsBounded => isBounded;

        public object? TryGet(TKey key) => cache.TryGetValue(key, out object? value) ? value : null;

        public void Set(TKey key) => cache.Set(key, Value.Shared, entryOptions);

        public object? GetOrAdd(TKey key, Loader loader) => cache.GetOrCreate(key, loader.ForMemoryCache, entryOptions);

        public void Remove(TKey key) => cache.Remove(key);

        public void Dispose() => cache.Dispose();
    }
}
