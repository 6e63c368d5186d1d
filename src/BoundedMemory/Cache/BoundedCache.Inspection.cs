namespace BoundedMemory;

/// <content>Looking at a cache without using it.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>What the cache has done and what it holds.</summary>
    public CacheStatistics Statistics
    {
        get
        {
            CacheShard<TKey, TValue>[] shards = Volatile.Read(ref _shards);
            long Left(RemovalCause cause) => shards.Sum(shard => Volatile.Read(ref shard.Left[(int)cause]));
            return new CacheStatistics
            {
                Hits = _reads.Sum(Hits),
                Misses = _reads.Sum(Misses),
                Loads = shards.Sum(shard => Volatile.Read(ref shard.Begun)),
                LoadFailures = Volatile.Read(ref _loadFailures),
                Refreshes = shards.Sum(shard => Volatile.Read(ref shard.Refreshes)),
                StaleServed = Volatile.Read(ref _staleServed),
                Stored = shards.Sum(shard => Volatile.Read(ref shard.Stored)),
                Evicted = Left(RemovalCause.Evicted),
                EvictedByCollision = shards.Sum(shard => Volatile.Read(ref shard.EvictedByCollision)),
                Expired = Left(RemovalCause.Expired),
                Trimmed = Left(RemovalCause.Trimmed),
                Replaced = Left(RemovalCause.Replaced),
                Removed = Left(RemovalCause.Removed),
                Cleared = Left(RemovalCause.Cleared),
                Disposed = Left(RemovalCause.Disposed),
                RejectedTooLarge = Volatile.Read(ref _rejectedTooLarge),
                RejectedOverBudget = Volatile.Read(ref _rejectedOverBudget),
                RejectedSizeUnknown = Volatile.Read(ref _rejectedSizeUnknown),
                CallbackFailures = Volatile.Read(ref _callbackFailures),
                Leases = _ledger.Leases,
                Count = Count,
                Bytes = Bytes,
                OverheadBytes = _ledger.CountsBytes ? OverheadBytes : 0,
                Weight = Weight,
                MaxBytes = MaxBytes,
                MaxCount = MaxCount,
                MaxWeight = MaxWeight,
                Audited = Volatile.Read(ref _audited),
                AuditCorrectedBytes = Volatile.Read(ref _auditCorrectedBytes),
            };
        }
    }

    /// <summary>Enumerates what is there: every entry that stays throughout is seen once, one that comes or goes meanwhile may be.</summary>
    /// <remarks>Neither counted nor a use of the entries. Takes the lock of one shard at a time, for as long as copying its entries takes.</remarks>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator()
    {
        ThrowIfDisposed();
        return Enumerate();
    }

    /// <summary>The entries that would leave first, the very first before the others.</summary>
    /// <param name="count">How many at most; at least 0.</param>
    /// <returns>A snapshot; exact for <see cref="EvictionPolicy.Lru"/>, else by what is known of them now.</returns>
    /// <remarks>O(n log n); takes the locks of all shards one after the other.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public IReadOnlyList<KeyValuePair<TKey, TValue>> Coldest(int count) => Ranked(count, hottest: false);

    /// <summary>The entries that would leave last, the very last before the others.</summary>
    /// <param name="count">How many at most; at least 0.</param>
    /// <returns>A snapshot; exact for <see cref="EvictionPolicy.Lru"/>, else by what is known of them now.</returns>
    /// <remarks>O(n log n); takes the locks of all shards one after the other.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public IReadOnlyList<KeyValuePair<TKey, TValue>> Hottest(int count) => Ranked(count, hottest: true);

    /// <summary>Entries and bytes in a tier.</summary>
    /// <param name="tier">Its name.</param>
    /// <exception cref="ArgumentException">There is no such tier.</exception>
    public (long Count, long Bytes) UsageOf(string tier)
    {
        ArgumentNullException.ThrowIfNull(tier);
        return _ledger.UseOf(_settings.RequireTier(tier));
    }

    /// <summary>Lookups with something that stands for a key, such as a span of characters for a string: no key is made to look one up.</summary>
    /// <typeparam name="TAlternate">What stands for a key; the cache's comparer must accept it. The default and the ordinal comparers of strings accept
    /// <c>ReadOnlySpan&lt;char&gt;</c>.</typeparam>
    /// <exception cref="InvalidOperationException">The comparer does not accept it.</exception>
    public AlternateLookup<TAlternate> GetAlternateLookup<TAlternate>()
        where TAlternate : allows ref struct
    {
        object comparer = _hasher.IsOrdinal ? OrdinalCharacters.Instance : _hasher.Comparer;
        return comparer is IAlternateEqualityComparer<TAlternate, TKey> alternate
            ? new AlternateLookup<TAlternate>(this, alternate)
            : throw new InvalidOperationException($"The comparer of the cache '{Name}' does not accept {typeof(TAlternate)} in place of {typeof(TKey)}.");
    }

    private IEnumerator<KeyValuePair<TKey, TValue>> Enumerate()
    {
        // Stripe by stripe: a stripe stays one when shards are split meanwhile.
        var seen = new List<(Entry<TKey, TValue> Entry, KeyValuePair<TKey, TValue> Pair)>();
        int stripes = _settings.MaxShards;
        for (int stripe = 0; stripe < stripes; stripe++)
        {
            seen.Clear();
            using (EnterShard(stripe, out CacheShard<TKey, TValue> shard))
            {
                foreach (EntryList<TKey, TValue> list in shard.Order.Lists)
                {
                    for (Entry<TKey, TValue>? entry = list.Newest; entry is not null; entry = entry.Older)
                    {
                        if ((entry.Hash & (stripes - 1)) == stripe)
                        {
                            seen.Add((entry, KeyValuePair.Create(entry.Key, entry.Value)));
                        }
                    }
                }
            }

            foreach ((Entry<TKey, TValue> entry, KeyValuePair<TKey, TValue> pair) in seen)
            {
                if (!HasExpired(entry))
                {
                    yield return pair;
                }
            }
        }
    }

    private KeyValuePair<TKey, TValue>[] Ranked(int count, bool hottest)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ThrowIfDisposed();
        var ranked = new List<(double Rank, Entry<TKey, TValue> Entry, KeyValuePair<TKey, TValue> Pair)>();
        lock (_shape)
        {
            foreach (CacheShard<TKey, TValue> shard in _shards)
            {
                using (shard.Gate.EnterScope())
                {
                    // Each shard's part of the order is as long as the others': the middle of one ranks with the middle of another.
                    int i = 0;
                    ranked.AddRange(shard.Order.ColdestFirst().Select(entry => ((i++ + 0.5) / shard.Order.Count, entry, KeyValuePair.Create(entry.Key, entry.Value))));
                }
            }
        }

        var sorted = hottest ? ranked.OrderByDescending(e => e.Rank) : ranked.OrderBy(e => e.Rank);
        return [.. sorted.Where(e => !HasExpired(e.Entry)).Take(count).Select(e => e.Pair)];
    }
}
