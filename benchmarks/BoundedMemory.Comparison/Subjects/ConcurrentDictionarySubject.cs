using System.Collections.Concurrent;

namespace BoundedMemory.Comparison;

/// <summary>A dictionary that evicts nothing: what a look-up costs at least, and the leak that a cache is to prevent.</summary>
internal sealed class ConcurrentDictionarySubject() : CacheSubject("ConcurrentDictionary")
{
    public override IMeasured Prepare<TKey>(ICacheWorkload<TKey> workload, Func<long, TKey> keyOf) =>
        workload.Prepare(_ => new Adapter<TKey>(new ConcurrentDictionary<TKey, object>()));

    private readonly struct Adapter<TKey>(ConcurrentDictionary<TKey, object> dictionary) : ICache<TKey>
        where TKey : notnull
    {
        public long Count => dictionary.Count;

        public bool IsBounded => false;

        public object? TryGet(TKey key) => dictionary.TryGetValue(key, out object? value) ? value : null;

        public void Set(TKey key) => dictionary[key] = Value.Shared;

        public object GetOrAdd(TKey key, Loader loader) => dictionary.GetOrAdd(key, static (_, loader) => loader.Load(), loader);

        public void Remove(TKey key) => dictionary.TryRemove(key, out _);

        public void Dispose()
        {
        }
    }
}
