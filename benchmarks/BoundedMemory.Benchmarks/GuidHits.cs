using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Memory;

namespace BoundedMemory.Benchmarks;

/// <summary>What does a hit cost with <see cref="Guid"/> keys, and with a pair, whose hash is its own?</summary>
[MemoryDiagnoser]
public class GuidHits
{
    private static readonly (long, int)[] PairKeys = [.. Numbers.Longs.Select(n => (n, (int)n))];

    private readonly BoundedCache<Guid, object> _cache = Numbers.Filled(Numbers.Guids);
    private readonly BoundedCache<(long, int), object> _pairs = Numbers.Filled(PairKeys);
    private readonly ConcurrentDictionary<Guid, object> _dictionary = new(Numbers.Guids.Select(key => KeyValuePair.Create(key, new object())));
    private readonly MemoryCache _memoryCache = new(new MemoryCacheOptions());
    private int _next;

    public GuidHits()
    {
        foreach (Guid key in Numbers.Guids)
        {
            _memoryCache.Set(key, new object());
        }
    }

    private int Next => _next++ & (Numbers.Count - 1);

    [Benchmark(Baseline = true)]
    public object? MemoryCache() => _memoryCache.TryGetValue(Numbers.Guids[Next], out object? value) ? value : null;

    [Benchmark]
    public object? ConcurrentDictionary() => _dictionary.TryGetValue(Numbers.Guids[Next], out object? value) ? value : null;

    [Benchmark]
    public object? BoundedCache() => _cache.TryGet(Numbers.Guids[Next], out object? value) ? value : null;

    [Benchmark]
    public object? BoundedCachePairs() => _pairs.TryGet(PairKeys[Next], out object? value) ? value : null;
}
