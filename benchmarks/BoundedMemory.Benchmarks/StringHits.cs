using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Caching.Memory;

namespace BoundedMemory.Benchmarks;

/// <summary>What does a hit cost with <see cref="string"/> keys, and with characters in their place?</summary>
[MemoryDiagnoser]
public class StringHits
{
    private readonly string[] _keys = Numbers.Strings();
    private readonly BoundedCache<string, object> _cache = Numbers.Filled(Numbers.Strings());
    private readonly BoundedCache<string, object> _ignoresCase = Numbers.Filled(Numbers.Strings(), o => o.KeyComparer = StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, object> _dictionary = new(Numbers.Strings().Select(key => KeyValuePair.Create(key, new object())));
    private readonly MemoryCache _memoryCache = new(new MemoryCacheOptions());
    private readonly BoundedCache<string, object>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly ConcurrentDictionary<string, object>.AlternateLookup<ReadOnlySpan<char>> _dictionaryBySpan;
    private int _next;

    public StringHits()
    {
        _bySpan = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
        _dictionaryBySpan = _dictionary.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string key in Numbers.Strings())
        {
            _memoryCache.Set(key, new object());
        }
    }

    private string Key => _keys[_next++ & (Numbers.Count - 1)];

    [Benchmark(Baseline = true)]
    public object? MemoryCache() => _memoryCache.TryGetValue(Key, out object? value) ? value : null;

    [Benchmark]
    public object? MemoryCacheSpan() => _memoryCache.TryGetValue(Key.AsSpan(), out object? value) ? value : null;

    [Benchmark]
    public object? ConcurrentDictionary() => _dictionary.TryGetValue(Key, out object? value) ? value : null;

    [Benchmark]
    public object? ConcurrentDictionarySpan() => _dictionaryBySpan.TryGetValue(Key, out object? value) ? value : null;

    [Benchmark]
    public object? BoundedCache() => _cache.TryGet(Key, out object? value) ? value : null;

    [Benchmark]
    public object? BoundedCacheSpan() => _bySpan.TryGet(Key, out object? value) ? value : null;

    [Benchmark]
    public object? BoundedCacheIgnoresCase() => _ignoresCase.TryGet(Key, out object? value) ? value : null;
}
