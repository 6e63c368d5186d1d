namespace BoundedMemory;

/// <content>Who takes bytes from here and can give some back, and how they are asked.</content>
public sealed partial class MemoryBudget
{
    /// <summary>Attempts, by somebody who may wait, to begin an arbitration while another is under way: the first few spin, each of the others sleeps a millisecond.</summary>
    private const int Patience = 60;

    /// <summary>This budget or one of its ancestors guarantees something.</summary>
    private readonly bool _hasGuarantee;

    /// <summary>What is counted for metrics; null for the budget that a primitive makes for itself.</summary>
    private readonly BudgetAccount? _account;

    /// <summary>Those who take their bytes from this very budget, weakly; null if there is none. Guarded by <see cref="_state"/>.</summary>
    private List<WeakReference<IMemoryReclaimer>>? _consumers;

    /// <summary>Id of the thread that asks others of this tree; 0: none does. Used in the root only.</summary>
    /// <remarks>Set by a compare-and-swap, cleared by a store with release: who sets it next sees what the former one did. Nobody waits for it who holds a lock of
    /// this library, nor for long: the callbacks of those who are asked run while it is set, and may want a lock that the waiting thread holds.</remarks>
    private int _arbiter;

    /// <summary>What this budget holds and has done: as refusing, and as asking others. Of a root or a child that was created by name.</summary>
    public MemoryBudgetStatistics Statistics => new()
    {
        Used = Used,
        Limit = Limit == long.MaxValue ? null : Limit,
        GuaranteedBytes = GuaranteedBytes,
        Refusals = _account?.Refusals ?? 0,
        Reclaims = _account?.Reclaims ?? 0,
        ReclaimsInVain = _account?.ReclaimsInVain ?? 0,
        ConsumerFailures = _account?.ConsumerFailures ?? 0,
        RequestedBytes = _account?.RequestedBytes ?? 0,
        ReclaimedBytes = _account?.ReclaimedBytes ?? 0,
    };

    string IMeterSource<MemoryBudgetStatistics>.Name => Path;

    internal BudgetAccount? Account => _account;

    internal bool HasGuarantee => _hasGuarantee;

    private BudgetMeter? Meter => _account?.Meter;

    private MemoryBudget Root
    {
        get
        {
            MemoryBudget root = this;
            while (root.Parent is { } parent)
            {
                root = parent;
            }

            return root;
        }
    }

    /// <summary>Bytes that are reserved here and below, without the credit that children hold unused. Not of one moment while others reserve.</summary>
    internal long ReservedBytes => Math.Max(0, _granted.Used - UnusedBelow());

    /// <summary>Asks a consumer for memory when others who share this budget, or one it is a part of, need room: for as long as the consumer lives, which is not
    /// kept alive by this, or until what is returned is disposed. Bounded primitives that are given a budget do this themselves.</summary>
    /// <param name="consumer">Whoever takes its bytes from this budget.</param>
    /// <returns>Ends it when disposed.</returns>
    /// <remarks>What is guaranteed to it is what is guaranteed to this budget: give it a child of its own (<see cref="CreateChild"/>). It is asked on the thread
    /// of whoever needs room. What it says is not relied on: the budget knows what was released. An exception is counted, and the next one asked.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="consumer"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">This budget is disposed.</exception>
    public IDisposable Register(IMemoryReclaimer consumer)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        return new Registration(this, AddConsumer(consumer));
    }

    /// <summary>A budget that a primitive makes for itself: not in metrics, where the primitive's own are.</summary>
    internal static MemoryBudget ForPrimitive(string name, long? limit, MemoryBudget? parent) =>
        new(limit ?? long.MaxValue, name, parent, guaranteedBytes: 0, meter: null);

    internal WeakReference<IMemoryReclaimer> AddConsumer(IMemoryReclaimer consumer)
    {
        var link = new WeakReference<IMemoryReclaimer>(consumer);
        lock (_state)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _consumers ??= new List<WeakReference<IMemoryReclaimer>>(1);
            _consumers.RemoveAll(static other => !other.TryGetTarget(out _));
            _consumers.Add(link);
        }

        return link;
    }

    /// <summary>Makes this the only consumer.</summary>
    internal void SetConsumer(IMemoryReclaimer consumer)
    {
        lock (_state)
        {
            _consumers = [new WeakReference<IMemoryReclaimer>(consumer)];
        }
    }

    /// <summary>As <see cref="TryReserve(long)"/>, but nobody is asked: for use under a lock, which those who are asked, or their callbacks, could want.</summary>
    internal bool TryReserveUnderLock(long bytes) => TryReserve(bytes, mayRecall: true, requester: null, out _);

    /// <summary>As <see cref="TryReserve(long)"/>, for whoever is a consumer of this budget himself. Under no lock.</summary>
    internal bool TryReserveByAsking(long bytes, AskingManner manner) =>
        TryReserve(bytes, mayRecall: true, requester: null, out MemoryBudget? refusedBy) || TryReserveByAsking(bytes, manner, ref refusedBy);

    internal bool TryReserve(long bytes, out MemoryBudget? refusedBy) => TryReserve(bytes, mayRecall: true, requester: null, out refusedBy);

    /// <summary>Whether so many bytes more are within what is guaranteed here or further up. Credit that is held unused counts as used.</summary>
    internal bool IsEntitledTo(long bytes)
    {
        for (MemoryBudget? budget = _hasGuarantee ? this : null; budget is not null; budget = budget.Parent)
        {
            if (budget.GuaranteedBytes > 0 && bytes <= budget.GuaranteedBytes - budget.Used)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bytes that can be taken from consumers of this budget without going below a guarantee, its own or one further up.</summary>
    /// <param name="full">The budget that needs room: what is guaranteed to it, and further up, is not touched by what moves within it.</param>
    /// <param name="asking">Who gets them: nor is what is guaranteed to both.</param>
    internal long BytesBeyondGuarantees(MemoryBudget full, MemoryBudget? asking)
    {
        long spare = long.MaxValue;
        for (MemoryBudget budget = this; budget != full && asking?.IsWithin(budget) != true; budget = budget.Parent!)
        {
            if (budget.GuaranteedBytes > 0)
            {
                spare = Math.Min(spare, Math.Max(0, budget.ReservedBytes - budget.GuaranteedBytes));
            }
        }

        return spare;
    }

    /// <summary>What a reservation lacks that an ancestor has refused, or this budget itself; at least 1.</summary>
    internal long MissingFor(long bytes, MemoryBudget refusedBy)
    {
        long missing = bytes - refusedBy.Available;
        for (MemoryBudget budget = this; budget != refusedBy; budget = budget.Parent!)
        {
            missing -= budget._granted.Credit;
        }

        return Math.Max(1, missing);
    }

    /// <summary>Consumers of this budget and of those below it.</summary>
    internal void CollectConsumers(List<BudgetConsumer> found)
    {
        lock (_state)
        {
            foreach (WeakReference<IMemoryReclaimer> link in _consumers ?? [])
            {
                if (link.TryGetTarget(out IMemoryReclaimer? consumer))
                {
                    found.Add(new BudgetConsumer(consumer, this));
                }
            }

            foreach (WeakReference<MemoryBudget> link in _children)
            {
                if (link.TryGetTarget(out MemoryBudget? child))
                {
                    child.CollectConsumers(found);
                }
            }
        }
    }

    private bool TryReserveByAsking(long bytes, AskingManner manner, ref MemoryBudget? refusedBy)
    {
        MemoryBudget root = Root;
        if (bytes <= refusedBy!.Limit && root.TryBeginArbitration(isPatient: manner != AskingManner.Entitled))
        {
            try
            {
                if (new Arbitration(this, bytes, manner).TryReserve(ref refusedBy))
                {
                    return true;
                }
            }
            finally
            {
                Volatile.Write(ref root._arbiter, 0);
            }
        }

        if (manner != AskingManner.Entitled)
        {
            refusedBy!._account?.CountRefusal();
        }

        return false;
    }

    /// <summary>One arbitration at a time: several would each ask for what one of them frees.</summary>
    private bool TryBeginArbitration(bool isPatient)
    {
        int me = Environment.CurrentManagedThreadId;
        var spin = new SpinWait();
        for (int i = 0; Interlocked.CompareExchange(ref _arbiter, me, 0) is var arbiter and not 0; i++)
        {
            if (arbiter == me || !isPatient || i == Patience)
            {
                return false;
            }

            spin.SpinOnce();
        }

        return true;
    }

    private bool IsWithin(MemoryBudget other)
    {
        MemoryBudget? budget = this;
        while (budget is not null && budget != other)
        {
            budget = budget.Parent;
        }

        return budget is not null;
    }

    /// <summary>Credit that children, and theirs, hold unused.</summary>
    private long UnusedBelow()
    {
        long unused = 0;
        lock (_state)
        {
            foreach (WeakReference<MemoryBudget> link in _children)
            {
                if (link.TryGetTarget(out MemoryBudget? child))
                {
                    unused += child._granted.Credit + child.UnusedBelow();
                }
            }
        }

        return unused;
    }

    private sealed class Registration(MemoryBudget budget, WeakReference<IMemoryReclaimer> link) : IDisposable
    {
        public void Dispose()
        {
            lock (budget._state)
            {
                budget._consumers!.Remove(link);
            }
        }
    }
}
