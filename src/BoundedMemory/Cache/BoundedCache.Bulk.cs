namespace BoundedMemory;

/// <content>Loading several values in one call.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    private async ValueTask<Dictionary<TKey, TValue>> LoadManyAsync(
        IEnumerable<TKey> keys,
        Func<IReadOnlyList<TKey>, CancellationToken, ValueTask<IReadOnlyDictionary<TKey, TValue>>> factory,
        CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        var found = new Dictionary<TKey, TValue>(_hasher.Comparer);
        var missing = new Dictionary<TKey, bool>(_hasher.Comparer);
        foreach (TKey key in keys)
        {
            ArgumentNullException.ThrowIfNull(key, nameof(keys));
            missing[key] = true;
        }

        // Keys are asked for again, uncounted, where another's bulk load had no value for them.
        for (bool isFirst = true; missing.Count > 0; isFirst = false)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var joined = new List<(Load<TKey, TValue> Load, Task<LoadOutcome<TValue>> Outcome)>();
            var own = new List<Load<TKey, TValue>>();
            try
            {
                BeginMany(missing.Keys, isFirst, cancellationToken.CanBeCanceled, found, joined, own);
            }
            catch (Exception)
            {
                joined.ForEach(other => LoseInterest(other.Load));
                own.ForEach(Abandon);
                throw;
            }

            if (own.Count > 0)
            {
                // Under way before anything is waited for, so that two bulk loads that need each other's keys do not wait for each other.
                Task<Dictionary<TKey, TValue>> running = RunManyAsync(own, factory);
                try
                {
                    foreach ((TKey key, TValue value) in await running.WaitAsync(cancellationToken).ConfigureAwait(false))
                    {
                        found[key] = value;
                    }
                }
                catch (Exception error)
                {
                    joined.ForEach(other => LoseInterest(other.Load));
                    if (error is OperationCanceledException && !running.IsCompleted)
                    {
                        own.ForEach(LoseInterest);
                        Forget(running);
                    }

                    throw;
                }

                own.ForEach(load => missing.Remove(load.Key));
            }

            await WaitForMany(joined, found, cancellationToken).ConfigureAwait(false);
            foreach (TKey key in found.Keys)
            {
                missing.Remove(key);
            }
        }

        return found;
    }

    /// <summary>Sorts keys into those that are there, those that others are loading, and those whose loads are begun here.</summary>
    private void BeginMany(
        IEnumerable<TKey> keys,
        bool counts,
        bool isCancellable,
        Dictionary<TKey, TValue> found,
        List<(Load<TKey, TValue> Load, Task<LoadOutcome<TValue>> Outcome)> joined,
        List<Load<TKey, TValue>> own)
    {
        LoadGroup? group = isCancellable ? new LoadGroup() : null;
        foreach (TKey key in keys)
        {
            Request request = BeginOrJoin(
                key, _hasher.Hash(key), group, counts, out _, out TValue value, out Load<TKey, TValue>? load, out Task<LoadOutcome<TValue>>? outcome);
            switch (request)
            {
                case Request.Hit:
                    found[key] = value;
                    break;
                case Request.Joined:
                    joined.Add((load!, outcome!));
                    break;
                default:
                    own.Add(load!);
                    break;
            }
        }
    }

    /// <summary>Ends a load without a value: whoever waits for it has to load it on his own.</summary>
    private void Abandon(Load<TKey, TValue> load)
    {
        TryUnregister(load);
        load.Complete(LoadOutcome<TValue>.Abandoned);
    }

    /// <summary>Runs the factory for several keys, stores what it returns and tells those who wait. Fails with the factory.</summary>
    private async Task<Dictionary<TKey, TValue>> RunManyAsync(
        List<Load<TKey, TValue>> loads, Func<IReadOnlyList<TKey>, CancellationToken, ValueTask<IReadOnlyDictionary<TKey, TValue>>> factory)
    {
        long started = _meter.StartLoad();
        var values = new Dictionary<TKey, TValue>(_hasher.Comparer);
        int told = 0;
        try
        {
            IReadOnlyDictionary<TKey, TValue> loaded =
                await factory([.. loads.Select(load => load.Key)], loads[0].Group?.Token ?? default).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"The factory of several values of the cache '{Name}' returned null.");
            for (; told < loads.Count; told++)
            {
                Load<TKey, TValue> load = loads[told];
                if (loaded.TryGetValue(load.Key, out TValue? value))
                {
                    values[load.Key] = value;
                    load.Complete(Keep(load, value, context: null, former: null));
                }
                else
                {
                    Abandon(load);
                }
            }
        }
        catch (Exception error)
        {
            for (; told < loads.Count; told++)
            {
                loads[told].Complete(Fail(loads[told], error, former: null));
            }

            _meter.EndLoad(started, Name, succeeded: false);
            throw;
        }

        _meter.EndLoad(started, Name, succeeded: true);
        return values;
    }

    /// <summary>Adds what others have loaded; keys for which they had no value stay missing.</summary>
    private async ValueTask WaitForMany(
        List<(Load<TKey, TValue> Load, Task<LoadOutcome<TValue>> Outcome)> joined, Dictionary<TKey, TValue> found, CancellationToken cancellationToken)
    {
        for (int i = 0; i < joined.Count; i++)
        {
            try
            {
                LoadOutcome<TValue> outcome = await joined[i].Outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
                outcome.Error?.Throw();
                if (!outcome.IsAbandoned)
                {
                    found[joined[i].Load.Key] = outcome.Value!;
                }
            }
            catch (Exception)
            {
                joined.Skip(i).ToList().ForEach(other => LoseInterest(other.Load));
                throw;
            }
        }
    }

    /// <summary>Nobody is left who could look at what becomes of it.</summary>
    private static void Forget(Task task) => task.ContinueWith(
        static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
