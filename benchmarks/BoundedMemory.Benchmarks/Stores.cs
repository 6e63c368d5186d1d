using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Memory;

namespace BoundedMemory.Benchmarks;

/// <summary>What does storing cost: in place of another value, or of another key?</summary>
[MemoryDiagnoser]
public class Stores
{
    private static readonly object Value = new();

    private readonly BoundedCache<long, object> _cache = Numbers.Filled(Numbers.Longs, o => o.MaxCount = Numbers.Count);
    private readonly BoundedCache<long, object> _lru = Numbers.Filled(Numbers.Longs, o => (o.MaxCount, o.Policy) = (Numbers.Count, EvictionPolicy.Lru));
    private readonly BoundedCache<long, object> _bytes = Numbers.Filled(Numbers.Longs, o => (o.MaxCount, o.MaxBytes) = (null, 128 * Numbers.Count));
    private readonly BoundedCache<long, object> _expiring = Numbers.Filled(Numbers.Longs, o => (o.MaxCount, o.TimeToLive) = (Numbers.Count, TimeSpan.FromHours(1)));
    private readonly ConcurrentDictionary<long, object> _dictionary = new(Numbers.Longs.Select(key => KeyValuePair.Create(key, Value)));
    private readonly MemoryCache _memoryCache = new(new MemoryCacheOptions { SizeLimit = 2 * Numbers.Count });
    private readonly MemoryCacheEntryOptions _sizeOfOne = new() { Size = 1 };
    private int _next;

    private long Key => Numbers.Longs[_next++ & (Numbers.Count - 1)];

    private long NewKey => unchecked(++_next * (long)0x9E3779B97F4A7C15);

    [Benchmark(Baseline = true)]
    public object ReplaceInMemoryCache() => _memoryCache.Set(Key, Value, _sizeOfOne);

    [Benchmark]
    public object ReplaceInConcurrentDictionary() => _dictionary[Key] = Value;

    [Benchmark]
    public SetResult Replace() => _cache.Set(Key, Value);

    [Benchmark]
    public SetResult ReplaceMeasured() => _bytes.Set(Key, Value);

    [Benchmark]
    public SetResult ReplaceTimeToLive() => _expiring.Set(Key, Value);

    [Benchmark]
    public SetResult AddAndEvict() => _cache.Set(NewKey, Value);

    [Benchmark]
    public SetResult AddAndEvictLru() => _lru.Set(NewKey, Value);

    [Benchmark]
    public SetResult AddAndEvictMeasured() => _bytes.Set(NewKey, Value);

    [Benchmark]
    public object AddAndEvictRead() => _cache.GetOrAdd(NewKey, static _ => Value);

    [Benchmark]
    public bool AddAndRemove()
    {
        long key = NewKey;
        _cache.Set(key, Value);
        return _cache.TryRemove(key);
    }
}
