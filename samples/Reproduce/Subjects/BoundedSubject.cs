using BoundedMemory;

namespace Reproduce;

/// <summary>The library's cache, with every limit of its options as something to watch.</summary>
internal sealed class BoundedSubject<TKey, TValue> : ICache<TKey, TValue>
    where TKey : notnull
{
    private readonly BoundedCache<TKey, TValue> _cache;
    private readonly Func<TKey, string?> _tierOf;

    public BoundedSubject(BoundedCacheOptions<TKey, TValue> options, Func<TKey, string?>? tierOf = null)
    {
        _cache = new BoundedCache<TKey, TValue>(options);
        _tierOf = tierOf ?? (static _ => null);
        Bounds = [.. BoundsOf(options)];
    }

    public long Entries => _cache.Count;

    public long? MaxBytes => _cache.MaxBytes;

    public IReadOnlyList<Bound> Bounds { get; }

    public Flow Flow => Flow.Of(_cache.Statistics);

    public CacheStatistics? Cache => _cache.Statistics;

    public TValue GetOrLoad<TArg>(TKey key, Func<TKey, TArg, TValue> load, TArg argument) => _cache.GetOrAdd(
        key,
        static (key, call, context) =>
        {
            context.Entry.Tier = call.Tier;
            return call.Load(key, call.Argument);
        },
        (Load: load, Argument: argument, Tier: _tierOf(key)));

    public void Dispose() => _cache.Dispose();

    private IEnumerable<Bound> BoundsOf(BoundedCacheOptions<TKey, TValue> options)
    {
        if (options.MaxBytes is { } bytes)
        {
            yield return new Bound("bytes", bytes, IsBytes: true, () => _cache.Bytes);
        }

        if (options.MaxCount is { } count)
        {
            yield return new Bound("entries", count, IsBytes: false, () => _cache.Count);
        }

        foreach (TtlTier tier in options.Tiers.Where(tier => tier.MaxCount is not null))
        {
            yield return new Bound($"entries {tier.Name}", tier.MaxCount!.Value, IsBytes: false, () => _cache.UsageOf(tier.Name).Count);
        }
    }
}
