namespace BoundedMemory;

/// <content>What changes the room a cache takes while it runs: trimming, other limits, other charges.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>Removes entries, those first that would be evicted first, until so many bytes are given back.</summary>
    /// <param name="bytes">Bytes wanted; at least 0. In a cache that does not count bytes, entries are counted without their keys and values.</param>
    /// <returns>Bytes given back; less than asked for only if what is left is leased.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public long Trim(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfDisposed();
        long freed = Shrink(Shortage.Bytes, bytes, RemovalCause.Trimmed, keepTaken: false);
        SettleShape();
        return freed;
    }

    /// <summary>Changes limits while the cache is in use; lowering one trims what exceeds it first.</summary>
    /// <param name="maxBytes">New limit in bytes; null leaves it. 16,384 to <see cref="long.MaxValue"/>.</param>
    /// <param name="maxCount">New limit in entries; null leaves it. 1 to <see cref="long.MaxValue"/>.</param>
    /// <returns>True: both limits are in force, now and at every later moment. False: what is leased does not allow it, and the limits are what they
    /// were, though entries may have been trimmed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="maxBytes"/> is given, but the cache was created with neither a limit in bytes nor a
    /// budget, and does not count them.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public bool TryResize(long? maxBytes = null, long? maxCount = null)
    {
        CacheLimits.RequireBytes(maxBytes, nameof(maxBytes));
        CacheLimits.RequireCount(maxCount, nameof(maxCount));
        ThrowIfDisposed();
        if (maxBytes is not null && !_ledger.CountsBytes)
        {
            throw new InvalidOperationException($"The cache '{Name}' does not count bytes: it was created with neither a limit in bytes nor a budget.");
        }

        long former = _ledger.MaxBytes;
        if (maxBytes is { } bytes && !TryLimit(Shortage.Bytes, bytes))
        {
            return false;
        }

        if (maxCount is { } count && !TryLimit(Shortage.Count, count))
        {
            if (maxBytes is not null)
            {
                TryLimit(Shortage.Bytes, former);
            }

            return false;
        }

        return true;
    }

    /// <summary>Measures an entry again whose value has grown or shrunk, and charges it accordingly; others are evicted if that takes more room.</summary>
    /// <param name="key">The key.</param>
    /// <returns><see cref="SetResult.Replaced"/>: the charge is right. <see cref="SetResult.TooLarge"/>, <see cref="SetResult.OverBudget"/>,
    /// <see cref="SetResult.SizeUnknown"/>: the entry no longer fits or cannot be measured, and has been evicted. Null: there is no such entry, or the
    /// cache does not count bytes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public SetResult? RefreshCharge(TKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        return _ledger.CountsBytes && _table.Find(key, out int hash, out TValue value) is { } entry ? Recharge(new Resident(entry, hash, entry.Key, value), out _) : null;
    }

    /// <summary>Others who share the budget ask a store that stands on this cache, instead of the cache.</summary>
    internal void ReclaimThrough(IMemoryReclaimer store) => _ledger.Register(store);

    /// <summary>Asks others who share the budget for room, without taking it: for a store that was refused while it held a lock, before it tries again. Under no
    /// lock.</summary>
    /// <returns>Whether there was room for so many bytes.</returns>
    internal bool TryMakeRoom(long bytes)
    {
        bool isThere = _ledger.TryTakeByAsking(bytes);
        _ledger.ReturnBytes(isThere ? bytes : 0);
        return isThere;
    }

    /// <summary>Removes entries of all shards until so much of a limit is free, or nothing is left that may go.</summary>
    /// <param name="limit">Bytes or entries.</param>
    /// <param name="amount">How much.</param>
    /// <param name="cause">Why.</param>
    /// <param name="keepTaken">Whether what they took of that limit stays taken, for the caller to dispose of.</param>
    /// <param name="atMost">More than this is not removed: it ends before an entry that would exceed it.</param>
    /// <returns>How much they took.</returns>
    private long Shrink(Shortage limit, long amount, RemovalCause cause, bool keepTaken, long atMost = long.MaxValue)
    {
        long freed = 0;
        long before = -1;
        while (freed < amount && freed != before)
        {
            before = freed;
            CacheShard<TKey, TValue>[] shards = Volatile.Read(ref _shards);
            long part = Math.Max(1, (amount - freed) / shards.Length);
            foreach (CacheShard<TKey, TValue> shard in shards)
            {
                freed += Shrink(shard, limit, Math.Min(amount - freed, part), cause, keepTaken, atMost - freed);
            }
        }

        return freed;
    }

    private long Shrink(CacheShard<TKey, TValue> shard, Shortage limit, long amount, RemovalCause cause, bool keepTaken, long atMost)
    {
        var wanted = Wanted.For(limit, tier: 0);
        long freed = 0;
        for (bool more = true; more && freed < amount;)
        {
            Departures<TKey, TValue> departures = default;
            using (shard.Gate.EnterScope())
            {
                for (int i = 0; i < LeavingPerLock && freed < amount && more; i++)
                {
                    if (shard.Order.ChooseVictim(wanted, except: null) is { } victim && (limit == Shortage.Bytes ? victim.Bytes : 1) <= atMost - freed)
                    {
                        Unlink(shard, victim, cause, ref departures);
                        Claim claim = ClaimOf(victim);
                        _ledger.Return(keepTaken ? claim.Without(limit) : claim, victim.Tier);
                        freed += limit == Shortage.Bytes ? victim.Bytes : 1;
                    }
                    else
                    {
                        more = false;
                    }
                }

                ContinueResize(shard.Index);
            }

            Complete(ref departures);
        }

        return freed;
    }

    /// <summary>Sets one limit, trimming while more than that is in use.</summary>
    private bool TryLimit(Shortage limit, long value)
    {
        long former = _ledger.LimitOf(limit);
        while (!_ledger.TrySetLimit(limit, value))
        {
            // Step by step, and what has been trimmed is cut off the limit without being free in between: who stores meanwhile cannot undo it.
            long excess = Math.Max(1, _ledger.UsedOf(limit) - value);
            long taken = Shrink(limit, Math.Max(1, excess / 16), RemovalCause.Trimmed, keepTaken: true);
            _ledger.RetireTaken(limit, Math.Min(taken, excess));
            _ledger.Return(Claim.Only(limit, Math.Max(0, taken - excess)), tier: 0);
            long overhead = OverheadBytes;
            SettleShape();
            bool smaller = OverheadBytes < overhead;
            if (taken == 0 && !smaller)
            {
                _ledger.TrySetLimit(limit, former);
                return false;
            }
        }

        return true;
    }
}
