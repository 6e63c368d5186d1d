using System.Collections.Concurrent;
using BoundedMemory;

namespace Reproduce;

/// <summary>A cache as the systems had it: a table with a time to live and no limit. What has expired is loaded anew when somebody asks for it, and
/// stays if nobody does.</summary>
internal sealed class UnboundedCache<TKey, TValue>(TimeProvider clock, Func<TKey, TimeSpan>? timeToLive) : ICache<TKey, TValue>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, (TValue Value, long StoredAt)> _table = new();
    private long _hits;
    private long _misses;
    private long _replaced;

    public long Entries => _table.Count;

    public Flow Flow => Flow.Of(Counted);

    public CacheStatistics? Cache => Counted;

    private CacheStatistics Counted => new CacheStatistics
    {
        Hits = _hits,
        Misses = _misses,
        Loads = _misses,
        Stored = _misses,
        Replaced = _replaced,
        Count = _table.Count,
    };

    public TValue GetOrLoad<TArg>(TKey key, Func<TKey, TArg, TValue> load, TArg argument)
    {
        bool isThere = _table.TryGetValue(key, out (TValue Value, long StoredAt) found);
        if (isThere && (timeToLive is null || clock.GetElapsedTime(found.StoredAt) < timeToLive(key)))
        {
            Interlocked.Increment(ref _hits);
            return found.Value;
        }

        Interlocked.Increment(ref _misses);
        TValue value = load(key, argument);
        (TValue Value, long StoredAt) entry = (value, clock.GetTimestamp());
        if (!_table.TryAdd(key, entry))
        {
            _table[key] = entry;
            Interlocked.Increment(ref _replaced);
        }

        return value;
    }

    public void Dispose() => _table.Clear();
}
