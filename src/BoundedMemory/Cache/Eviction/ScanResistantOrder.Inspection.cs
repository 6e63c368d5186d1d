namespace BoundedMemory;

/// <content>What the order looks like from outside.</content>
internal sealed partial class ScanResistantOrder<TKey, TValue>
{
    public override IEnumerable<Entry<TKey, TValue>> ColdestFirst()
    {
        var all = new List<(Entry<TKey, TValue> Entry, int Chances, double Worth)>(Count);
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            for (Entry<TKey, TValue>? entry = list.Oldest; entry is not null; entry = entry.Newer)
            {
                all.Add((entry, entry.Mark + CreditOf(entry), -Worst(entry, bySize: true)));
            }
        }

        return all.OrderBy(e => e.Chances).ThenBy(e => e.Worth).Select(e => e.Entry);
    }

    public override void Verify()
    {
        base.Verify();
        long total = 0;
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            long probation = 0;
            bool isAbove = false;
            bool seesHand = list.Hand is null;
            bool seesAhead = list.Ahead is null;
            for (Entry<TKey, TValue>? entry = list.Oldest; entry is not null; entry = entry.Newer)
            {
                // From the oldest: main entries, then the boundary, then whatever has not been passed yet.
                isAbove |= ReferenceEquals(entry, list.Boundary);
                seesHand |= ReferenceEquals(entry, list.Hand);
                seesAhead |= ReferenceEquals(entry, list.Ahead);
                Require(isAbove != (StateOf(entry) == State.Main), "an entry's side of the boundary");
                probation += StateOf(entry) == State.Probation ? WeightOf(entry) : 0;
            }

            Require(seesHand && seesAhead && (isAbove || list.Boundary is null) && probation == list.Probation, "a list's hand, what is ahead of it, boundary or probation");
            total += probation;
        }

        Require(total == _probation, "the weight on probation");
    }
}
