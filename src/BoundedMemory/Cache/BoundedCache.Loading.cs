using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>Single flight: who runs a factory, who waits for it, and what becomes of what it returns.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    private long _loadFailures;
    private long _staleServed;

    /// <summary>What a request for a value that was not found at once turns out to be.</summary>
    private enum Request
    {
        /// <summary>There is a value after all.</summary>
        Hit,

        /// <summary>Somebody is loading it.</summary>
        Joined,

        /// <summary>The caller has to load it.</summary>
        Begun,
    }

    private TValue GetOrAdd<TLoader>(TKey key, TLoader loader)
        where TLoader : struct, ILoader<TKey, TValue>
    {
        Entry<TKey, TValue>? entry = _table.Find(key, out int hash, out TValue value);
        if (entry is not null && (entry.Traits & EntryTraits.SlowHit) == 0)
        {
            Use(entry);
            return value;
        }

        return LoadOrJoin(key, hash, entry, value, loader);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TValue LoadOrJoin<TLoader>(TKey key, int hash, Entry<TKey, TValue>? found, TValue value, TLoader loader)
        where TLoader : struct, ILoader<TKey, TValue>
    {
        if (found is not null && IsUsable(found) && TryUse(found))
        {
            if (_settings.RefreshAfter is not null)
            {
                RefreshIfDue(found, loader);
            }

            return value;
        }

        for (bool isFirst = true; ; isFirst = false)
        {
            Request request = BeginOrJoin(
                key, hash, group: null, isFirst, out Entry<TKey, TValue>? entry, out value, out Load<TKey, TValue>? load, out Task<LoadOutcome<TValue>>? joined);
            if (request == Request.Hit)
            {
                return value;
            }

            LoadOutcome<TValue> outcome = request == Request.Joined ? load!.WaitFor(joined!) : Run(load!, loader, entry);
            if (!outcome.IsAbandoned)
            {
                return ValueOf(outcome, entry);
            }
        }
    }

    /// <summary>Runs a factory on the caller's thread, stores what it returns and tells those who wait.</summary>
    private LoadOutcome<TValue> Run<TLoader>(Load<TKey, TValue> load, TLoader loader, Entry<TKey, TValue>? former)
        where TLoader : struct, ILoader<TKey, TValue>
    {
        CacheLoadContext<TValue>? context = CreateContext(loader.UsesContext, former);
        LoadOutcome<TValue> outcome;
        long started = _meter.StartLoad();
        load.Enter();
        try
        {
            TValue value = loader.Load(load.Key, context);
            outcome = Keep(load, value, context, former);
        }
        catch (Exception error)
        {
            outcome = Fail(load, error, former);
        }
        finally
        {
            load.Exit();
        }

        load.Complete(outcome);
        _meter.EndLoad(started, Name, outcome.Error is null);
        if (load.IsUnshared)
        {
            ShardOf(load.Hash).Recycle(load);
        }

        return outcome;
    }

    private ValueTask<TValue> GetOrAddAsync<TLoader>(TKey key, TLoader loader, CancellationToken cancellationToken)
        where TLoader : struct, IAsyncLoader<TKey, TValue>
    {
        Entry<TKey, TValue>? entry = _table.Find(key, out int hash, out TValue value);
        if (entry is not null && IsUsable(entry) && TryUse(entry))
        {
            if (_settings.RefreshAfter is not null)
            {
                RefreshIfDueAsync(entry, loader);
            }

            return new ValueTask<TValue>(value);
        }

        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<TValue>(cancellationToken)
            : LoadOrJoinAsync(key, hash, loader, cancellationToken);
    }

    private async ValueTask<TValue> LoadOrJoinAsync<TLoader>(TKey key, int hash, TLoader loader, CancellationToken cancellationToken)
        where TLoader : struct, IAsyncLoader<TKey, TValue>
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            Request request = BeginOrJoin(
                key,
                hash,
                cancellationToken.CanBeCanceled ? new LoadGroup() : null,
                isFirst,
                out Entry<TKey, TValue>? entry,
                out TValue value,
                out Load<TKey, TValue>? load,
                out Task<LoadOutcome<TValue>>? joined);
            if (request == Request.Hit)
            {
                return value;
            }

            LoadOutcome<TValue> outcome;
            if (request == Request.Joined)
            {
                outcome = await WhileInterested(load!, joined!, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                ValueTask<LoadOutcome<TValue>> running = RunAsync(load!, loader, entry);
                outcome = running.IsCompleted || !cancellationToken.CanBeCanceled
                    ? await running.ConfigureAwait(false)
                    : await WhileInterested(load!, running.AsTask(), cancellationToken).ConfigureAwait(false);
            }

            if (!outcome.IsAbandoned)
            {
                return ValueOf(outcome, entry);
            }
        }
    }

    /// <summary>Runs an asynchronous factory, stores what it returns and tells those who wait. Does not fail.</summary>
    private async ValueTask<LoadOutcome<TValue>> RunAsync<TLoader>(Load<TKey, TValue> load, TLoader loader, Entry<TKey, TValue>? former)
        where TLoader : struct, IAsyncLoader<TKey, TValue>
    {
        CacheLoadContext<TValue>? context = CreateContext(loader.UsesContext, former);
        LoadOutcome<TValue> outcome;
        long started = _meter.StartLoad();
        try
        {
            TValue value = await loader.LoadAsync(load.Key, context, load.Group?.Token ?? default).ConfigureAwait(false);
            outcome = Keep(load, value, context, former);
        }
        catch (Exception error)
        {
            outcome = Fail(load, error, former);
        }

        load.Complete(outcome);
        _meter.EndLoad(started, Name, outcome.Error is null);
        return outcome;
    }

    /// <summary>Waits for an outcome until the caller cancels; the last to do so gives the load up.</summary>
    private async ValueTask<LoadOutcome<TValue>> WhileInterested(
        Load<TKey, TValue> load, Task<LoadOutcome<TValue>> outcome, CancellationToken cancellationToken)
    {
        try
        {
            return await outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LoseInterest(load);
            throw;
        }
    }

    private void LoseInterest(Load<TKey, TValue> load)
    {
        bool isLast;
        using (EnterShard(load.Hash, out CacheShard<TKey, TValue> shard))
        {
            isLast = --load.Interested == 0;
            if (isLast)
            {
                shard.Unregister(load);
            }
        }

        if (isLast)
        {
            try
            {
                load.Group?.GiveUpOne();
            }
            catch (AggregateException)
            {
                Interlocked.Increment(ref _callbackFailures);
            }
        }
    }

    /// <summary>Looks again under the lock, and joins the load under way or begins one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="group">What cancels a load that is begun here; null: nothing.</param>
    /// <param name="counts">Whether the request is to be counted.</param>
    /// <param name="entry">The entry; of a request that is no hit, one that has expired and is kept in case of an error.</param>
    /// <param name="value">The value of a hit.</param>
    /// <param name="load">The load.</param>
    /// <param name="joined">The outcome to wait for, if it is another's.</param>
    private Request BeginOrJoin(
        TKey key,
        int hash,
        LoadGroup? group,
        bool counts,
        out Entry<TKey, TValue>? entry,
        out TValue value,
        out Load<TKey, TValue>? load,
        out Task<LoadOutcome<TValue>>? joined)
    {
        value = default!;
        load = null;
        joined = null;
        using (EnterShard(hash, out CacheShard<TKey, TValue> shard))
        {
            ThrowIfDisposed();
            entry = _table.FindLocked(key, hash);
            if (entry is not null && !HasExpired(entry))
            {
                UseLocked(shard, entry, counts);
                value = entry.Value;
                return Request.Hit;
            }

            if (counts)
            {
                _reads.Increment(Misses);
            }

            load = shard.FindLoad(key, hash, _hasher.Comparer);
            if (load is not null)
            {
                joined = load.Join();
                return Request.Joined;
            }

            Foresee(hash, shard);
            group?.Add();
            load = shard.Register(key, hash, group);
            return Request.Begun;
        }
    }

    /// <summary>Stores what a factory returned, unless it is not to be.</summary>
    private LoadOutcome<TValue> Keep(Load<TKey, TValue> load, TValue value, CacheLoadContext<TValue>? context, Entry<TKey, TValue>? former)
    {
        bool isStored = false;
        if (context is { DoNotCache: true })
        {
            TryUnregister(load);
        }
        else
        {
            try
            {
                SetResult result = context is null
                    ? Store(load.Key, load.Hash, value, _settings.DefaultPlan, load)
                    : Store(load.Key, load.Hash, value, _settings.PlanOf(context.Entry), load);
                isStored = result.IsStored();
            }
            catch (Exception)
            {
                // It reaches nobody: what is thrown here does.
                DisposeUnless(former, value);
                throw;
            }
        }

        if (!isStored)
        {
            PostponeRefresh(former);
            if (Volatile.Read(ref load.Interested) == (load.IsRefresh ? 1 : 0))
            {
                // Nobody wants it any more, or nobody but the cache ever did, so nobody else can dispose it.
                DisposeUnless(former, value);
                return LoadOutcome<TValue>.Abandoned;
            }
        }

        return LoadOutcome<TValue>.Of(value, isStored);
    }

    private LoadOutcome<TValue> Fail(Load<TKey, TValue> load, Exception error, Entry<TKey, TValue>? former)
    {
        TryUnregister(load);
        Interlocked.Increment(ref _loadFailures);
        PostponeRefresh(former);
        return LoadOutcome<TValue>.Failure(error);
    }

    /// <summary>Disposes a value that nobody gets, unless the factory has returned the former one, which the cache still has.</summary>
    private void DisposeUnless(Entry<TKey, TValue>? former, TValue value)
    {
        if (former is null || !ReferenceEquals(former.Value, value))
        {
            DisposeValue(value);
        }
    }

    /// <summary>The value of an outcome; if it is an error, the expired value, if that may be used instead.</summary>
    private TValue ValueOf(in LoadOutcome<TValue> outcome, Entry<TKey, TValue>? stale)
    {
        if (outcome.Error is null)
        {
            return outcome.Value!;
        }

        if (stale is null || _settings.StaleIfError == 0 || _clock.Now >= CacheClock.After(((ExpiringEntry<TKey, TValue>)stale).Deadline, _settings.StaleIfError))
        {
            outcome.Error.Throw();
        }

        Interlocked.Increment(ref _staleServed);
        return stale!.Value;
    }

    private static CacheLoadContext<TValue>? CreateContext(bool isUsed, Entry<TKey, TValue>? former) => !isUsed ? null
        : former is null ? new CacheLoadContext<TValue>()
        : new CacheLoadContext<TValue> { HasFormerValue = true, FormerValue = former.Value };

    /// <summary>False for an entry that has expired and is kept: reading through must not remove it.</summary>
    private bool IsUsable(Entry<TKey, TValue> entry) => _settings.StaleIfError == 0 || !HasExpired(entry);

    /// <summary>The key is written or removed: what is being loaded for it is old, and is not going to be stored. Under the lock.</summary>
    private void Supersede(CacheShard<TKey, TValue> shard, TKey key, int hash)
    {
        if (shard.Loads is not null && shard.FindLoad(key, hash, _hasher.Comparer) is { } load)
        {
            shard.Unregister(load);
        }
    }

    /// <summary>Takes a load out of the register; false if it was not in it any more.</summary>
    private bool TryUnregister(Load<TKey, TValue> load)
    {
        using (EnterShard(load.Hash, out CacheShard<TKey, TValue> shard))
        {
            return shard.Unregister(load);
        }
    }
}
