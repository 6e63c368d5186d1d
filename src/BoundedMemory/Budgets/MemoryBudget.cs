using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>A limit in bytes that holds at every moment, and a tree of such limits: what a child uses counts in each of its ancestors.</summary>
/// <remarks>
/// <para><b>The law.</b> <c>Used &lt;= Limit</c> for every budget at every moment, under any load. A reservation is made before the memory is
/// taken, and released after it is gone.</para>
/// <para><b>Cost.</b> A reservation in a root, or in a child that has credit left, is one interlocked operation and allocates nothing. A child
/// takes credit from its parent in quanta of <see cref="Quantum"/> bytes, so the way up the tree is walked rarely. Credit that children hold
/// unused counts as used in the parent (at most two quanta a child), but is never stranded: before a budget refuses, it takes the unused credit
/// of its other children back.</para>
/// <para><b>Arbitration.</b> Before <see cref="TryReserve(long)"/> refuses, it asks others who share the budget that is full, those in a higher
/// <see cref="ReclaimPriority"/> only where the others do not have enough, those first that hold most beyond their guarantee, and never for what is
/// guaranteed to them. Every bounded primitive that is given a budget is asked, and whatever was registered (<see cref="Register"/>).</para>
/// <para><b>Thread safety.</b> All members are thread-safe. No user code runs under a lock.</para>
/// <para><b>Dispose.</b> A disposed child returns its unused credit at once and the rest as it is released; a child that is dropped without being
/// disposed returns everything when it is collected.</para>
/// </remarks>
/// <example>
/// <code>
/// var process = new MemoryBudget(400 * 1024 * 1024, "process");
/// MemoryBudget reports = process.CreateChild("reports", 100 * 1024 * 1024);
/// using MemoryReservation room = reports.Reserve(8 * 1024 * 1024);
/// </code>
/// </example>
[DebuggerDisplay("{Path,nq}: {Used} of {Limit} bytes")]
public sealed partial class MemoryBudget : IMeterSource<MemoryBudgetStatistics>, IDisposable
{
    /// <summary>Bytes a child takes from its parent at a time: 65,536.</summary>
    public const long Quantum = 64 * 1024;

    /// <summary>What may be handed out without asking the parent. A root's is its limit; a child's is what its parent has granted it so far.</summary>
    private Quota _granted;

    /// <summary>How much a child may be granted; unused in a root.</summary>
    private long _childLimit;

    /// <summary>Lets one thread at a time ask the parent for more. Taken from child to parent.</summary>
    private readonly Lock _growth = new();

    /// <summary>Guards the list of children and every change of what is granted. Taken from parent to child, inside <see cref="_growth"/>.</summary>
    private readonly Lock _state = new();

    /// <summary>Children, weakly: a dropped child is collected, and its finalizer gives its bytes back.</summary>
    private readonly HashSet<WeakReference<MemoryBudget>> _children = [];

    /// <summary>This budget's place in its parent's list.</summary>
    private readonly WeakReference<MemoryBudget>? _link;

    private bool _disposed;

    /// <summary>Creates the root of a tree.</summary>
    /// <param name="limit">Bytes; at least 1.</param>
    /// <param name="name">Name for messages and metrics; not empty, no '/'.</param>
    /// <param name="meterFactory">Where the meter of the tree comes from; null: one meter for the process.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is less than 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains '/'.</exception>
    public MemoryBudget(long limit, string name = "budget", IMeterFactory? meterFactory = null)
        : this(limit, name, parent: null, guaranteedBytes: 0, BudgetMeter.For(meterFactory))
    {
    }

    private MemoryBudget(long limit, string name, MemoryBudget? parent, long guaranteedBytes, BudgetMeter? meter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Contains('/', StringComparison.Ordinal))
        {
            throw new ArgumentException($"A budget's name must not contain '/', which joins the names of a path; it was '{name}'.", nameof(name));
        }

        Name = name;
        Parent = parent;
        Path = parent is null ? name : $"{parent.Path}/{name}";
        GuaranteedBytes = guaranteedBytes;
        _hasGuarantee = guaranteedBytes > 0 || parent?._hasGuarantee == true;
        _granted = new Quota(parent is null ? limit : 0);
        _childLimit = limit;
        if (parent is null)
        {
            GC.SuppressFinalize(this);
        }
        else
        {
            _link = new WeakReference<MemoryBudget>(this, trackResurrection: false);
            parent.Adopt(_link);
        }

        _account = meter is null ? null : new BudgetAccount(meter, this);
    }

    /// <summary>Gives back what a child that was never disposed still holds: nobody is left who could release it.</summary>
    ~MemoryBudget()
    {
        if (_link is null)
        {
            return;
        }

        // Parents and children become unreachable together and are finalized in any order, but bytes are given back from the leaves upwards.
        if (_children.Count > 0)
        {
            GC.ReRegisterForFinalize(this);
            return;
        }

        Parent!.Forget(_link);
        Parent.Release(_granted.Limit);
    }

    /// <summary>The name it was created with.</summary>
    public string Name { get; }

    /// <summary>Names from the root to this budget, joined by '/'.</summary>
    public string Path { get; }

    /// <summary>The budget this one is a part of; null for a root.</summary>
    public MemoryBudget? Parent { get; }

    /// <summary>Bytes that may be in use at most; <see cref="long.MaxValue"/> for a child without a limit of its own.</summary>
    public long Limit => Parent is null ? _granted.Limit : Volatile.Read(in _childLimit);

    /// <summary>Bytes in use: reserved here, and granted to children.</summary>
    public long Used => _granted.Used;

    /// <summary>Bytes in use here that nobody is asked to give back for the sake of others; 0: none.</summary>
    public long GuaranteedBytes { get; }

    /// <summary>Bytes that could be reserved here now, not counting what other budgets hold unused.</summary>
    internal long Available
    {
        get
        {
            long room = _granted.Credit;
            return Parent is null ? room : room + Math.Min(Limit - _granted.Limit, Parent.Available);
        }
    }

    /// <summary>How full the fullest budget from here to the root is, from 0 to 1.</summary>
    internal double Fullness => Math.Max(Limit == long.MaxValue ? 0 : (double)Used / Limit, Parent?.Fullness ?? 0);

    /// <summary>Creates a budget whose bytes are part of this one's.</summary>
    /// <param name="name">Name for messages and metrics; not empty, no '/'; need not be unique.</param>
    /// <param name="limit">Bytes; at least 1. May exceed this budget's own limit, which then decides. Null: no limit but the ancestors'.</param>
    /// <param name="guaranteedBytes">Bytes, 0 to <paramref name="limit"/>, that whoever takes from the child, or from children of it, is left with when
    /// others need room: it is not asked for them, and asks others before it evicts its own. They are not set aside: until the child uses them, others may.
    /// Where guarantees add up to more than the limit they share, each is left with what it has.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is less than 1, or <paramref name="guaranteedBytes"/> is negative or above
    /// the limit.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains '/'.</exception>
    /// <exception cref="ObjectDisposedException">This budget is disposed.</exception>
    public MemoryBudget CreateChild(string name, long? limit = null, long guaranteedBytes = 0)
    {
        long most = limit ?? long.MaxValue;
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(limit));
        OptionErrors.ThrowFirst(OptionErrors.Range(nameof(guaranteedBytes), guaranteedBytes, 0, most));
        return new MemoryBudget(most, name, this, guaranteedBytes, Meter);
    }

    /// <summary>Reserves bytes if they fit into this budget and all its ancestors, once others have made room where they do not.</summary>
    /// <param name="bytes">At least 0.</param>
    /// <returns>False if they do not fit; nothing is reserved then, though others may have given something back.</returns>
    /// <remarks>Where there is room, one interlocked operation. Where there is none, others who share the budget are asked, on this thread: hold no lock
    /// that their callbacks could want. While another thread is asking them, this one waits for it, some tens of milliseconds at most, then it is refused;
    /// so is who reserves while he is asked himself, for which nobody is asked again.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">This budget is disposed.</exception>
    public bool TryReserve(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return TryReserve(bytes, mayRecall: true, requester: null, out MemoryBudget? refusedBy) || TryReserveByAsking(bytes, AskingManner.OfUser, ref refusedBy);
    }

    /// <summary>Reserves bytes for as long as the result is not disposed. Others are asked as by <see cref="TryReserve(long)"/>.</summary>
    /// <param name="bytes">At least 0.</param>
    /// <exception cref="MemoryBudgetExceededException">They do not fit into this budget or one of its ancestors; nothing is reserved.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">This budget is disposed.</exception>
    public MemoryReservation Reserve(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return TryReserve(bytes, mayRecall: true, requester: null, out MemoryBudget? refusedBy) || TryReserveByAsking(bytes, AskingManner.OfUser, ref refusedBy)
            ? new MemoryReservation(this, bytes)
            : throw new MemoryBudgetExceededException(bytes, refusedBy!.Used, refusedBy.Limit, refusedBy.Path);
    }

    /// <summary>Gives back bytes that <see cref="TryReserve(long)"/> reserved. Allowed after <see cref="Dispose"/>.</summary>
    /// <param name="bytes">At least 0, at most what is reserved.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">More was released than was reserved; nothing has changed.</exception>
    public void Release(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        long credit = _granted.Return(bytes);
        if (credit > _granted.Limit)
        {
            ThrowIfOverReleased(bytes);
        }

        if (Parent is not null)
        {
            if (Volatile.Read(in _disposed))
            {
                ReturnCredit(keep: 0);
            }
            else if (credit > 2 * Quantum)
            {
                ReturnCredit(keep: Quantum);
            }
        }
    }

    /// <summary>Changes the limit while the budget is in use.</summary>
    /// <param name="limit">Bytes; at least 1.</param>
    /// <returns>True: the limit is in force, now and at every later moment. False: more than that is in use, and nothing has changed;
    /// free something and try again.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is less than 1.</exception>
    /// <exception cref="ObjectDisposedException">This budget is disposed.</exception>
    public bool TrySetLimit(long limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        long cut;
        lock (_growth)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            cut = _granted.Limit - limit;
            if (cut > 0)
            {
                // What is to be cut off is taken like any reservation, so nobody can be using it when the limit falls.
                if (!_granted.TryTake(cut) && !(RecallFromChildren(except: null) && _granted.TryTake(cut)))
                {
                    return false;
                }

                lock (_state)
                {
                    _granted.RetireTaken(cut);
                }
            }
            else if (Parent is null)
            {
                lock (_state)
                {
                    _granted.Raise(-cut);
                }
            }

            Volatile.Write(ref _childLimit, limit);
        }

        if (cut > 0)
        {
            Parent?.Release(cut);
        }

        return true;
    }

    /// <summary>Lowers the limit by bytes that the caller has reserved, and releases them with it: a shrink that cannot be overtaken.</summary>
    internal void RetireReserved(long bytes)
    {
        lock (_growth)
        {
            lock (_state)
            {
                _granted.RetireTaken(bytes);
            }

            Volatile.Write(ref _childLimit, _childLimit - bytes);
        }

        Parent?.Release(bytes);
    }

    /// <summary>Returns what is unused to the parent, now, and the rest as it is released. Later reservations throw.</summary>
    public void Dispose()
    {
        lock (_growth)
        {
            if (_disposed)
            {
                return;
            }

            Volatile.Write(ref _disposed, true);
        }

        _account?.Close();
        RecallFromChildren(except: null);
        if (_link is not null)
        {
            // A release that does not see the flag has returned its bytes before this fence, and they are taken here.
            Interlocked.MemoryBarrier();
            ReturnCredit(keep: 0);
            Parent!.Forget(_link);
            if (_granted.Limit == 0)
            {
                GC.SuppressFinalize(this);
            }
        }
    }
}
