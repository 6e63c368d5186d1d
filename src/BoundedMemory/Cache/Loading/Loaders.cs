namespace BoundedMemory;

/// <summary>A factory in any of its public shapes. Structs, so that wrapping one allocates nothing on a hit.</summary>
internal interface ILoader<TKey, TValue>
{
    /// <summary>Whether the factory wants a context.</summary>
    bool UsesContext { get; }

    TValue Load(TKey key, CacheLoadContext<TValue>? context);
}

/// <summary>An asynchronous factory in any of its public shapes.</summary>
internal interface IAsyncLoader<TKey, TValue>
{
    bool UsesContext { get; }

    ValueTask<TValue> LoadAsync(TKey key, CacheLoadContext<TValue>? context, CancellationToken cancellationToken);
}

internal readonly struct Loader<TKey, TValue>(Func<TKey, TValue> factory) : ILoader<TKey, TValue>
{
    public bool UsesContext => false;

    public TValue Load(TKey key, CacheLoadContext<TValue>? context) => factory(key);
}

internal readonly struct Loader<TKey, TArg, TValue>(Func<TKey, TArg, TValue> factory, TArg argument) : ILoader<TKey, TValue>
{
    public bool UsesContext => false;

    public TValue Load(TKey key, CacheLoadContext<TValue>? context) => factory(key, argument);
}

internal readonly struct ContextLoader<TKey, TArg, TValue>(Func<TKey, TArg, CacheLoadContext<TValue>, TValue> factory, TArg argument) : ILoader<TKey, TValue>
{
    public bool UsesContext => true;

    public TValue Load(TKey key, CacheLoadContext<TValue>? context) => factory(key, argument, context!);
}

internal readonly struct AsyncLoader<TKey, TValue>(Func<TKey, CancellationToken, ValueTask<TValue>> factory) : IAsyncLoader<TKey, TValue>
{
    public bool UsesContext => false;

    public ValueTask<TValue> LoadAsync(TKey key, CacheLoadContext<TValue>? context, CancellationToken cancellationToken) => factory(key, cancellationToken);
}

internal readonly struct AsyncLoader<TKey, TArg, TValue>(Func<TKey, TArg, CancellationToken, ValueTask<TValue>> factory, TArg argument) : IAsyncLoader<TKey, TValue>
{
    public bool UsesContext => false;

    public ValueTask<TValue> LoadAsync(TKey key, CacheLoadContext<TValue>? context, CancellationToken cancellationToken) =>
        factory(key, argument, cancellationToken);
}

internal readonly struct AsyncContextLoader<TKey, TArg, TValue>(
    Func<TKey, TArg, CacheLoadContext<TValue>, CancellationToken, ValueTask<TValue>> factory, TArg argument) : IAsyncLoader<TKey, TValue>
{
    public bool UsesContext => true;

    public ValueTask<TValue> LoadAsync(TKey key, CacheLoadContext<TValue>? context, CancellationToken cancellationToken) =>
        factory(key, argument, context!, cancellationToken);
}
