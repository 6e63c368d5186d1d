using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Memory;

namespace BoundedMemory.Benchmarks;

/// <summary>What does it cost not to find a key?</summary>
[MemoryDiagnoser]
public class Misses
{
    private static readonly string[] AbsentStrings = [.. Numbers.Longs.Select(n => $"item:{n & 0xF_FFFF_FFFF_FFFF:x13}")];

    private readonly BoundedCache<long, object> _cache = Numbers.Filled(Numbers.Longs);
    private readonly BoundedCache<string, object> _strings = Numbers.Filled(Numbers.Strings());
    private readonly ConcurrentDictionary<long, object> _dictionary = new(Numbers.Longs.Select(key => KeyValuePair.Create(key, new object())));
    private readonly MemoryCache _memoryCache = new(new MemoryCacheOptions());
    private int _next;

    public Misses()
    {
        foreach (long key in Numbers.Longs)
        {
            _memoryCache.Set(key, new object());
        }
    }

    private int Next => _next++ & (Numbers.Count - 1);

    private long AbsentKey => Numbers.Longs[Next] + 1;

    [Benchmark(Baseline = true)]
    public bool MemoryCache() => _memoryCache.TryGetValue(AbsentKey, out _);

    [Benchmark]
    public bool ConcurrentDictionary() => _dictionary.TryGetValue(AbsentKey, out _);

    [Benchmark]
    public bool BoundedCache() => _cache.TryGet(AbsentKey, out _);

    [Benchmark]
    public bool BoundedCacheStrings() => _strings.TryGet(AbsentStrings[Next], out _);
}
