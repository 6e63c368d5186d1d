using System.Diagnostics;

namespace BoundedMemory;

/// <summary>Entries of one shard, tier and size class in the order in which they came. Under the shard's lock.</summary>
/// <remarks>Some places in it are remembered, and a removal moves those that stand on the removed entry to its newer neighbour.</remarks>
[DebuggerDisplay("tier {Tier}, class {SizeClass}: {Count} entries, {Weight} in weight")]
internal sealed class EntryList<TKey, TValue>(int tier, int sizeClass, float factor, bool inOrderOfDeadline)
    where TKey : notnull
{
    /// <summary>Entries beyond the hand that are kept near: as many as one eviction may have to pass.</summary>
    private const int MostStepsAhead = 32;

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

    /// <summary>An entry that the hand is going to reach, everything before which has been brought near in memory; null: none.</summary>
    public Entry<TKey, TValue>? Ahead;

    /// <summary>Steps of the hand until there, about: entries between may leave.</summary>
    private int _stepsAhead;

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

    /// <summary>The hand goes on to the next entry.</summary>
    public void StepHand(Entry<TKey, TValue> from)
    {
        Hand = from.Newer;
        _stepsAhead--;
    }

    /// <summary>The hand goes back to the oldest entry.</summary>
    public Entry<TKey, TValue> RestartHand()
    {
        _stepsAhead = 0;
        return Hand = Oldest!;
    }

    /// <summary>Brings one more entry near that the hand is going to reach. It takes many steps at once, but seldom, each to memory that is far away, and
    /// where the next one leads is not known before it is done: so this goes ahead of it in time.</summary>
    public void LookAhead()
    {
        if (_stepsAhead <= 0)
        {
            (Ahead, _stepsAhead) = (Hand, 0);
        }

        if (_stepsAhead < MostStepsAhead && Ahead is not null)
        {
            Ahead = Ahead.Newer;
            _stepsAhead++;
            Prefetch.Object(Ahead);
        }
    }

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
        if (ReferenceEquals(Hand, entry))
        {
            StepHand(entry);
        }

        MoveOn(ref Ahead, entry);
        MoveOn(ref Boundary, entry);
        MoveOn(ref Sweep, entry);
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

    /// <summary>What stands on an entry that leaves goes on to its newer neighbour. Mostly nothing does, and a store of a reference costs more than asking.</summary>
    private static void MoveOn(ref Entry<TKey, TValue>? place, Entry<TKey, TValue> leaving)
    {
        if (ReferenceEquals(place, leaving))
        {
            place = leaving.Newer;
        }
    }
}
