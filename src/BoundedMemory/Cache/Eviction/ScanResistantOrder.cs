using System.Diagnostics;
using System.Numerics;

namespace BoundedMemory;

/// <summary>Keeps what has been used again, by age and, as far as the goal asks, by size; a hit sets one mark. See the folder's README.</summary>
/// <remarks>
/// <para>Descends from S3-FIFO (Yang et al., SOSP 2023: a small probation queue, a main queue, a memory of what is gone), with SIEVE's idea that
/// nothing moves (Zhang et al., NSDI 2024) and GDSF's that size counts (Cherkasova, 1998). Entries stay where they were added, in one list per
/// size class: the newest part of a list is on probation, the rest is main, and a boundary and a hand walk over them. The order of a list is
/// therefore that of arrival, which is also that of expiry where all live equally long.</para>
/// <para>Ages are measured in ticks, 256 of which pass while the weight of the whole shard is added once. They make entries of different
/// lists, and keys that are gone, comparable.</para>
/// <para>Work per eviction: the oldest of each non-empty list is looked at, and at most <see cref="MostSteps"/> entries get a second chance.</para>
/// </remarks>
internal sealed class ScanResistantOrder<TKey, TValue> : EvictionOrder<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Part of the weight that new entries have to prove themselves in.</summary>
    private const double ProbationShare = 0.10;

    /// <summary>Part of the weight added last that is not evicted while anything else can be.</summary>
    private const double ProtectedShare = 0.06;

    private const int TicksPerTurnover = 256;

    /// <summary>Second chances that one eviction gives at most.</summary>
    private const int MostSteps = 32;

    private const int MostCredit = 3;

    private static readonly float[] Balanced = Factors(alpha: 0.2);
    private static readonly float[] ForRequests = Factors(alpha: 1);
    private static readonly float[] ForBytes = Factors(alpha: 0.05);

    private readonly GhostTable _ghosts;

    private readonly Func<double> _fullness;

    /// <summary>Per size class, size^alpha: age x size^alpha decides who goes.</summary>
    private readonly float[] _factors;

    /// <summary>How many times worse than the worst on probation the worst main entry must be to go first.</summary>
    private readonly float _mainPenalty;

    /// <summary>Weight on probation.</summary>
    private long _probation;

    /// <summary>The time, in ticks; wraps.</summary>
    private ushort _now;

    /// <summary>Weight added since the last tick.</summary>
    private double _sinceTick;

    /// <summary>Weight of the shard when the cache is full, as far as is known, and what follows from it.</summary>
    private double _capacity = double.PositiveInfinity;
    private double _tick = double.PositiveInfinity;
    private double _probationCapacity = double.PositiveInfinity;
    private int _protectedTicks;

    /// <summary>When the capacity was found out last.</summary>
    private ushort _calibrated;

    /// <summary>The cache has been full and has not been emptied by half since.</summary>
    private bool _filled;

    public ScanResistantOrder(WeightUnit unit, Func<long, bool> tryTakeBytes, EvictionGoal goal, GhostTable ghosts, Func<double> fullness)
        : base(unit, tryTakeBytes)
    {
        _ghosts = ghosts;
        _fullness = fullness;
        (_factors, _mainPenalty) = goal switch
        {
            EvictionGoal.Requests => (ForRequests, 64f),
            EvictionGoal.Bytes => (ForBytes, 128f),
            _ => (Balanced, 128f),
        };
    }

    /// <summary>Where an entry is; the low bits of <see cref="Entry{TKey, TValue}.Rank"/>. The rest counts credit.</summary>
    private enum State : byte
    {
        /// <summary>New, above the boundary.</summary>
        Probation = 0,

        /// <summary>Main, though the boundary has not come down to it yet.</summary>
        MainAbove = 1,

        /// <summary>Below the boundary.</summary>
        Main = 2,
    }

    public override void Arrive(Entry<TKey, TValue> entry)
    {
        Advance(WeightOf(entry));
        if (_ghosts.TryTake(entry.Hash, out ushort lastUse))
        {
            // The key was here not long ago: main takes it back, unless others have to leave for it and are more worth keeping.
            entry.Rank = Pack(State.MainAbove, credit: 0);
            entry.Stamp = lastUse;
        }
    }

    public override void Contest(Entry<TKey, TValue> entry)
    {
        if (StateOf(entry) == State.MainAbove)
        {
            float factor = _factors[SizeClassOf(WeightOf(entry))];
            Entry<TKey, TValue>? worst = WorstOfMain(new Wanted(Wanted.AnyTier, BySize: true), out _);
            if (worst is null || AgeOf(worst.Stamp) * ListOf(worst).Factor <= AgeOf(entry.Stamp) * factor)
            {
                entry.Rank = Pack(State.Probation, credit: 0);
            }
        }
    }

    public override void Add(Entry<TKey, TValue> entry, Placement placement, Entry<TKey, TValue>? replaced)
    {
        if (replaced is not null)
        {
            // Being written again is a use: the new value keeps what the old one had earned, in the newest place.
            entry.Mark = 1;
            entry.Rank = Pack(StateOf(replaced) == State.Probation ? State.Probation : State.MainAbove, CreditOf(replaced));
            Remove(replaced);
        }

        long weight = WeightOf(entry);
        int sizeClass = SizeClassOf(weight);
        entry.List = ListFor(placement.Tier, sizeClass, _factors[sizeClass], placement.InOrderOfDeadline);
        entry.Stamp = _now;
        EntryList<TKey, TValue> list = ListOf(entry);
        Append(list, entry);
        list.Boundary ??= entry;
        if (StateOf(entry) == State.Probation)
        {
            LeaveProbation(list, -weight);
        }

        if (!_filled)
        {
            PassWhileFilling(entry);
        }
    }

    public override void Remove(Entry<TKey, TValue> entry)
    {
        if (StateOf(entry) == State.Probation)
        {
            LeaveProbation(ListOf(entry), WeightOf(entry));
        }

        base.Remove(entry);
    }

    protected override void Reweigh(Entry<TKey, TValue> entry, long difference)
    {
        base.Reweigh(entry, difference);
        if (StateOf(entry) == State.Probation)
        {
            LeaveProbation(ListOf(entry), -difference);
        }
    }

    public override void Hit(Entry<TKey, TValue> entry) => entry.Mark = 1;

    public override Entry<TKey, TValue>? ChooseVictim(Wanted wanted, Entry<TKey, TValue>? except)
    {
        if (wanted.Tier == Wanted.AnyTier && (!_filled || _calibrated != _now))
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
            for (Entry<TKey, TValue>? entry = list.Oldest; entry is not null; entry = entry.Newer)
            {
                // From the oldest: main entries, then the boundary, then whatever has not been passed yet.
                isAbove |= ReferenceEquals(entry, list.Boundary);
                seesHand |= ReferenceEquals(entry, list.Hand);
                Require(isAbove != (StateOf(entry) == State.Main), "an entry's side of the boundary");
                probation += StateOf(entry) == State.Probation ? WeightOf(entry) : 0;
            }

            Require(seesHand && (isAbove || list.Boundary is null) && probation == list.Probation, "a list's hand, boundary or probation");
            total += probation;
        }

        Require(total == _probation, "the weight on probation");
    }

    protected override void Adopt(Entry<TKey, TValue> entry, EntryList<TKey, TValue> from)
    {
        entry.List = ListFor(from.Tier, from.SizeClass, from.Factor, from.InOrderOfDeadline);
        EntryList<TKey, TValue> list = ListOf(entry);
        Append(list, entry);
        if (StateOf(entry) != State.Main)
        {
            list.Boundary ??= entry;
            LeaveProbation(list, StateOf(entry) == State.Probation ? -WeightOf(entry) : 0);
        }
    }

    /// <summary>Continues another order's time, so that stamps keep their meaning.</summary>
    public override void ContinueFrom(EvictionOrder<TKey, TValue> other)
    {
        var half = (ScanResistantOrder<TKey, TValue>)other;
        _now = half._now;
        _filled = half._filled;
        SetCapacity(half._capacity / 2);
        half.SetCapacity(_capacity);
    }

    private static State StateOf(Entry<TKey, TValue> entry) => (State)(entry.Rank & 3);

    private static int CreditOf(Entry<TKey, TValue> entry) => entry.Rank >> 2;

    private static byte Pack(State state, int credit) => (byte)((int)state | (credit << 2));

    private static bool IsWorthless(Entry<TKey, TValue> entry) => entry.Mark == 0 && CreditOf(entry) == 0;

    private static bool MayGo(Entry<TKey, TValue> entry, Entry<TKey, TValue>? except) => entry.Leases == 0 && !ReferenceEquals(entry, except);

    private static float[] Factors(double alpha) =>
        [.. Enumerable.Range(0, MostSizeClasses).Select(sizeClass => (float)Math.Pow(4, alpha * sizeClass))];

    /// <summary>By factors of four.</summary>
    private static int SizeClassOf(long weight) => Math.Min(MostSizeClasses - 1, BitOperations.Log2((ulong)Math.Max(1, weight)) / 2);

    private static Entry<TKey, TValue>? BoundaryOf(EntryList<TKey, TValue> list)
    {
        Entry<TKey, TValue>? entry = list.Boundary;
        while (entry is not null && StateOf(entry) == State.MainAbove)
        {
            entry.Rank = Pack(State.Main, CreditOf(entry));
            entry = entry.Newer;
        }

        return list.Boundary = entry;
    }


    private int AgeOf(ushort stamp) => (ushort)(_now - stamp);

    private float Worst(Entry<TKey, TValue> entry, bool bySize) => (AgeOf(entry.Stamp) + 1) * (bySize ? ListOf(entry).Factor : 1);

    private void Advance(long weight)
    {
        _sinceTick += weight;
        if (_sinceTick >= _tick)
        {
            double ticks = Math.Floor(_sinceTick / _tick);
            _now += (ushort)(ulong)ticks;
            _sinceTick -= ticks * _tick;
        }
    }

    private void Calibrate()
    {
        double fullness = _fullness();
        SetCapacity(fullness > 0 ? Weight / fullness : double.PositiveInfinity);
        _calibrated = _now;
    }

    private void SetCapacity(double capacity)
    {
        _capacity = capacity;
        _tick = Math.Max(1, capacity / TicksPerTurnover);
        _probationCapacity = ProbationShare * capacity;
        _protectedTicks = (int)(ProtectedShare * capacity / _tick);
    }

    /// <summary>While the cache fills, what probation has no room for becomes main though it was not used again: what came first stays, which is
    /// all that helps against a loop that is longer than the cache.</summary>
    private void PassWhileFilling(Entry<TKey, TValue> added)
    {
        Calibrate();
        while (_probation > _probationCapacity)
        {
            Entry<TKey, TValue>? oldest = WorstOnProbation(new Wanted(Wanted.AnyTier, BySize: true), out _);
            if (oldest is null || ReferenceEquals(oldest, added))
            {
                return;
            }

            Pass(oldest);
        }
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
                fresh.Stamp = _now;
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
        if (freshMayGo && (!mainMayGo || (fresh!.Mark == 0 && AgeOf(fresh.Stamp) >= _protectedTicks)))
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

            int age = AgeOf(entry.Stamp);
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
        if (hand is null || StateOf(hand) != State.Main || AgeOf(hand.Stamp) < AgeOf(oldest.Stamp))
        {
            list.Hand = hand = oldest;
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
        entry.Stamp = _now;
        ListOf(entry).Hand = entry.Newer;
    }

    /// <summary>The boundary passes an entry on probation, which becomes main where it is.</summary>
    private void Pass(Entry<TKey, TValue> entry)
    {
        EntryList<TKey, TValue> list = ListOf(entry);
        Debug.Assert(ReferenceEquals(list.Boundary, entry) && StateOf(entry) == State.Probation);
        LeaveProbation(list, WeightOf(entry));
        entry.Rank = Pack(State.Main, CreditOf(entry));
        list.Boundary = entry.Newer;
    }

    private void LeaveProbation(EntryList<TKey, TValue> list, long weight)
    {
        _probation -= weight;
        list.Probation -= weight;
    }
}
