using System.Diagnostics;

namespace BoundedMemory;

/// <summary>Where an entry belongs: which tier, and whether its deadline is later than those of all entries that came before it there.</summary>
internal readonly record struct Placement(int Tier, bool InOrderOfDeadline);

/// <summary>Which entries a victim may be taken from, and whether their size counts against them.</summary>
/// <param name="Tier">A tier, or -1 for any.</param>
/// <param name="BySize">Whether room in bytes or weight is wanted, not just one place fewer.</param>
internal readonly record struct Wanted(int Tier, bool BySize)
{
    public const int AnyTier = -1;

    public static Wanted For(Shortage shortage, int tier) => shortage switch
    {
        Shortage.TierCount => new Wanted(tier, BySize: false),
        Shortage.TierBytes => new Wanted(tier, BySize: true),
        Shortage.Count => new Wanted(AnyTier, BySize: false),
        _ => new Wanted(AnyTier, BySize: true),
    };
}

/// <summary>By what an eviction order measures entries.</summary>
internal enum WeightUnit
{
    /// <summary>Each counts one.</summary>
    Entry,

    /// <summary>Bytes, in units of 8.</summary>
    Bytes,

    /// <summary>The user's weigher.</summary>
    User,
}

/// <summary>The entries of one shard in some order, and who leaves first. All members are called under the shard's lock.</summary>
internal abstract class EvictionOrder<TKey, TValue>(WeightUnit unit, Func<long, bool> tryTakeBytes)
    where TKey : notnull
{
    /// <summary>Tiers a cache may have besides none, and size classes: both, in order of deadline or not, fit into the byte that says in which list
    /// an entry is.</summary>
    public const int MostTiers = 7;

    public const int MostSizeClasses = 14;

    /// <summary>Bytes of a list and of its place, for which an array that doubles may have room twice.</summary>
    public static readonly long BytesOfList = (2 * IntPtr.Size)
        + HeapLayout.InstanceBytesByAllocation(() => new EntryList<TKey, TValue>(tier: 0, sizeClass: 0, factor: 1, inOrderOfDeadline: false));

    /// <summary>Entries that are always looked at in one call.</summary>
    private const int SmallSweep = 256;

    private EntryList<TKey, TValue>[] _lists = [];

    private int _listCount;

    /// <summary>One more than the index of the list from which an entry was evicted last; 0: none yet.</summary>
    private int _evictedFrom;

    /// <summary>Lists whose bytes have been taken: all but the first of each kind, which are part of the shard's bytes.</summary>
    private int _paidLists;

    /// <summary>How many of those have not been made yet.</summary>
    private int _paidAhead;

    /// <summary>All lists, empty ones too.</summary>
    public ReadOnlySpan<EntryList<TKey, TValue>> Lists => _lists.AsSpan(0, _listCount);

    /// <summary>Bytes taken for lists.</summary>
    public long BytesOfPaidLists => _paidLists * BytesOfList;

    /// <summary>Sum of the weights by which entries are measured.</summary>
    public long Weight { get; protected set; }

    public int Count { get; private set; }

    /// <summary>Nothing had to leave yet, so what comes is likely to stay.</summary>
    public virtual bool IsFilling => false;

    /// <summary>A new entry is about to be added. Before room is made for it.</summary>
    public virtual void Arrive(Entry<TKey, TValue> entry)
    {
    }

    /// <summary>The new entry cannot be added unless others leave.</summary>
    public virtual void Contest(Entry<TKey, TValue> entry)
    {
    }

    /// <summary>Adds a new entry, or puts it in the place of the one with the same key.</summary>
    public abstract void Add(Entry<TKey, TValue> entry, Placement placement, Entry<TKey, TValue>? replaced);

    /// <summary>The entry that leaves first of those that are not leased, or null; the caller removes it.</summary>
    public abstract Entry<TKey, TValue>? ChooseVictim(Wanted wanted, Entry<TKey, TValue>? except);

    /// <summary>The entry that is evicted now; told before it is removed. Those that are likely to follow it are brought near.</summary>
    public void Evicting(Entry<TKey, TValue> victim)
    {
        _evictedFrom = victim.List;
        Prefetch.Object(victim.Newer?.Newer);
        ListOf(victim).LookAhead();
    }

    /// <summary>Entries that are likely to be evicted next, and are near in memory if there was time since the last eviction; only a guess.</summary>
    public void Foresee(out Entry<TKey, TValue>? main, out Entry<TKey, TValue>? fresh)
    {
        main = fresh = null;
        if (_evictedFrom != 0)
        {
            EntryList<TKey, TValue> list = _lists[_evictedFrom - 1];
            main = list.Hand ?? list.Oldest;
            fresh = list.Boundary;
        }
    }

    /// <summary>Told about each hit of an entry whose traits ask for it.</summary>
    public abstract void Hit(Entry<TKey, TValue> entry);

    /// <summary>All entries, those that would leave first before the others.</summary>
    public abstract IEnumerable<Entry<TKey, TValue>> ColdestFirst();

    /// <summary>Prepares an order that is empty to take over half of another's entries.</summary>
    public abstract void ContinueFrom(EvictionOrder<TKey, TValue> other);

    /// <summary>Adds another order's entry as it stands, after those that have come over already; the lists are those of the other order.</summary>
    protected abstract void Adopt(Entry<TKey, TValue> entry, EntryList<TKey, TValue> from);

    /// <summary>Hands the entries whose hash has this bit over to an order that is empty, with their sequence and standing. As many bytes have been
    /// taken for its lists as for these.</summary>
    public void SplitOff(int bit, EvictionOrder<TKey, TValue> other)
    {
        other._paidLists = other._paidAhead = _paidLists;
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            Entry<TKey, TValue>? next;
            for (Entry<TKey, TValue>? entry = list.Oldest; entry is not null; entry = next)
            {
                next = entry.Newer;
                if ((entry.Hash & bit) != 0)
                {
                    Remove(entry);
                    other.Adopt(entry, list);
                }
            }
        }
    }

    /// <summary>Finds an entry that has expired by a moment, of those that the pass under way has still to look at.</summary>
    /// <param name="moment">Milliseconds of the cache's clock.</param>
    /// <param name="steps">How many more entries may be looked at in this hold of the lock where they are not in order of deadline; counted down.</param>
    public Entry<TKey, TValue>? FindExpired(long moment, ref int steps)
    {
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            if (list.InOrderOfDeadline)
            {
                if (list.Oldest is { } oldest && HasExpired(oldest, moment))
                {
                    return oldest;
                }

                continue;
            }

            while (list.Sweep is { } entry && list.SweepLeft > 0 && steps > 0)
            {
                list.Sweep = entry.Newer;
                list.SweepLeft--;
                steps--;
                if (HasExpired(entry, moment))
                {
                    return entry;
                }
            }
        }

        return null;
    }

    /// <summary>Lets the lists that are not in order of deadline be gone through for their next part, from the beginning where the last pass has ended.</summary>
    /// <param name="parts">In how many parts a pass over a list is done, unless it is short.</param>
    public void BeginSweep(int parts)
    {
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            if (!list.InOrderOfDeadline)
            {
                if (list.Sweep is null)
                {
                    // Not of what is left of it in later parts: entries go meanwhile.
                    list.Sweep = list.Oldest;
                    list.SweepPart = Math.Max(SmallSweep, (list.Count + parts - 1) / parts);
                }

                list.SweepLeft = list.SweepPart;
            }
        }
    }

    /// <summary>For tests: throws if what is remembered does not agree with the entries.</summary>
    public virtual void Verify()
    {
        long weight = 0;
        int count = 0;
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            long listWeight = 0;
            int listCount = 0;
            Entry<TKey, TValue>? older = null;
            for (Entry<TKey, TValue>? entry = list.Oldest; entry is not null; entry = entry.Newer)
            {
                Require(ReferenceEquals(ListOf(entry), list) && ReferenceEquals(entry.Older, older), "an entry's links");
                listWeight += WeightOf(entry);
                listCount++;
                older = entry;
            }

            Require(ReferenceEquals(list.Newest, older) && listCount == list.Count && listWeight == list.Weight, "a list's sums");
            weight += listWeight;
            count += listCount;
        }

        Require(weight == Weight && count == Count, "an order's sums");
    }

    protected static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"The cache's invariants do not hold: {what}.");
        }
    }

    public EntryList<TKey, TValue> ListOf(Entry<TKey, TValue> entry) => _lists[entry.List - 1];

    public virtual void Remove(Entry<TKey, TValue> entry)
    {
        EntryList<TKey, TValue> list = ListOf(entry);
        long weight = WeightOf(entry);
        list.Remove(entry);
        entry.List = 0;
        list.Weight -= weight;
        Weight -= weight;
        Count--;
    }

    /// <summary>Changes an entry's charge.</summary>
    public void Recharge(Entry<TKey, TValue> entry, uint units)
    {
        long before = WeightOf(entry);
        entry.Units = units;
        Reweigh(entry, WeightOf(entry) - before);
    }

    protected virtual void Reweigh(Entry<TKey, TValue> entry, long difference)
    {
        ListOf(entry).Weight += difference;
        Weight += difference;
    }

    private static bool HasExpired(Entry<TKey, TValue> entry, long moment) =>
        (entry.Traits & EntryTraits.Expires) != 0 && ((ExpiringEntry<TKey, TValue>)entry).HasExpired(moment);

    protected long WeightOf(Entry<TKey, TValue> entry) => unit switch
    {
        WeightUnit.Bytes => entry.Units,
        WeightUnit.User => entry.Weight,
        _ => 1,
    };

    protected void Append(EntryList<TKey, TValue> list, Entry<TKey, TValue> entry)
    {
        long weight = WeightOf(entry);
        list.AddNewest(entry);
        list.Weight += weight;
        Weight += weight;
        Count++;
    }

    /// <summary>What entries of the list with those properties have as <see cref="Entry{TKey, TValue}.List"/>.</summary>
    /// <remarks>The list is made if there is none yet. If there is no room for it, entries join the list of the same kind that is nearest in size; for
    /// the first list of a kind, that is of a tier in order of deadline or not, there is always room.</remarks>
    protected byte ListFor(int tier, int sizeClass, float factor, bool inOrderOfDeadline)
    {
        ReadOnlySpan<EntryList<TKey, TValue>> lists = Lists;
        for (int i = 0; i < lists.Length; i++)
        {
            if (lists[i].Tier == tier && lists[i].SizeClass == sizeClass && lists[i].InOrderOfDeadline == inOrderOfDeadline)
            {
                return (byte)(i + 1);
            }
        }

        int nearest = NearestList(tier, sizeClass, inOrderOfDeadline);
        if (nearest >= 0 && !TryPayForList())
        {
            return (byte)(nearest + 1);
        }

        Debug.Assert(_listCount < byte.MaxValue && tier <= MostTiers && sizeClass < MostSizeClasses);
        if (_listCount == _lists.Length)
        {
            Array.Resize(ref _lists, Math.Max(4, 2 * _listCount));
        }

        _lists[_listCount++] = new EntryList<TKey, TValue>(tier, sizeClass, factor, inOrderOfDeadline);
        return (byte)_listCount;
    }

    private int NearestList(int tier, int sizeClass, bool inOrderOfDeadline)
    {
        int nearest = -1;
        int distance = int.MaxValue;
        for (int i = 0; i < _listCount; i++)
        {
            EntryList<TKey, TValue> list = _lists[i];
            int away = Math.Abs(list.SizeClass - sizeClass);
            if (list.Tier == tier && list.InOrderOfDeadline == inOrderOfDeadline && away < distance)
            {
                (nearest, distance) = (i, away);
            }
        }

        return nearest;
    }

    private bool TryPayForList()
    {
        if (_paidAhead > 0)
        {
            _paidAhead--;
            return true;
        }

        if (!tryTakeBytes(BytesOfList))
        {
            return false;
        }

        _paidLists++;
        return true;
    }
}
