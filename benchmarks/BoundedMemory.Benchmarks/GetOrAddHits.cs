using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Memory;

namespace BoundedMemory.Benchmarks;

/// <summary>What does reading through cost when the value is there?</summary>
[MemoryDiagnoser]
public class GetOrAddHits
{
    private readonly BoundedCache<long, object> _cache = Numbers.Filled(Numbers.Longs);
    private readonly BoundedCache<long, object> _refreshing = Numbers.Filled(Numbers.Longs, o => o.RefreshAfter = TimeSpan.FromHours(1));
    private readonly ConcurrentDictionary<long, object> _dictionary = new(Numbers.Longs.Select(key => KeyValuePair.Create(key, new object())));
    private readonly MemoryCache _memoryCache = new(new MemoryCacheOptions());
    private readonly object _argument = new();
    private int _next;

    public GetOrAddHits()
    {
        foreach (long key in Numbers.Longs)
        {
            _memoryCache.Set(key, new object());
        }
    }

    private long Key => Numbers.Longs[_next++ & (Numbers.Count - 1)];

    [Benchmark(Baseline = true)]
    public object? MemoryCache() => _memoryCache.GetOrCreate(Key, static _ => new object());

    [Benchmark]
    public object ConcurrentDictionary() => _dictionary.GetOrAdd(Key, static (_, argument) => argument, _argument);

    [Benchmark]
    public object BoundedCache() => _cache.GetOrAdd(Key, static _ => new object());

    [Benchmark]
    public object BoundedCacheArgument() => _cache.GetOrAdd(Key, static (_, argument) => argument, _argument);

    [Benchmark]
    public object BoundedCacheRefreshAfter() => _refreshing.GetOrAdd(Key, static (_, argument) => argument, _argument);

    [Benchmark]
    public async ValueTask<object?> MemoryCacheAsync() => await _memoryCache.GetOrCreateAsync(Key, static _ => Task.FromResult(new object()));

    [Benchmark]
    public async ValueTask<object> BoundedCacheAsync() => await _cache.GetOrAddAsync(Key, static (_, _) => ValueTask.FromResult(new object()));
}
