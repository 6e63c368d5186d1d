using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>How entries leave: claim, unlink, give back, then tell, under no lock.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>Entries that one hold of a lock expires or trims at most.</summary>
    private const int LeavingPerLock = 128;

    private long _rejectedTooLarge;
    private long _rejectedOverBudget;
    private long _rejectedSizeUnknown;
    private long _callbackFailures;

    /// <summary>What an entry takes of each limit.</summary>
    private Claim ClaimOf(Entry<TKey, TValue> entry) => _ledger.ClaimOf(entry.Tier, entry.Bytes, entry.Weight);

    /// <summary>What an entry gives back when it leaves: a leased one its place, the rest when its last lease ends.</summary>
    private Claim FreedBy(Entry<TKey, TValue> entry) => entry.Leases == 0 ? ClaimOf(entry) : ClaimOf(entry).OnlyCounts;

    /// <summary>Removes a resident entry, leased or not, and gives back what it no longer holds. Under the lock.</summary>
    private void RemoveLocked(CacheShard<TKey, TValue> shard, Entry<TKey, TValue> entry, RemovalCause cause, ref Departures<TKey, TValue> departures)
    {
        Unlink(shard, entry, cause, ref departures);
        _ledger.Return(FreedBy(entry), entry.Tier);
    }

    /// <summary>Takes an entry out of the table and the order; its charge is still taken. Under the lock.</summary>
    private void Unlink(CacheShard<TKey, TValue> shard, Entry<TKey, TValue> entry, RemovalCause cause, ref Departures<TKey, TValue> departures)
    {
        _table.Remove(entry);
        shard.Order.Remove(entry);
        Depart(shard, entry, cause, ref departures);
    }

    private static void Depart(
        CacheShard<TKey, TValue> shard, Entry<TKey, TValue> entry, RemovalCause cause, ref Departures<TKey, TValue> departures, bool keepsValue = false)
    {
        shard.Left[(int)cause]++;
        departures.Add(entry, cause, keepsValue || entry.Leases != 0);
    }

    private bool Remove(TKey key, int hash, [NotNullWhen(true)] out Entry<TKey, TValue>? removed)
    {
        Departures<TKey, TValue> departures = default;
        bool wasLive = false;
        using (EnterShard(hash, out CacheShard<TKey, TValue> shard))
        {
            ThrowIfDisposed();
            Supersede(shard, key, hash);
            removed = _table.FindLocked(key, hash);
            if (removed is not null)
            {
                wasLive = !HasExpired(removed);
                RemoveLocked(shard, removed, wasLive ? RemovalCause.Removed : RemovalCause.Expired, ref departures);
                ContinueResize(hash);
            }
        }

        Complete(ref departures);
        MaintainShape();
        return wasLive;
    }

    /// <summary>Removes an entry that a read has found expired, unless it is kept in case loading it anew fails.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RemoveExpired(ExpiringEntry<TKey, TValue> entry)
    {
        Departures<TKey, TValue> departures = default;
        using (EnterShard(entry.Hash, out CacheShard<TKey, TValue> shard))
        {
            if (entry.IsResident && entry.HasExpired(_clock.Now - _settings.StaleIfError))
            {
                RemoveLocked(shard, entry, RemovalCause.Expired, ref departures);
                ContinueResize(entry.Hash);
            }
        }

        Complete(ref departures);
    }

    /// <summary>Removes what is there when it is called; what is stored meanwhile may stay or go.</summary>
    private void RemoveAll(RemovalCause cause)
    {
        CacheShard<TKey, TValue>[] shards;
        do
        {
            shards = Volatile.Read(ref _shards);
            foreach (CacheShard<TKey, TValue> shard in shards)
            {
                RemoveAll(shard, cause);
            }
        }
        while (!ReferenceEquals(shards, Volatile.Read(ref _shards)));

        SettleShape();
    }

    private void RemoveAll(CacheShard<TKey, TValue> shard, RemovalCause cause)
    {
        for (int left = int.MaxValue; left > 0;)
        {
            Departures<TKey, TValue> departures = default;
            using (shard.Gate.EnterScope())
            {
                while (shard.Loads is { } load)
                {
                    Supersede(shard, load.Key, load.Hash);
                }

                left = Math.Min(left, shard.Order.Count);
                int last = Math.Max(0, left - LeavingPerLock);
                foreach (EntryList<TKey, TValue> list in shard.Order.Lists)
                {
                    while (list.Oldest is { } entry && left > last)
                    {
                        RemoveLocked(shard, entry, cause, ref departures);
                        left--;
                    }
                }

                ContinueResize(shard.Index);
            }

            Complete(ref departures);
        }
    }

    /// <summary>Tells about entries that have left, and disposes their values. Under no lock.</summary>
    internal void Complete(ref Departures<TKey, TValue> departures)
    {
        while (departures.TryTake(out Entry<TKey, TValue>? entry, out RemovalCause cause, out bool keepsValue))
        {
            if (_settings.Removed is { } removed)
            {
                try
                {
                    removed(new RemovedEntry<TKey, TValue>(entry.Key, entry.Value, cause, _ledger.CountsBytes ? entry.Bytes : 0));
                }
                catch (Exception)
                {
                    Interlocked.Increment(ref _callbackFailures);
                }
            }

            if (!keepsValue)
            {
                DisposeValue(entry.Value);
            }
        }
    }

    private void DisposeValue(TValue value)
    {
        if (_settings.DisposeValues && value is IDisposable disposable)
        {
            try
            {
                disposable.Dispose();
            }
            catch (Exception)
            {
                Interlocked.Increment(ref _callbackFailures);
            }
        }
    }

    private void Reject(TKey key, TValue value, SetResult reason, long bytes, string? detail)
    {
        Interlocked.Increment(ref reason == SetResult.TooLarge ? ref _rejectedTooLarge
            : ref reason == SetResult.OverBudget ? ref _rejectedOverBudget : ref _rejectedSizeUnknown);
        if (_settings.Rejected is { } rejected)
        {
            try
            {
                rejected(new RejectedEntry<TKey, TValue>(key, value, reason, bytes, detail));
            }
            catch (Exception)
            {
                Interlocked.Increment(ref _callbackFailures);
            }
        }
    }
}
