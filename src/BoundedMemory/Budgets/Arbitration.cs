namespace BoundedMemory;

/// <summary>How somebody wants others to be asked for him.</summary>
internal enum AskingManner
{
    /// <summary>He waits for another who is asking. Consumers of his own budget are asked only if one of them holds most.</summary>
    OfUser,

    /// <summary>He waits for another who is asking. He has given himself what he can.</summary>
    OfPrimitive,

    /// <summary>He could do without: it is within what is guaranteed to him, but he could give something himself. He does not wait.</summary>
    Entitled,
}

/// <summary>Gives memory back in whole items, and can keep to an upper limit: what is guaranteed to it is not touched by an item that is larger than what is wanted.</summary>
internal interface IItemReclaimer : IMemoryReclaimer
{
    /// <summary>As <see cref="IMemoryReclaimer.Reclaim"/>, but stops before it gives more than <paramref name="atMost"/>, and keeps its arrays as they are.</summary>
    long Reclaim(long targetBytes, long atMost);
}

/// <summary>Somebody who can give memory back, and the budget he takes it from.</summary>
internal readonly record struct BudgetConsumer(IMemoryReclaimer Reclaimer, MemoryBudget Budget)
{
    /// <summary>What a plan has to know of it. Runs the user's code: under no lock, and it may throw.</summary>
    /// <param name="full">The budget that needs room.</param>
    /// <param name="asking">Who gets it; null: nobody below <paramref name="full"/>.</param>
    /// <param name="share">Part of what it holds beyond guarantees that it may be asked for.</param>
    public ReclaimCandidate Describe(MemoryBudget full, MemoryBudget? asking, double share = 1)
    {
        // It cannot hold more of the budget than is reserved there, whatever it says.
        long used = Math.Clamp(Reclaimer.UsedBytes, 0, Budget.ReservedBytes);
        long spare = Math.Min(used, Budget.BytesBeyondGuarantees(full, asking));
        return new ReclaimCandidate(Reclaimer.Priority, used, Reclaimer.ReclaimableBytes, used - spare, share);
    }
}

/// <summary>Asks consumers for the room that one reservation lacks. One at a time for a tree; no lock is held while one of them is asked.</summary>
/// <remarks>Nobody is believed: after each answer the reservation is tried, and only that decides. Who threw, or whose budget is as full as before, is not asked again
/// by the same arbitration. It ends when the reservation succeeds, when nobody is left, or after <see cref="Rounds"/> plans, because others may take what is freed.</remarks>
internal sealed class Arbitration(MemoryBudget asking, long bytes, AskingManner manner)
{
    private const int Rounds = 4;

    /// <summary>Part of a limit that is asked for beyond the need, a quantum at most, so that the next reservations find room without asking.</summary>
    private const int GenerousPart = 64;

    private readonly List<BudgetConsumer> _consumers = [];

    /// <summary>Those who have freed nothing.</summary>
    private readonly HashSet<IMemoryReclaimer> _useless = new(ReferenceEqualityComparer.Instance);

    /// <summary>Tries; if there is no room, asks others and tries again.</summary>
    /// <param name="refusedBy">Which budget had no room in the end.</param>
    public bool TryReserve(ref MemoryBudget? refusedBy)
    {
        // Who waited for another arbitration may find that it has freed enough.
        bool isReserved = asking.TryReserve(bytes, out refusedBy);
        for (int round = 0; !isReserved && round < Rounds; round++)
        {
            MemoryBudget full = refusedBy!;
            List<ReclaimStep> steps = Plan(full);
            if (steps.Count == 0)
            {
                break;
            }

            foreach (ReclaimStep step in steps)
            {
                Ask(full, _consumers[step.Candidate], step.Bytes);
                isReserved = asking.TryReserve(bytes, out refusedBy);
                if (isReserved || refusedBy != full)
                {
                    break;
                }
            }
        }

        return isReserved;
    }

    private List<ReclaimStep> Plan(MemoryBudget full)
    {
        _consumers.Clear();
        full.CollectConsumers(_consumers);
        var candidates = new ReclaimCandidate[_consumers.Count];
        long mostOfOthers = 0;
        for (int i = 0; i < candidates.Length; i++)
        {
            if (!_useless.Contains(_consumers[i].Reclaimer))
            {
                candidates[i] = Describe(full, _consumers[i]);
                mostOfOthers = _consumers[i].Budget == asking ? mostOfOthers : Math.Max(mostOfOthers, candidates[i].Excess);
            }
        }

        for (int i = 0; i < candidates.Length; i++)
        {
            if (_consumers[i].Budget == asking && (manner != AskingManner.OfUser || candidates[i].Excess <= mostOfOthers))
            {
                candidates[i] = default;
            }
        }

        return ReclaimPlan.Make(candidates, asking.MissingFor(bytes, full) + Math.Min(MemoryBudget.Quantum, full.Limit / GenerousPart));
    }

    private ReclaimCandidate Describe(MemoryBudget full, in BudgetConsumer consumer)
    {
        try
        {
            return consumer.Describe(full, asking);
        }
        catch (Exception error)
        {
            Exclude(full, consumer, error);
            return default;
        }
    }

    private void Ask(MemoryBudget full, in BudgetConsumer consumer, long wanted)
    {
        // Others of the same guarantee may have given since the plan was made.
        long spare = consumer.Budget.BytesBeyondGuarantees(full, asking);
        long target = Math.Min(wanted, spare);
        if (target <= 0)
        {
            return;
        }

        long before = consumer.Budget.ReservedBytes;
        try
        {
            long given = spare < long.MaxValue && consumer.Reclaimer is IItemReclaimer items ? items.Reclaim(target, spare) : consumer.Reclaimer.Reclaim(target);
            long freed = Math.Min(given, before - consumer.Budget.ReservedBytes);
            full.Account?.CountReclaim(target, Math.Max(0, freed));
            if (freed <= 0)
            {
                Exclude(full, consumer, error: null);
            }

            if (given < 0 || given > full.Limit)
            {
                full.Account?.CountConsumerFailure();
            }
        }
        catch (Exception error)
        {
            full.Account?.CountReclaim(target, Math.Max(0, before - consumer.Budget.ReservedBytes));
            Exclude(full, consumer, error);
        }
    }

    /// <summary>Who is just being disposed gives everything back anyway.</summary>
    private void Exclude(MemoryBudget full, in BudgetConsumer consumer, Exception? error)
    {
        _useless.Add(consumer.Reclaimer);
        if (error is not null and not ObjectDisposedException)
        {
            full.Account?.CountConsumerFailure();
        }
    }
}
