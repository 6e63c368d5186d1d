using System.Collections;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>A cache that keeps its bound: bytes really retained on the heap, entries, weight, or any combination, at every moment and under any load.</summary>
/// <remarks>
/// <para><b>The bound.</b> <c>Bytes &lt;= MaxBytes</c>, <c>Count &lt;= MaxCount</c> and <c>Weight &lt;= MaxWeight</c> for every reader at every
/// moment. Room is reserved, made by evicting, and only then is the new entry published; a charge is given back after what it paid for has left.
/// A full cache admits the new entry and evicts old ones. Bytes are measured (<see cref="ObjectSizer"/>) and include the entry, its key, its value,
/// the table at its real capacity and the cache itself; they are live managed bytes, not garbage that is not yet collected, nor native memory.</para>
/// <para><b>What is lost.</b> Nothing leaves in silence: every entry that leaves is counted by its <see cref="RemovalCause"/> and handed to
/// <see cref="BoundedCacheOptions{TKey, TValue}.Removed"/>; every value that is refused is counted by its <see cref="SetResult"/>, handed to
/// <see cref="BoundedCacheOptions{TKey, TValue}.Rejected"/>, and leaves the former value in place.</para>
/// <para><b>Thread safety.</b> All members are thread-safe. A hit takes no lock and allocates nothing (an exact <see cref="EvictionPolicy.Lru"/>
/// takes one). Factories, callbacks, weighers, sizers and the disposal of values never run under a lock.</para>
/// <para><b>Complexity.</b> Reads and writes are O(1); writes into a full cache also do the work of evicting what they displace.</para>
/// <para><b>Expiry.</b> No read returns an expired entry. What has expired is removed within seconds without being read, by one timer for all
/// caches of a <see cref="TimeProvider"/>.</para>
/// </remarks>
/// <typeparam name="TKey">Type of the keys; they must not change while they are in the cache.</typeparam>
/// <typeparam name="TValue">Type of the values.</typeparam>
/// <example>
/// <code>
/// using var cache = new BoundedCache&lt;string, byte[]&gt;(new() { MaxBytes = 10_000_000, TimeToLive = TimeSpan.FromMinutes(5) });
/// byte[] page = cache.GetOrAdd("/index.html", path =&gt; Read("site" + path));
/// </code>
/// </example>
[DebuggerDisplay("{Name,nq}: {Count} entries, {Bytes} bytes")]
public sealed partial class BoundedCache<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>, IItemReclaimer, ITrimmable, IMeterSource<CacheStatistics>,
    IDisposable
    where TKey : notnull
{
    private const int Hits = 0;
    private const int Misses = 1;

    private readonly KeyHasher<TKey> _hasher;
    private readonly ThreadCounters _reads;
    private readonly CacheClock _clock;

    /// <summary>Parts of the keys, a power of two; replaced by twice as many while all their locks are held.</summary>
    private CacheShard<TKey, TValue>[] _shards;

    private EntryTable<TKey, TValue> _table;

    private bool _disposed;

    private readonly CacheLedger _ledger;
    private readonly CacheSettings<TKey, TValue> _settings;
    private readonly GhostTable? _ghosts;
    private readonly CacheMeter _meter;
    private readonly WeakReference<IMeterSource<CacheStatistics>>? _meterLink;

    /// <summary>Creates a cache.</summary>
    /// <param name="options">Its limits and behaviour; copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing, out of its range or contradicts another; the message names it, its value and its
    /// range (<see cref="ArgumentOutOfRangeException"/> where a value is out of its range).</exception>
    /// <exception cref="NotSupportedException">The cache counts bytes, and on this runtime the size of keys or values cannot be measured without a
    /// <see cref="Sizer{T}"/> of yours.</exception>
    /// <exception cref="MemoryBudgetExceededException">The budget has no room for an empty cache.</exception>
    public BoundedCache(BoundedCacheOptions<TKey, TValue> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _hasher = new KeyHasher<TKey>(options.KeyComparer);
        _settings = new CacheSettings<TKey, TValue>(options, _hasher);
        _clock = new CacheClock(options.TimeProvider);
        _reads = new ThreadCounters(_settings.CounterCells);
        _table = new EntryTable<TKey, TValue>(_hasher, _settings.MaxShards, _settings.InitialBuckets);
        _ledger = new CacheLedger(_settings.CreateBudget(), options.MaxCount, options.MaxWeight, _settings.Tiers);
        _ghosts = options.Policy == EvictionPolicy.ScanResistant ? new GhostTable(_settings.InitialBuckets) : null;
        _shards = [new CacheShard<TKey, TValue>(0, CreateOrder())];
        TakeFixedBytes();
        _endLease = EndLease;
        _meter = CacheMeter.For(options.MeterFactory);
        _meterLink = options.IsUnmetered ? null : _meter.Add(this);
        _ledger.Register(this);
    }

    /// <summary>The name from the options.</summary>
    public string Name => _settings.Name;

    /// <summary>Entries held now; at most <see cref="MaxCount"/> at every moment. Includes entries that are being stored.</summary>
    public long Count => _ledger.Count;

    /// <summary>Bytes in use now, everything the cache consists of included; at most <see cref="MaxBytes"/> at every moment. Values that have left
    /// but are still leased are included. 0 in a cache that does not count bytes.</summary>
    public long Bytes => _ledger.Bytes;

    /// <summary>Sum of the weights of the entries; at most <see cref="MaxWeight"/> at every moment. 0 in a cache without a weight limit.</summary>
    public long Weight => _ledger.Weighs ? _ledger.Weight : 0;

    /// <summary>Limit in bytes, null if there is none; see <see cref="TryResize"/>.</summary>
    public long? MaxBytes => LimitOf(_ledger.MaxBytes);

    /// <summary>Limit in entries, null if there is none; see <see cref="TryResize"/>.</summary>
    public long? MaxCount => LimitOf(_ledger.MaxCount);

    /// <summary>Limit in weight, null if there is none.</summary>
    public long? MaxWeight => LimitOf(_ledger.MaxWeight);

    ReclaimPriority IMemoryReclaimer.Priority => ReclaimPriority.Cache;

    long IMemoryReclaimer.UsedBytes => Bytes;

    long IMemoryReclaimer.ReclaimableBytes => Math.Max(0, Bytes - OverheadBytes - _ledger.LeasedBytes);

    /// <summary>Reads a value; a hit counts as a use of the entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, if there is one that has not expired.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        Entry<TKey, TValue>? entry = _table.Find(key, out _, out value);
        if (entry is not null && TryUse(entry))
        {
            return true;
        }

        CountMiss();
        value = default;
        return false;
    }

    /// <summary>Whether there is a value that has not expired; neither counted nor a use of the entry.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public bool ContainsKey(TKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        return _table.Find(key, out _, out _) is { } entry && !HasExpired(entry);
    }

    /// <summary>Stores a value; a value that was there before is replaced.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it was stored, or why not; a refused value leaves the former one in place.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The weigher or a sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public SetResult Set(TKey key, TValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Store(key, _hasher.Hash(key), value, _settings.DefaultPlan, load: null);
    }

    /// <summary>Stores a value with a time to live, tier, charge or weight of its own.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="entryOptions">What differs from the cache's options.</param>
    /// <returns>Whether it was stored, or why not; a refused value leaves the former one in place.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException">An entry option is out of its range, or names a tier that the cache does not have.</exception>
    /// <exception cref="InvalidOperationException">The weigher or a sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public SetResult Set(TKey key, TValue value, in CacheEntryOptions entryOptions)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Store(key, _hasher.Hash(key), value, _settings.PlanOf(entryOptions), load: null);
    }

    /// <summary>Removes an entry.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether there was one. If the cache disposes values, its value is disposed, after its last lease.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public bool TryRemove(TKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Remove(key, _hasher.Hash(key), out _);
    }

    /// <summary>Removes an entry and returns its value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value, if there was one that has not expired.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The cache disposes its values: nobody could use the one returned. Acquire it, then remove it.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public bool TryRemove(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (_settings.DisposeValues)
        {
            throw new InvalidOperationException($"The cache '{Name}' disposes the values that leave it; acquire a lease on the value, then remove the key.");
        }

        bool removed = Remove(key, _hasher.Hash(key), out Entry<TKey, TValue>? entry);
        value = removed ? entry!.Value : default;
        return removed;
    }

    /// <summary>Removes all entries; what is stored meanwhile may stay. Values being loaded are not stored when they arrive.</summary>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public void Clear()
    {
        ThrowIfDisposed();
        RemoveAll(RemovalCause.Cleared);
    }

    /// <summary>Removes all entries, with their cause, and gives everything back. Later calls throw; leases held stay valid until they are disposed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        if (_meterLink is not null)
        {
            _meter.Remove(_meterLink);
        }

        RemoveAll(RemovalCause.Disposed);
        lock (_shape)
        {
            // Who changes the shape, or asks to be swept, does so under this lock, and not any more once the cache is disposed.
            if (_sweepLink is not null)
            {
                _settings.Sweeper.Remove(_sweepLink);
            }

            _ledger.ReturnBytes(Interlocked.Exchange(ref _overheadBytes, Returned));
            _ledger.Dispose();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    long IMemoryReclaimer.Reclaim(long targetBytes) => Trim(targetBytes);

    long IItemReclaimer.Reclaim(long targetBytes, long atMost) =>
        Volatile.Read(ref _disposed) ? 0 : Shrink(Shortage.Bytes, targetBytes, RemovalCause.Trimmed, keepTaken: false, atMost);

    private static long? LimitOf(long limit) => limit == long.MaxValue ? null : limit;

    /// <summary>Whether a found entry may be returned; if so, counts and marks its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryUse(Entry<TKey, TValue> entry)
    {
        if ((entry.Traits & EntryTraits.SlowHit) != 0)
        {
            return TryUseSlowly(entry);
        }

        Use(entry);
        return true;
    }

    /// <summary>Counts and marks a hit of an entry whose traits ask for nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Use(Entry<TKey, TValue> entry)
    {
        MarkUsed(entry);
        _reads.Increment(Hits);
    }

    /// <summary>Written only where it changes something: threads that read one entry do not take its memory from each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MarkUsed(Entry<TKey, TValue> entry)
    {
        if (entry.Mark == 0)
        {
            entry.Mark = 1;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryUseSlowly(Entry<TKey, TValue> entry)
    {
        if ((entry.Traits & EntryTraits.Expires) != 0)
        {
            var expiring = Unsafe.As<ExpiringEntry<TKey, TValue>>(entry);
            long now = _clock.Now;
            if (expiring.HasExpired(now))
            {
                RemoveExpired(expiring);
                return false;
            }

            Slide(expiring, now);
        }

        if ((entry.Traits & EntryTraits.Ordered) == 0)
        {
            MarkUsed(entry);
        }
        else
        {
            using (EnterShard(entry.Hash, out CacheShard<TKey, TValue> shard))
            {
                if (entry.IsResident)
                {
                    shard.Order.Hit(entry);
                }
            }
        }

        _reads.Increment(Hits);
        return true;
    }

    /// <summary>Counts and marks the use of a resident entry that has not expired. Under the lock.</summary>
    private void UseLocked(CacheShard<TKey, TValue> shard, Entry<TKey, TValue> entry, bool counts)
    {
        if ((entry.Traits & EntryTraits.Slides) != 0)
        {
            Slide((ExpiringEntry<TKey, TValue>)entry, _clock.Now);
        }

        shard.Order.Hit(entry);
        if (counts)
        {
            _reads.Increment(Hits);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountMiss()
    {
        ThrowIfDisposed();
        _reads.Increment(Misses);
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
}
