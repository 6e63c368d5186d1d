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
internal sealed partial class ScanResistantOrder<TKey, TValue> : EvictionOrder<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Part of the weight that new entries have to prove themselves in.</summary>
    private const double ProbationShare = 0.10;

    /// <summary>Part of the weight added last that is not evicted while anything else can be.</summary>
    private const double ProtectedShare = 0.06;

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

    private Turnover _time = new();

    /// <summary>Weight that probation may have, and ticks for which an entry is protected, by the capacity that is known.</summary>
    private double _probationCapacity = double.PositiveInfinity;
    private int _protectedTicks;

    /// <summary>When the capacity was found out last.</summary>
    private ushort _calibrated;

    /// <summary>Something had to leave already.</summary>
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

    public override bool IsFilling => !_filled;

    public override void Arrive(Entry<TKey, TValue> entry)
    {
        _time.Advance(WeightOf(entry));
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
            if (worst is null || _time.AgeOf(worst.Stamp) * ListOf(worst).Factor <= _time.AgeOf(entry.Stamp) * factor)
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
        entry.Stamp = _time.Now;
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
        _time.SetTime(half._time);
        _filled = half._filled;
        SetCapacity(half._time.Capacity / 2);
        half.SetCapacity(_time.Capacity);
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

    private float Worst(Entry<TKey, TValue> entry, bool bySize) => (_time.AgeOf(entry.Stamp) + 1) * (bySize ? ListOf(entry).Factor : 1);

    private void Calibrate()
    {
        double fullness = _fullness();
        SetCapacity(fullness > 0 ? Weight / fullness : double.PositiveInfinity);
        _calibrated = _time.Now;
    }

    private void SetCapacity(double capacity)
    {
        _time.SetCapacity(capacity);
        _probationCapacity = ProbationShare * capacity;
        _protectedTicks = _time.TicksOf(ProtectedShare * capacity);
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
