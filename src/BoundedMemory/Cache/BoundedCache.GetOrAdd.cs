namespace BoundedMemory;

/// <content>Reading through: a missing value is loaded once, however many ask for it.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>Reads a value, or loads and stores it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="factory">Loads the value; run once for any number of callers at the same time, under no lock. Its exception reaches all of them and
    /// leaves no trace. A value that the cache refuses is returned all the same.</param>
    /// <returns>The value.</returns>
    /// <remarks>If the key is written or removed while its value is being loaded, that value is returned to those who wait for it but not stored: it
    /// is older than what happened since.</remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">The factory asks, directly or through others that wait for each other, for the value it is
    /// loading.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public TValue GetOrAdd(TKey key, Func<TKey, TValue> factory)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrAdd(key, new Loader<TKey, TValue>(factory));
    }

    /// <summary>Reads a value, or loads and stores it, with an argument that spares the factory a closure.</summary>
    /// <inheritdoc cref="GetOrAdd(TKey, Func{TKey, TValue})"/>
    /// <param name="key">The key.</param>
    /// <param name="factory">Loads the value.</param>
    /// <param name="argument">Passed on to the factory.</param>
    public TValue GetOrAdd<TArg>(TKey key, Func<TKey, TArg, TValue> factory, TArg argument)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrAdd(key, new Loader<TKey, TArg, TValue>(factory, argument));
    }

    /// <summary>Reads a value, or loads it with a factory that decides time to live, tier, charge and weight of the entry, and whether it is stored.</summary>
    /// <inheritdoc cref="GetOrAdd(TKey, Func{TKey, TValue})"/>
    /// <param name="key">The key.</param>
    /// <param name="factory">Loads the value and decides about its entry through the context.</param>
    /// <param name="argument">Passed on to the factory.</param>
    public TValue GetOrAdd<TArg>(TKey key, Func<TKey, TArg, CacheLoadContext<TValue>, TValue> factory, TArg argument)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrAdd(key, new ContextLoader<TKey, TArg, TValue>(factory, argument));
    }

    /// <summary>Reads a value, or loads and stores it asynchronously.</summary>
    /// <param name="key">The key.</param>
    /// <param name="factory">Loads the value; run once for any number of callers at the same time. Its exception reaches all of them and leaves no
    /// trace. Its token is cancelled when the last of them has cancelled.</param>
    /// <param name="cancellationToken">Ends this caller's waiting; the load goes on while anybody else waits for it. The caller who starts the load
    /// decides whether it can be cancelled at all.</param>
    /// <returns>The value; completed, and nothing allocated, on a hit.</returns>
    /// <remarks>A factory must not await the value it is loading: unlike with the synchronous method that is not detected.</remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="OperationCanceledException">This caller's token was cancelled before the value was there.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public ValueTask<TValue> GetOrAddAsync(
        TKey key, Func<TKey, CancellationToken, ValueTask<TValue>> factory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrAddAsync(key, new AsyncLoader<TKey, TValue>(factory), cancellationToken);
    }

    /// <summary>Reads a value, or loads and stores it asynchronously, with an argument that spares the factory a closure.</summary>
    /// <inheritdoc cref="GetOrAddAsync(TKey, Func{TKey, CancellationToken, ValueTask{TValue}}, CancellationToken)"/>
    /// <param name="key">The key.</param>
    /// <param name="factory">Loads the value.</param>
    /// <param name="argument">Passed on to the factory.</param>
    /// <param name="cancellationToken">Ends this caller's waiting.</param>
    public ValueTask<TValue> GetOrAddAsync<TArg>(
        TKey key, Func<TKey, TArg, CancellationToken, ValueTask<TValue>> factory, TArg argument, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrAddAsync(key, new AsyncLoader<TKey, TArg, TValue>(factory, argument), cancellationToken);
    }

    /// <summary>Reads a value, or loads it asynchronously with a factory that decides time to live, tier, charge and weight of the entry, and whether it
    /// is stored.</summary>
    /// <inheritdoc cref="GetOrAddAsync(TKey, Func{TKey, CancellationToken, ValueTask{TValue}}, CancellationToken)"/>
    /// <param name="key">The key.</param>
    /// <param name="factory">Loads the value and decides about its entry through the context.</param>
    /// <param name="argument">Passed on to the factory.</param>
    /// <param name="cancellationToken">Ends this caller's waiting.</param>
    public ValueTask<TValue> GetOrAddAsync<TArg>(
        TKey key,
        Func<TKey, TArg, CacheLoadContext<TValue>, CancellationToken, ValueTask<TValue>> factory,
        TArg argument,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrAddAsync(key, new AsyncContextLoader<TKey, TArg, TValue>(factory, argument), cancellationToken);
    }

    /// <summary>Reads several values.</summary>
    /// <param name="keys">The keys; repeated ones count once.</param>
    /// <returns>Those that are there.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/>, or one of them, is null.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public Dictionary<TKey, TValue> GetMany(IEnumerable<TKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ThrowIfDisposed();
        var asked = new HashSet<TKey>(_hasher.Comparer);
        var found = new Dictionary<TKey, TValue>(_hasher.Comparer);
        foreach (TKey key in keys)
        {
            ArgumentNullException.ThrowIfNull(key, nameof(keys));
            if (asked.Add(key) && TryGet(key, out TValue? value))
            {
                found.Add(key, value);
            }
        }

        return found;
    }

    /// <summary>Reads several values, and loads all that are missing, and not being loaded by others, in one call of the factory.</summary>
    /// <param name="keys">The keys; repeated ones count once.</param>
    /// <param name="factory">Loads the values of the keys it is given, each of which is asked of one factory at a time. It may leave out keys that have
    /// no value. Its token is cancelled when nobody waits for any of its values any more.</param>
    /// <param name="cancellationToken">Ends this caller's waiting.</param>
    /// <returns>The values of all keys that have one.</returns>
    /// <exception cref="ArgumentNullException">An argument, or one of the keys, is null.</exception>
    /// <exception cref="InvalidOperationException">The factory returned null.</exception>
    /// <exception cref="OperationCanceledException">This caller's token was cancelled before the values were there.</exception>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public ValueTask<Dictionary<TKey, TValue>> GetOrAddManyAsync(
        IEnumerable<TKey> keys,
        Func<IReadOnlyList<TKey>, CancellationToken, ValueTask<IReadOnlyDictionary<TKey, TValue>>> factory,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(factory);
        return LoadManyAsync(keys, factory, cancellationToken);
    }
}
