using System.Diagnostics;

namespace BoundedMemory;

/// <summary>Entries of one shard, tier and size class in the order in which they came. Under the shard's lock.</summary>
/// <remarks>Three places in it are remembered, and a removal moves those that stand on the removed entry to its newer neighbour.</remarks>
[DebuggerDisplay("tier {Tier}, class {SizeClass}: {Count} entries, {Weight} in weight")]
internal sealed class EntryList<TKey, TValue>(int tier, int sizeClass, float factor, bool inOrderOfDeadline)
    where TKey : notnull
{
    public readonly int Tier = tier;

    public readonly int SizeClass = sizeClass;

    /// <summary>How much the age of these entries counts against them because of their size.</summary>
    public readonly float Factor = factor;

    /// <summary>Older entries never expire later than newer ones.</summary>
    public readonly bool InOrderOfDeadline = inOrderOfDeadline;

    public Entry<TKey, TValue>? Newest;

    public Entry<TKey, TValue>? Oldest;

    /// <summary>Where the eviction order gives second chances next; null: at the oldest.</summary>
    public Entry<TKey, TValue>? Hand;

    /// <summary>The oldest entry on probation, or one of the main part that is newer than all of those; null: none.</summary>
    public Entry<TKey, TValue>? Boundary;

    /// <summary>Where the search for expired entries continues; null: at the oldest.</summary>
    public Entry<TKey, TValue>? Sweep;

    /// <summary>Entries that one sweep looks at in this pass, and how many of them are left for the present one.</summary>
    public int SweepPart;
    public int SweepLeft;

    public int Count;

    /// <summary>Sum of the weights by which the eviction order measures its entries.</summary>
    public long Weight;

    /// <summary>The part of <see cref="Weight"/> that is on probation.</summary>
    public long Probation;

    public void AddNewest(Entry<TKey, TValue> entry)
    {
        entry.Newer = null;
        entry.Older = Newest;
        if (Newest is null)
        {
            Oldest = entry;
        }
        else
        {
            Newest.Newer = entry;
        }

        Newest = entry;
        Count++;
    }

    public void Remove(Entry<TKey, TValue> entry)
    {
        Entry<TKey, TValue>? newer = entry.Newer;
        Entry<TKey, TValue>? older = entry.Older;
        Hand = ReferenceEquals(Hand, entry) ? newer : Hand;
        Boundary = ReferenceEquals(Boundary, entry) ? newer : Boundary;
        Sweep = ReferenceEquals(Sweep, entry) ? newer : Sweep;
        if (newer is null)
        {
            Newest = older;
        }
        else
        {
            newer.Older = older;
        }

        if (older is null)
        {
            Oldest = newer;
        }
        else
        {
            older.Newer = newer;
        }

        // A link kept by an entry that has left would keep others alive that leave later.
        entry.Newer = null;
        entry.Older = null;
        Count--;
    }
}
