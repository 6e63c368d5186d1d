using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Memory;

namespace BoundedMemory.Benchmarks;

/// <summary>What does a hit cost with <see cref="long"/> keys?</summary>
[MemoryDiagnoser]
public class LongHits
{
    private readonly BoundedCache<long, object> _cache = Numbers.Filled(Numbers.Longs);
    private readonly BoundedCache<long, object> _lru = Numbers.Filled(Numbers.Longs, o => o.Policy = EvictionPolicy.Lru);
    private readonly BoundedCache<long, object> _expiring = Numbers.Filled(Numbers.Longs, o => o.TimeToLive = TimeSpan.FromHours(1));
    private readonly BoundedCache<long, object> _sliding = Numbers.Filled(Numbers.Longs, o => o.TimeToIdle = TimeSpan.FromHours(1));
    private readonly ConcurrentDictionary<long, object> _dictionary = new(Numbers.Longs.Select(key => KeyValuePair.Create(key, new object())));
    private readonly MemoryCache _memoryCache = new(new MemoryCacheOptions());
    private int _next;

    public LongHits()
    {
        foreach (long key in Numbers.Longs)
        {
            _memoryCache.Set(key, new object());
        }
    }

    private long Key => Numbers.Longs[_next++ & (Numbers.Count - 1)];

    [Benchmark(Baseline = true)]
    public object? MemoryCache() => _memoryCache.TryGetValue(Key, out object? value) ? value : null;

    [Benchmark]
    public object? ConcurrentDictionary() => _dictionary.TryGetValue(Key, out object? value) ? value : null;

    [Benchmark]
    public object? BoundedCache() => _cache.TryGet(Key, out object? value) ? value : null;

    [Benchmark]
    public object? BoundedCacheLru() => _lru.TryGet(Key, out object? value) ? value : null;

    [Benchmark]
    public object? BoundedCacheTimeToLive() => _expiring.TryGet(Key, out object? value) ? value : null;

    [Benchmark]
    public object? BoundedCacheTimeToIdle() => _sliding.TryGet(Key, out object? value) ? value : null;
}
