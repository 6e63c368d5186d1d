namespace BoundedMemory;

/// <summary>Least recently used, exactly: every hit moves its entry to the newest end, under the lock.</summary>
/// <remarks>One list; where tiers have limits of their own, one per tier, and a sequence number in each entry tells which list's oldest is the
/// oldest of all.</remarks>
internal sealed class LruOrder<TKey, TValue>(WeightUnit unit, Func<long, bool> tryTakeBytes, bool perTier) : EvictionOrder<TKey, TValue>(unit, tryTakeBytes)
    where TKey : notnull
{
    private long _sequence;

    public override void Add(Entry<TKey, TValue> entry, Placement placement, Entry<TKey, TValue>? replaced)
    {
        if (replaced is not null)
        {
            Remove(replaced);
        }

        // Hits change the order, so it is not that of the deadlines.
        entry.List = ListFor(perTier ? placement.Tier : 0, sizeClass: 0, factor: 1, inOrderOfDeadline: false);
        Append(ListOf(entry), entry);
        Number(entry);
    }

    public override void Hit(Entry<TKey, TValue> entry)
    {
        // Asked where keys collide, when one of a chain has to go.
        entry.Mark = 1;
        EntryList<TKey, TValue> list = ListOf(entry);
        if (!ReferenceEquals(list.Newest, entry))
        {
            list.Remove(entry);
            list.AddNewest(entry);
        }

        Number(entry);
    }

    public override Entry<TKey, TValue>? ChooseVictim(Wanted wanted, Entry<TKey, TValue>? except)
    {
        Entry<TKey, TValue>? oldest = null;
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            if (wanted.Tier == Wanted.AnyTier || wanted.Tier == list.Tier)
            {
                Entry<TKey, TValue>? candidate = list.Oldest;
                while (candidate is not null && (ReferenceEquals(candidate, except) || candidate.Leases != 0))
                {
                    candidate = candidate.Newer;
                }

                oldest = candidate is not null && (oldest is null || Sequence(candidate) < Sequence(oldest)) ? candidate : oldest;
            }
        }

        return oldest;
    }

    public override IEnumerable<Entry<TKey, TValue>> ColdestFirst()
    {
        Entry<TKey, TValue>?[] next = [.. Lists.ToArray().Select(list => list.Oldest)];
        while (true)
        {
            int first = -1;
            for (int i = 0; i < next.Length; i++)
            {
                first = next[i] is not null && (first < 0 || Sequence(next[i]!) < Sequence(next[first]!)) ? i : first;
            }

            if (first < 0)
            {
                yield break;
            }

            yield return next[first]!;
            next[first] = next[first]!.Newer;
        }
    }

    public override void ContinueFrom(EvictionOrder<TKey, TValue> other) => throw new NotSupportedException("An exact order is never split.");

    protected override void Adopt(Entry<TKey, TValue> entry, EntryList<TKey, TValue> from) =>
        throw new NotSupportedException("An exact order is never split.");

    private void Number(Entry<TKey, TValue> entry)
    {
        if (perTier)
        {
            ((FullEntry<TKey, TValue>)entry).Sequence = ++_sequence;
        }
    }

    private long Sequence(Entry<TKey, TValue> entry) => perTier ? ((FullEntry<TKey, TValue>)entry).Sequence : 0;
}
