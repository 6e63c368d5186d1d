using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <content>Loading a value anew while it is still there.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>Apart from its caller, whose hits would otherwise pay for the closure.</summary>
    private void RefreshIfDue<TLoader>(Entry<TKey, TValue> entry, TLoader loader)
        where TLoader : struct, ILoader<TKey, TValue>
    {
        if (TryBeginRefresh(entry, out Load<TKey, TValue>? load))
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => Run(load, loader, entry), null);
        }
    }

    private void RefreshIfDueAsync<TLoader>(Entry<TKey, TValue> entry, TLoader loader)
        where TLoader : struct, IAsyncLoader<TKey, TValue>
    {
        if (TryBeginRefresh(entry, out Load<TKey, TValue>? load))
        {
            ThreadPool.UnsafeQueueUserWorkItem(async _ => await RunAsync(load, loader, entry).ConfigureAwait(false), null);
        }
    }

    /// <summary>Registers the load of a value that is still there, if it is due, this caller is the first to see it, and nobody is loading it.</summary>
    private bool TryBeginRefresh(Entry<TKey, TValue> entry, [NotNullWhen(true)] out Load<TKey, TValue>? load)
    {
        load = null;
        var full = (FullEntry<TKey, TValue>)entry;
        long due = Volatile.Read(ref full.RefreshAt);
        if (_clock.Now < due || Interlocked.CompareExchange(ref full.RefreshAt, CacheClock.Never, due) != due)
        {
            return false;
        }

        using (EnterShard(entry.Hash, out CacheShard<TKey, TValue> shard))
        {
            if (_disposed || !entry.IsResident || shard.FindLoad(entry.Key, entry.Hash, _hasher.Comparer) is not null)
            {
                return false;
            }

            load = shard.Register(entry.Key, entry.Hash, group: null, isRefresh: true);
            shard.Refreshes++;
            return true;
        }
    }

    /// <summary>A former value stays because there is none to replace it; the next attempt waits as long as the first one did.</summary>
    private void PostponeRefresh(Entry<TKey, TValue>? former)
    {
        if (former is FullEntry<TKey, TValue> refreshed && _settings.RefreshAfter is { } after)
        {
            Volatile.Write(ref refreshed.RefreshAt, CacheClock.After(_clock.Now, after));
        }
    }
}
