using Microsoft.Extensions.Caching.Memory;

namespace BoundedMemory.Comparison;

/// <summary>What the workloads do with a cache whose values are all <see cref="Value.Shared"/>. Structs implement it, so that a workload's loop is
/// compiled for each of them and calls it directly.</summary>
internal interface ICache<TKey> : IDisposable
    where TKey : notnull
{
    long Count { get; }

    /// <summary>It evicts.</summary>
    bool IsBounded { get; }

    /// <summary>The value, or null.</summary>
    object? TryGet(TKey key);

    void Set(TKey key);

    object? GetOrAdd(TKey key, Loader loader);

    void Remove(TKey key);
}

/// <summary>The value of every entry: an object of 24 bytes, made once.</summary>
internal static class Value
{
    public static readonly object Shared = new();
}

/// <summary>Loads values, and counts how often: the misses of one thread.</summary>
internal sealed class Loader
{
    public Loader()
    {
        ForMemoryCache = _ => Load();
    }

    /// <summary>For caches that pass no argument on to a factory: made once, so that no call pays for a closure.</summary>
    public Func<ICacheEntry, object> ForMemoryCache { get; }

    public long Loads { get; private set; }

    public object Load()
    {
        Loads++;
        return Value.Shared;
    }
}
