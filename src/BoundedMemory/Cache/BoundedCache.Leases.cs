using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <content>Leases: entries that may not leave while they are used.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    private const int MostLeases = ushort.MaxValue;

    /// <summary>What a lease on a null of its own holds.</summary>
    private static readonly object NoValue = new();

    /// <summary>One delegate for all leases of this cache.</summary>
    private readonly Action<object> _endLease;

    /// <summary>Reads a value and holds it: until the lease is disposed it is not evicted, and not disposed even if its key is removed or replaced.</summary>
    /// <param name="key">The key.</param>
    /// <param name="lease">The lease, if there is a value that has not expired; dispose it.</param>
    /// <returns>Whether there is one. Counted as a read; takes a lock.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The entry has 65,535 leases.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public bool TryAcquire(TKey key, [NotNullWhen(true)] out Lease<TValue>? lease)
    {
        ArgumentNullException.ThrowIfNull(key);
        lease = Acquire(key, _hasher.Hash(key), counts: true);
        if (lease is null)
        {
            CountMiss();
        }

        return lease is not null;
    }

    /// <summary>Acquires a value, or loads and stores it and acquires that. A value that the cache refuses belongs to the lease alone.</summary>
    /// <param name="key">The key.</param>
    /// <param name="factory">Loads the value; run once for any number of callers at the same time, under no lock.</param>
    /// <returns>The lease; dispose it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">The factory asks for the value it is loading, or the entry has 65,535 leases.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public Lease<TValue> AcquireOrAdd(TKey key, Func<TKey, TValue> factory)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        int hash = _hasher.Hash(key);
        for (bool isFirst = true; ; isFirst = false)
        {
            if (Acquire(key, hash, isFirst) is { } lease)
            {
                return lease;
            }

            Request request = BeginOrJoin(
                key, hash, group: null, isFirst, out _, out _, out Load<TKey, TValue>? load, out Task<LoadOutcome<TValue>>? joined);
            LoadOutcome<TValue> outcome = request switch
            {
                Request.Begun => Run(load!, new Loader<TKey, TValue>(factory), former: null),
                Request.Joined => load!.WaitFor(joined!),
                _ => LoadOutcome<TValue>.Abandoned,
            };
            if (OwnedBy(request, outcome) is { } owned)
            {
                return owned;
            }
        }
    }

    /// <summary>Acquires a value, or loads and stores it asynchronously and acquires that. A value that the cache refuses belongs to the lease alone.</summary>
    /// <param name="key">The key.</param>
    /// <param name="factory">Loads the value; run once for any number of callers at the same time. Its token is cancelled when the last of them has
    /// cancelled.</param>
    /// <param name="cancellationToken">Ends this caller's waiting.</param>
    /// <returns>The lease; dispose it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">The entry has 65,535 leases.</exception>
    /// <exception cref="OperationCanceledException">This caller's token was cancelled before the value was there.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public async ValueTask<Lease<TValue>> AcquireOrAddAsync(
        TKey key, Func<TKey, CancellationToken, ValueTask<TValue>> factory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        int hash = _hasher.Hash(key);
        for (bool isFirst = true; ; isFirst = false)
        {
            if (Acquire(key, hash, isFirst) is { } lease)
            {
                return lease;
            }

            cancellationToken.ThrowIfCancellationRequested();
            Request request = BeginOrJoin(
                key, hash, cancellationToken.CanBeCanceled ? new LoadGroup() : null, isFirst, out _, out _, out Load<TKey, TValue>? load, out Task<LoadOutcome<TValue>>? joined);
            if (request == Request.Hit)
            {
                continue;
            }

            Task<LoadOutcome<TValue>> running = request == Request.Joined
                ? joined!
                : RunAsync(load!, new AsyncLoader<TKey, TValue>(factory), former: null).AsTask();
            try
            {
                LoadOutcome<TValue> outcome = await WhileInterested(load!, running, cancellationToken).ConfigureAwait(false);
                if (OwnedBy(request, outcome) is { } owned)
                {
                    return owned;
                }
            }
            catch (OperationCanceledException) when (request == Request.Begun && cancellationToken.IsCancellationRequested)
            {
                // If it is not going to be stored it would have been this caller's; there is nobody else to dispose it.
                _ = running.ContinueWith(
                    static (ended, cache) =>
                    {
                        if (ended.Result.Error is null)
                        {
                            ((BoundedCache<TKey, TValue>)cache!).OwnedBy(Request.Begun, ended.Result)?.Dispose();
                        }
                    },
                    this,
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.OnlyOnRanToCompletion,
                    TaskScheduler.Default);
                throw;
            }
        }
    }

    /// <summary>A lease on an entry that is there and has not expired.</summary>
    private Lease<TValue>? Acquire(TKey key, int hash, bool counts)
    {
        ExpiringEntry<TKey, TValue> expired;
        using (EnterShard(hash, out CacheShard<TKey, TValue> shard))
        {
            Entry<TKey, TValue>? entry = _table.FindLocked(key, hash);
            if (entry is null)
            {
                return null;
            }

            if (!HasExpired(entry))
            {
                if (entry.Leases == MostLeases)
                {
                    throw new InvalidOperationException($"An entry of the cache '{Name}' has {MostLeases} leases; are they disposed?");
                }

                UseLocked(shard, entry, counts);
                entry.Leases++;
                _ledger.LeaseBegan(entry.Leases == 1 ? entry.Bytes : 0);
                return new Lease<TValue>(entry.Value, entry, _endLease);
            }

            expired = (ExpiringEntry<TKey, TValue>)entry;
        }

        RemoveExpired(expired);
        return null;
    }

    /// <summary>A lease on a value that the cache does not have, for the caller who loaded it; throws the error of a load that failed.</summary>
    private Lease<TValue>? OwnedBy(Request request, in LoadOutcome<TValue> outcome)
    {
        outcome.Error?.Throw();
        return request == Request.Begun && !outcome.IsStored && !outcome.IsAbandoned
            ? new Lease<TValue>(outcome.Value!, outcome.Value ?? NoValue, _settings.DisposeValues ? DisposeOwned : static _ => { })
            : null;
    }

    private void DisposeOwned(object value)
    {
        if (value is TValue owned)
        {
            DisposeValue(owned);
        }
    }

    /// <summary>Ends a lease; the last one of an entry that has left settles what it still held.</summary>
    private void EndLease(object holder)
    {
        var entry = (Entry<TKey, TValue>)holder;
        bool isLast;
        using (EnterShard(entry.Hash, out _))
        {
            if (entry.Leases == 1 && entry.IsResident && (entry.Traits & EntryTraits.Slides) != 0)
            {
                Slide((ExpiringEntry<TKey, TValue>)entry, _clock.Now);
            }

            entry.Leases--;
            isLast = entry.Leases == 0 && !entry.IsResident;
            _ledger.LeaseEnded(entry.Leases == 0 ? entry.Bytes : 0);
        }

        if (isLast)
        {
            DisposeValue(entry.Value);
            Claim claim = ClaimOf(entry);
            _ledger.Return(claim - claim.OnlyCounts, entry.Tier);
        }
    }
}
