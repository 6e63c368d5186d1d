namespace BoundedMemory;

/// <summary>Makes rules by which a queue keeps only the newest item of each key.</summary>
public static class Conflation
{
    /// <summary>Items with equal keys are about one thing, of which only the newest state counts.</summary>
    /// <typeparam name="T">Type of the items.</typeparam>
    /// <typeparam name="TKey">Type of the keys; they must not change while their item waits. Value types are not boxed.</typeparam>
    /// <param name="key">The key of an item, not null; called once for each item that is to be enqueued, under no lock. What it throws reaches the producer.</param>
    /// <param name="comparer">Equality of keys; null: <see cref="EqualityComparer{T}.Default"/>. Called under the queue's lock: it must be quick and
    /// must not use the queue.</param>
    /// <returns>A rule that any number of queues may use.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <example>
    /// <code>
    /// using var quotes = new DropOldestQueue&lt;Quote&gt;(new() { MaxCount = 1000, ConflateBy = Conflation.By((Quote quote) =&gt; quote.Symbol) });
    /// </code>
    /// </example>
    public static Conflation<T> By<T, TKey>(Func<T, TKey> key, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        return new KeyConflation<T, TKey>(key, comparer);
    }
}

/// <summary>A rule by which a queue keeps only the newest item of each key; see <see cref="Conflation.By"/>.</summary>
/// <typeparam name="T">Type of the items.</typeparam>
public abstract class Conflation<T>
{
    private protected Conflation()
    {
    }

    /// <summary>The keys of one queue.</summary>
    internal abstract ConflationIndex<T> CreateIndex();
}
