namespace BoundedMemory;

/// <content>Who leaves.</content>
internal sealed partial class ScanResistantOrder<TKey, TValue>
{
    public override Entry<TKey, TValue>? ChooseVictim(Wanted wanted, Entry<TKey, TValue>? except)
    {
        if (wanted.Tier == Wanted.AnyTier && (!_filled || _calibrated != _time.Now))
        {
            _filled = true;
            Calibrate();
        }

        Entry<TKey, TValue>? victim = ChooseFromProbation(wanted, except, out int steps);
        if (victim is not null)
        {
            Anticipate(ListOf(victim));
        }
        else
        {
            victim = ChooseFromMain(wanted, except, MostSteps - steps) ?? ChooseFromAll(wanted, except);
        }

        if (victim is not null)
        {
            _ghosts.Add(victim.Hash, victim.Stamp);
        }

        return victim;
    }

    /// <summary>While probation has more than its share: the worst there that was not used again; what was becomes main on the way.</summary>
    private Entry<TKey, TValue>? ChooseFromProbation(Wanted wanted, Entry<TKey, TValue>? except, out int steps)
    {
        steps = 0;
        while (IsProbationFull(wanted) && WorstOnProbation(wanted, out float freshWorth) is { } fresh)
        {
            if (fresh.Mark != 0 || !MayGo(fresh, except))
            {
                fresh.Mark = 0;
                fresh.Stamp = _time.Now;
                Pass(fresh);
                steps++;
                continue;
            }

            // Main gives first if it holds something that much worse, and always before what has only just come, whose worth is 0 here.
            Entry<TKey, TValue>? main = WorstOfMain(wanted, out float mainWorth);
            if (main is null || mainWorth <= _mainPenalty * freshWorth)
            {
                return fresh;
            }

            if (IsWorthless(main) && MayGo(main, except))
            {
                Pass(fresh);
                return main;
            }

            if (steps++ >= MostSteps)
            {
                return fresh;
            }

            GiveSecondChance(main);
        }

        return null;
    }

    /// <summary>The worst main entry that was not used again; the others on the way get a second chance.</summary>
    private Entry<TKey, TValue>? ChooseFromMain(Wanted wanted, Entry<TKey, TValue>? except, int steps)
    {
        while (WorstOfMain(wanted, out _) is { } main)
        {
            if (IsWorthless(main) && MayGo(main, except))
            {
                return main;
            }

            if (steps-- <= 0)
            {
                return null;
            }

            GiveSecondChance(main);
        }

        return null;
    }

    /// <summary>Takes a step of the hand before it is needed. It needs many at once, but seldom, and each goes to memory that is far away: so every
    /// eviction that does not need the hand takes one, and asks for what the next one is going to touch.</summary>
    private void Anticipate(EntryList<TKey, TValue> list)
    {
        if (HandOf(list) is { } hand && !IsWorthless(hand))
        {
            GiveSecondChance(hand);
            Prefetch.Object(list.Hand);
        }
    }

    /// <summary>What goes when everything was used again, or is leased: rather from probation, but not what has only just come.</summary>
    private Entry<TKey, TValue>? ChooseFromAll(Wanted wanted, Entry<TKey, TValue>? except)
    {
        Entry<TKey, TValue>? fresh = WorstOnProbation(wanted, out _);
        Entry<TKey, TValue>? main = WorstOfMain(wanted, out _);
        bool freshMayGo = fresh is not null && MayGo(fresh, except);
        bool mainMayGo = main is not null && MayGo(main, except);
        if (freshMayGo && (!mainMayGo || (fresh!.Mark == 0 && _time.AgeOf(fresh.Stamp) >= _protectedTicks)))
        {
            return fresh;
        }

        return mainMayGo ? main : FirstThatMayGo(wanted, except);
    }

    /// <summary>Searches all entries; needed only where many are leased.</summary>
    private Entry<TKey, TValue>? FirstThatMayGo(Wanted wanted, Entry<TKey, TValue>? except)
    {
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            if (wanted.Tier == Wanted.AnyTier || wanted.Tier == list.Tier)
            {
                for (Entry<TKey, TValue>? entry = list.Oldest; entry is not null; entry = entry.Newer)
                {
                    if (MayGo(entry, except))
                    {
                        return entry;
                    }
                }
            }
        }

        return null;
    }

    private bool IsProbationFull(Wanted wanted)
    {
        if (wanted.Tier == Wanted.AnyTier)
        {
            return _probation >= _probationCapacity;
        }

        long probation = 0;
        long weight = 0;
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            if (list.Tier == wanted.Tier)
            {
                probation += list.Probation;
                weight += list.Weight;
            }
        }

        return probation >= ProbationShare * weight;
    }

    /// <summary>The entry on probation with the greatest age x size^alpha; one of the last added only if there is nothing else.</summary>
    private Entry<TKey, TValue>? WorstOnProbation(Wanted wanted, out float worth)
    {
        Entry<TKey, TValue>? worst = null;
        Entry<TKey, TValue>? oldest = null;
        int oldestAge = -1;
        worth = 0;
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            if (list.Count == 0 || (wanted.Tier != Wanted.AnyTier && wanted.Tier != list.Tier) || BoundaryOf(list) is not { } entry)
            {
                continue;
            }

            int age = _time.AgeOf(entry.Stamp);
            if (age > oldestAge)
            {
                (oldestAge, oldest) = (age, entry);
            }

            float value = (age + 1) * (wanted.BySize ? list.Factor : 1);
            if (age >= _protectedTicks && value >= worth)
            {
                (worth, worst) = (value, entry);
            }
        }

        return worst ?? oldest;
    }

    /// <summary>The entry under one of the hands with the greatest age x size^alpha.</summary>
    private Entry<TKey, TValue>? WorstOfMain(Wanted wanted, out float worth)
    {
        Entry<TKey, TValue>? worst = null;
        worth = 0;
        foreach (EntryList<TKey, TValue> list in Lists)
        {
            if (list.Count > 0 && (wanted.Tier == Wanted.AnyTier || wanted.Tier == list.Tier) && HandOf(list) is { } entry)
            {
                float value = Worst(entry, wanted.BySize);
                if (value >= worth)
                {
                    (worth, worst) = (value, entry);
                }
            }
        }

        return worst;
    }

    /// <summary>The hand starts again at the oldest when it has reached the boundary, and as soon as the entry under it was visited later than the
    /// oldest: so it goes round in the order of the last visits.</summary>
    private Entry<TKey, TValue>? HandOf(EntryList<TKey, TValue> list)
    {
        Entry<TKey, TValue> oldest = list.Oldest!;
        if (StateOf(oldest) != State.Main)
        {
            BoundaryOf(list);
            if (StateOf(oldest) != State.Main)
            {
                return null;
            }
        }

        Entry<TKey, TValue>? hand = list.Hand;
        if (hand is null || StateOf(hand) != State.Main || _time.AgeOf(hand.Stamp) < _time.AgeOf(oldest.Stamp))
        {
            hand = list.RestartHand();
        }

        return hand;
    }

    /// <summary>A hit since the last visit earns a credit, a visit without one costs a credit.</summary>
    private void GiveSecondChance(Entry<TKey, TValue> entry)
    {
        int credit = CreditOf(entry);
        credit = entry.Mark != 0 ? Math.Min(MostCredit, credit + 1) : Math.Max(0, credit - 1);
        entry.Mark = 0;
        entry.Rank = Pack(State.Main, credit);
        entry.Stamp = _time.Now;
        ListOf(entry).StepHand(entry);
    }
}
