namespace BoundedMemory.Tests.Support;

/// <summary>An <see cref="EntryTable{TKey, TValue}"/> with the stripe locks that its owner has to hold.</summary>
internal sealed class LockedTable<TKey>
    where TKey : notnull
{
    private readonly Lock[] _stripes;
    private readonly KeyHasher<TKey> _hasher = new(null);
    private EntryTable<TKey, int> _table;

    public LockedTable(int stripes, int buckets)
    {
        _stripes = [.. Enumerable.Range(0, stripes).Select(_ => new Lock())];
        _table = new EntryTable<TKey, int>(_hasher, stripes, buckets);
    }

    public int Buckets => _table.Buckets;

    public bool IsResizing => _table.IsResizing;

    public Entry<TKey, int>? Find(TKey key) => Find(key, out _);

    public Entry<TKey, int>? Find(TKey key, out int value) => _table.Find(key, out _, out value);

    public Entry<TKey, int> Insert(TKey key, int value)
    {
        var entry = new Entry<TKey, int>(key, _hasher.Hash(key), value);
        Link(entry);

        return entry;
    }

    public Entry<TKey, int> Replace(Entry<TKey, int> old, int value)
    {
        var entry = new Entry<TKey, int>(old.Key, old.Hash, value);
        lock (_stripes[entry.Hash & (_stripes.Length - 1)])
        {
            _table.Replace(old, entry);
        }

        return entry;
    }

    public void Remove(Entry<TKey, int> entry)
    {
        lock (_stripes[entry.Hash & (_stripes.Length - 1)])
        {
            _table.Remove(entry);
            _table.ContinueResize(entry.Hash & (_stripes.Length - 1));
        }
    }

    /// <summary>Removes an entry and uses it again for another key.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="key">The other key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="retires">Whether lookups are told; false is the negative control.</param>
    public void Reuse(Entry<TKey, int> entry, TKey key, int value, bool retires)
    {
        lock (_stripes[entry.Hash & (_stripes.Length - 1)])
        {
            _table.Remove(entry);
            _table.ContinueResize(entry.Hash & (_stripes.Length - 1));
            if (retires)
            {
                _table.Retire(entry.Hash);
            }

            entry.Empty();
        }

        entry.Renew(key, _hasher.Hash(key), value);
        Link(entry);
    }

    public void BeginResize(int buckets) => _table.BeginResize(buckets);

    public int ContinueResize(int stripe, bool toTheEnd = false)
    {
        lock (_stripes[stripe])
        {
            return _table.ContinueResize(stripe, toTheEnd);
        }
    }

    public void FinishResize()
    {
        for (int stripe = 0; stripe < _stripes.Length; stripe++)
        {
            ContinueResize(stripe, toTheEnd: true);
        }
    }

    /// <summary>What <see cref="EntryTable{TKey, TValue}.Find(TKey, int, out TValue)"/> would be if it believed a miss: the negative control of the stress test.</summary>
    public Entry<TKey, int>? FindWithoutValidation(TKey key)
    {
        int hash = _hasher.Hash(key);
        for (Entry<TKey, int>? entry = _table.FirstOfChainUnlocked(hash, out bool moved); ; entry = Volatile.Read(ref entry.Next))
        {
            if (entry is null || moved)
            {
                return moved ? Find(key) : null;
            }

            if (entry.Hash == hash && _hasher.Comparer.Equals(entry.Key, key))
            {
                return entry;
            }
        }
    }

    /// <summary>To either end of its chain, one value after the other.</summary>
    private void Link(Entry<TKey, int> entry)
    {
        lock (_stripes[entry.Hash & (_stripes.Length - 1)])
        {
            _table.Insert(entry, atEnd: entry.Value % 2 == 0);
            _table.ContinueResize(entry.Hash & (_stripes.Length - 1));
        }
    }
}
