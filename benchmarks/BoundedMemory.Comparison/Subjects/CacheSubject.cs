namespace BoundedMemory.Comparison;

/// <summary>A kind of cache that is compared. One file each.</summary>
internal abstract class CacheSubject(string name)
{
    public static readonly CacheSubject MemoryCache = new MemoryCacheSubject("MemoryCache");
    public static readonly CacheSubject MemoryCacheSizeLimit = new MemoryCacheSubject("MemoryCache SizeLimit") { HasSizeLimit = true };
    public static readonly CacheSubject ConcurrentDictionary = new ConcurrentDictionarySubject();

    private static readonly CacheSubject[] Common =
    [
        new BoundedCacheSubject("BoundedCache", CacheFeatures.None),
        new BoundedCacheSubject("BoundedCache Lru", CacheFeatures.Lru),
        new BoundedCacheSubject("BoundedCache bytes", CacheFeatures.Bytes),
        new BoundedCacheSubject("BoundedCache ttl", CacheFeatures.TimeToLive),
        MemoryCache,
        MemoryCacheSizeLimit,
        new MemoryCacheSubject("MemoryCache SizeLimit ttl") { HasSizeLimit = true, Expires = true },
        ConcurrentDictionary,
    ];

    /// <summary>Those whose speed is compared.</summary>
    public static readonly CacheSubject[] Timed = [.. Common, new NothingSubject()];

    /// <summary>Those whose memory is compared.</summary>
    public static readonly CacheSubject[] Sized =
    [
        .. Common,
        new BoundedCacheSubject("BoundedCache sliding", CacheFeatures.Sliding),
        new BoundedCacheSubject("BoundedCache weigher", CacheFeatures.Weigher),
        new BoundedCacheSubject("BoundedCache bytes ttl", CacheFeatures.Bytes | CacheFeatures.TimeToLive),
        new BoundedCacheSubject("BoundedCache bytes ttl sliding weigher", CacheFeatures.Bytes | CacheFeatures.TimeToLive | CacheFeatures.Sliding | CacheFeatures.Weigher),
    ];

    /// <summary>Its name in the CSV.</summary>
    public string Name { get; } = name;

    /// <summary>Hands itself, as the type that it is, to a workload.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="keyOf">The keys by number.</param>
    public abstract IMeasured Prepare<TKey>(ICacheWorkload<TKey> workload, Func<long, TKey> keyOf)
        where TKey : notnull;
}
