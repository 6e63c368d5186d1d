using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <content>Lookups with something that stands for a key.</content>
public sealed partial class BoundedCache<TKey, TValue>
{
    /// <summary>Reads and writes a cache by something that stands for its keys; a key is made only to be stored.</summary>
    /// <remarks>As thread-safe as the cache; promises and exceptions are those of the cache's methods of the same names.</remarks>
    public readonly struct AlternateLookup<TAlternate>
        where TAlternate : allows ref struct
    {
        private readonly IAlternateEqualityComparer<TAlternate, TKey> _comparer;

        internal AlternateLookup(BoundedCache<TKey, TValue> cache, IAlternateEqualityComparer<TAlternate, TKey> comparer)
        {
            Cache = cache;
            _comparer = comparer;
        }

        /// <summary>The cache.</summary>
        public BoundedCache<TKey, TValue> Cache { get; }

        /// <summary>Reads a value; a hit counts as a use of the entry and allocates nothing.</summary>
        /// <param name="key">What stands for the key.</param>
        /// <param name="value">The value, if there is one that has not expired.</param>
        public bool TryGet(TAlternate key, [MaybeNullWhen(false)] out TValue value)
        {
            if (Find(key, out _, out value) is { } entry && Cache.TryUse(entry))
            {
                return true;
            }

            Cache.CountMiss();
            value = default;
            return false;
        }

        /// <summary>Whether there is a value that has not expired; neither counted nor a use of the entry.</summary>
        /// <param name="key">What stands for the key.</param>
        public bool ContainsKey(TAlternate key)
        {
            Cache.ThrowIfDisposed();
            return Find(key, out _, out _) is { } entry && !Cache.HasExpired(entry);
        }

        /// <summary>Stores a value under the key made from <paramref name="key"/>.</summary>
        /// <param name="key">What stands for the key.</param>
        /// <param name="value">The value.</param>
        public SetResult Set(TAlternate key, TValue value) => Cache.Set(_comparer.Create(key), value);

        /// <summary>Reads a value, or loads and stores it; a key is made only for that.</summary>
        /// <param name="key">What stands for the key.</param>
        /// <param name="factory">Loads the value.</param>
        public TValue GetOrAdd(TAlternate key, Func<TKey, TValue> factory)
        {
            ArgumentNullException.ThrowIfNull(factory);

            // A key that is there need not be made, unless the factory may have to be given it.
            return Find(key, out TKey known, out _) is not null
                ? Cache.GetOrAdd(known, factory)
                : Cache.GetOrAdd(_comparer.Create(key), factory);
        }

        /// <summary>Removes an entry.</summary>
        /// <param name="key">What stands for the key.</param>
        /// <returns>Whether there was one.</returns>
        public bool TryRemove(TAlternate key)
        {
            Cache.ThrowIfDisposed();
            return Cache.TryFindKey(key, Hash(key), _comparer, out TKey? known) && Cache.TryRemove(known);
        }

        private Entry<TKey, TValue>? Find(TAlternate key, out TKey known, out TValue value) => Cache._table.Find(key, Hash(key), _comparer, out known, out value);

        private int Hash(TAlternate key)
        {
            int hash = _comparer.GetHashCode(key!);
            return Cache._hasher.IsOrdinal ? hash : KeyHash.Of((uint)hash);
        }
    }

    /// <summary>The key that something stands for, if there is an entry of that key or one is being loaded.</summary>
    private bool TryFindKey<TAlternate>(
        TAlternate alternate, int hash, IAlternateEqualityComparer<TAlternate, TKey> comparer, [NotNullWhen(true)] out TKey? key)
        where TAlternate : allows ref struct
    {
        using (EnterShard(hash, out CacheShard<TKey, TValue> shard))
        {
            if (_table.Find(alternate, hash, comparer, out TKey known, out _) is not null)
            {
                key = known;
                return true;
            }

            Load<TKey, TValue>? load = shard.Loads;
            while (load is not null && !(load.Hash == hash && comparer.Equals(alternate, load.Key)))
            {
                load = load.Next;
            }

            key = load is null ? default : load.Key;
            return load is not null;
        }
    }
}
