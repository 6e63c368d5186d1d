namespace BoundedMemory;

/// <summary>A part of the keys: its lock, its order of eviction, the loads under way and what has been counted under the lock.</summary>
internal sealed class CacheShard<TKey, TValue>(int index, EvictionOrder<TKey, TValue> order)
    where TKey : notnull
{
    /// <summary>How many questions <see cref="Average"/> answers before it is computed anew.</summary>
    public const int AverageInterval = 32;

    public readonly int Index = index;

    /// <summary>Guards everything below, the entries of this shard and the stripes of the table that belong to it. Innermost: nothing is called under
    /// it that takes another lock, except a budget's own.</summary>
    public BriefLock Gate;

    public readonly EvictionOrder<TKey, TValue> Order = order;

    /// <summary>Entries that left, by <see cref="RemovalCause"/>.</summary>
    public readonly long[] Left = new long[(int)RemovalCause.Disposed + 1];

    /// <summary>First of the loads under way.</summary>
    public Load<TKey, TValue>? Loads;

    /// <summary>Values stored.</summary>
    public long Stored;

    /// <summary>Loads begun.</summary>
    public long Begun;

    /// <summary>Loads begun because an entry was due.</summary>
    public long Refreshes;

    /// <summary>Entries evicted because their chain was full.</summary>
    public long EvictedByCollision;

    /// <summary>Stores since an entry was last audited.</summary>
    public int SinceAudit;

    /// <summary>Average weight of the shards, as of late.</summary>
    public long Average;

    public int UntilAverage;

    /// <summary>A load that has ended and can be used again. Taken under the lock; left there without, by the one who owns it.</summary>
    private Load<TKey, TValue>? _spare;

    /// <summary>An entry that was evicted and can be used again: what the next one needs. Left there under the lock, taken without.</summary>
    private Entry<TKey, TValue>? _spareEntry;

    /// <summary>Keeps an empty entry for the next one to come.</summary>
    public void Keep(Entry<TKey, TValue> entry) => Volatile.Write(ref _spareEntry, entry);

    /// <summary>An empty entry that nobody else has any more; null if there is none.</summary>
    public Entry<TKey, TValue>? TakeSpareEntry() => _spareEntry is null ? null : Interlocked.Exchange(ref _spareEntry, null);

    /// <summary>Begins a load.</summary>
    public Load<TKey, TValue> Register(TKey key, int hash, LoadGroup? group, bool isRefresh = false)
    {
        Load<TKey, TValue> load = Volatile.Read(ref _spare) ?? new Load<TKey, TValue>();
        _spare = null;
        load.Key = key;
        load.Hash = hash;
        load.Group = group;
        load.IsRefresh = isRefresh;
        load.Interested = 1;
        load.IsRegistered = true;
        load.Next = Loads;
        Loads = load;
        Begun++;
        return load;
    }

    /// <summary>Keeps a load that nobody else has seen for the next one: most loads are not joined by anybody.</summary>
    public void Recycle(Load<TKey, TValue> load)
    {
        load.Key = default!;
        Volatile.Write(ref _spare, load);
    }

    /// <summary>False if it was not registered any more.</summary>
    public bool Unregister(Load<TKey, TValue> load)
    {
        if (!load.IsRegistered)
        {
            return false;
        }

        ref Load<TKey, TValue>? link = ref Loads;
        while (!ReferenceEquals(link, load))
        {
            link = ref link!.Next;
        }

        link = load.Next;
        load.Next = null;
        load.IsRegistered = false;
        return true;
    }

    public Load<TKey, TValue>? FindLoad(TKey key, int hash, IEqualityComparer<TKey> comparer)
    {
        Load<TKey, TValue>? load = Loads;
        while (load is not null && !(load.Hash == hash && comparer.Equals(load.Key, key)))
        {
            load = load.Next;
        }

        return load;
    }

    /// <summary>Hands the keys whose hash has this bit over to a new shard. Under the locks of all shards.</summary>
    public CacheShard<TKey, TValue> SplitOff(int bit, EvictionOrder<TKey, TValue> order)
    {
        var other = new CacheShard<TKey, TValue>(Index + bit, order);
        Order.SplitOff(bit, order);
        Load<TKey, TValue>? load = Loads;
        Loads = null;
        while (load is not null)
        {
            Load<TKey, TValue>? next = load.Next;
            ref Load<TKey, TValue>? head = ref (load.Hash & bit) == 0 ? ref Loads : ref other.Loads;
            load.Next = head;
            head = load;
            load = next;
        }

        return other;
    }
}
