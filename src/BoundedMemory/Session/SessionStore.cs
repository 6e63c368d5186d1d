using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <summary>State of users' sessions, string keys to values, under one bound: bytes really retained on the heap and sessions, at every moment and under any load; and each session
/// under bounds of its own, so that no user takes the others' room.</summary>
/// <remarks>
/// <para><b>The bound.</b> <c>Bytes &lt;= MaxBytes</c> and <c>Count &lt;= MaxSessions</c> for every reader at every moment, whoever creates sessions and fills them. What a session
/// is going to grow by is reserved first; for that, sessions that nobody holds a lease on are evicted, those first that were not used for longest. A leased session never is.</para>
/// <para><b>What is lost, and when.</b> Whole sessions: to make room (<see cref="RemovalCause.Evicted"/>), when they were idle for <see cref="SessionStoreOptions.IdleTimeout"/>, when
/// memory is asked back, and when they are removed. Of a session: what is transient, when it enters another scope. Everything that leaves or is refused is counted by its cause and
/// told to the callbacks of the options. This is state of one process: what must survive it belongs into a database.</para>
/// <para><b>Thread safety.</b> All members are thread-safe, those of leases too; requests of one user that run at the same time share the session, and each operation is one
/// moment of it. Callbacks, sizers and the disposal of values run under no lock.</para>
/// <para><b>Complexity.</b> O(1) for everything but what it removes.</para>
/// </remarks>
/// <example>
/// <code>
/// using var sessions = new SessionStore(new() { MaxBytes = 50_000_000, MaxSessionBytes = 500_000 });
/// using SessionLease session = sessions.Acquire("user-17");
/// session.EnterScope("screener");
/// session.Set("watchlist", new List&lt;string&gt; { "ABC" });
/// session.Set("rows_data", rows); // leaves when another page is entered
/// </code>
/// </example>
[DebuggerDisplay("{Name,nq}: {Count} sessions, {Bytes} bytes")]
public sealed partial class SessionStore : ITrimmable, IMeterSource<SessionStoreStatistics>, IDisposable
{
    private readonly BoundedCache<string, SessionBag> _cache;
    private readonly Func<string, SessionBag> _create;
    private readonly SessionMeter _meter;
    private readonly WeakReference<IMeterSource<SessionStoreStatistics>> _meterLink;
    private bool _disposed;

    /// <summary>Creates a store.</summary>
    /// <param name="options">Its limits and behaviour; copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing, out of its range or contradicts another; the message names it, its value and its
    /// range (<see cref="ArgumentOutOfRangeException"/> where a value is out of its range).</exception>
    /// <exception cref="NotSupportedException">On this runtime values cannot be measured without a <see cref="Sizer{T}"/> of yours.</exception>
    /// <exception cref="MemoryBudgetExceededException">The budget has no room for an empty store.</exception>
    public SessionStore(SessionStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Settings = new SessionSettings(options);
        _create = id => new SessionBag(this, id);
        _cache = new BoundedCache<string, SessionBag>(new()
        {
            Name = options.Name,
            MaxBytes = options.MaxBytes,
            MaxCount = options.MaxSessions,
            Budget = options.Budget,
            Policy = EvictionPolicy.Lru,
            ConcurrencyLevel = 1,
            TimeToIdle = options.IdleTimeout,
            TimeProvider = options.TimeProvider,
            AuditInterval = 0,
            ValueSizer = Sizer.Create<SessionBag>(static bag => bag.Bytes),
            DisposeValues = true,
            Removed = static entry => entry.Value.Leave(entry.Cause),
            Rejected = static entry => entry.Value.IsRefused = true,
            IsUnmetered = true,
        });
        if (!_cache.TryTakeFixed(SessionLimits.EmptyStoreBytes))
        {
            (long used, long limit) = (_cache.Bytes, _cache.MaxBytes ?? options.Budget!.Limit);
            _cache.Dispose();
            throw new MemoryBudgetExceededException(SessionLimits.EmptyStoreBytes, used, limit, Name);
        }

        _cache.ReclaimThrough(this);
        _meter = SessionMeter.For(options.MeterFactory);
        _meterLink = _meter.Add(this);
    }

    /// <summary>The name from the options.</summary>
    public string Name => Settings.Name;

    /// <summary>Sessions held now; at most <see cref="MaxSessions"/> at every moment.</summary>
    public long Count => _cache.Count;

    /// <summary>Bytes in use now, everything the store consists of included; at most <see cref="MaxBytes"/> at every moment. Sessions that have left but are still leased are
    /// included.</summary>
    public long Bytes => _cache.Bytes;

    /// <summary>Limit in bytes, null if there is none but the budget's; see <see cref="TryResize"/>.</summary>
    public long? MaxBytes => _cache.MaxBytes;

    /// <summary>Limit in sessions; see <see cref="TryResize"/>.</summary>
    public long MaxSessions => _cache.MaxCount!.Value;

    /// <summary>What the store has done and holds.</summary>
    public SessionStoreStatistics Statistics
    {
        get
        {
            CacheStatistics cache = _cache.Statistics;
            return new SessionStoreStatistics
            {
                EntryCount = Counters.EntryCount,
                Stored = Counters.Stored,
                Replaced = Counters.LeftBy(SessionRemovalCause.Replaced),
                Removed = Counters.LeftBy(SessionRemovalCause.Removed),
                Scope = Counters.LeftBy(SessionRemovalCause.Scope),
                Evicted = Counters.LeftBy(SessionRemovalCause.Evicted),
                Expired = Counters.LeftBy(SessionRemovalCause.Expired),
                Trimmed = Counters.LeftBy(SessionRemovalCause.Trimmed),
                Cleared = Counters.LeftBy(SessionRemovalCause.Cleared),
                Disposed = Counters.LeftBy(SessionRemovalCause.Disposed),
                RejectedTooLarge = Counters.RejectedAs(SessionSetStatus.TooLarge),
                RejectedFull = Counters.RejectedAs(SessionSetStatus.Full),
                RejectedOverBudget = Counters.RejectedAs(SessionSetStatus.OverBudget),
                RejectedSizeUnknown = Counters.RejectedAs(SessionSetStatus.SizeUnknown),
                ScopeChanges = Counters.ScopeChanges,
                SessionsCreated = cache.Stored,
                SessionsRejected = cache.RejectedTooLarge + cache.RejectedOverBudget + cache.RejectedSizeUnknown,
                SessionsEvicted = cache.Evicted,
                SessionsExpired = cache.Expired,
                SessionsTrimmed = cache.Trimmed,
                SessionsRemoved = cache.Removed,
                SessionsCleared = cache.Cleared,
                SessionsDisposed = cache.Disposed,
                CallbackFailures = Counters.CallbackFailures + cache.CallbackFailures,
                Count = cache.Count,
                MaxSessions = cache.MaxCount!.Value,
                Leases = cache.Leases,
                Bytes = cache.Bytes,
                OverheadBytes = cache.OverheadBytes,
                MaxBytes = cache.MaxBytes,
            };
        }
    }

    ReclaimPriority IMemoryReclaimer.Priority => ReclaimPriority.Conversation;

    long IMemoryReclaimer.UsedBytes => Bytes;

    long IMemoryReclaimer.ReclaimableBytes => ((IMemoryReclaimer)_cache).ReclaimableBytes;

    internal SessionSettings Settings { get; }

    internal SessionCounters Counters { get; } = new();

    /// <summary>Finds a session, or creates it, and holds it: until the lease is disposed it is neither evicted nor does it expire.</summary>
    /// <param name="id">Its id; 1 to 512 characters, compared ordinally. Whoever knows it has the session: do not use what others can guess.</param>
    /// <returns>The lease; dispose it, at the end of the request at the latest.</returns>
    /// <exception cref="ArgumentException"><paramref name="id"/> is null, empty or too long.</exception>
    /// <exception cref="MemoryBudgetExceededException">There is no room for another session: those that fill the bounds are leased, or the budget is exhausted by others.</exception>
    /// <exception cref="InvalidOperationException">The session has 65,535 leases.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public SessionLease Acquire(string id)
    {
        SessionLimits.RequireText(id, SessionLimits.MostIdLength, nameof(id));
        ThrowIfDisposed();
        bool isRefused;
        do
        {
            Lease<SessionBag> lease = _cache.AcquireOrAdd(id, _create);
            if (BoundedCache<string, SessionBag>.IsStored(lease))
            {
                return new SessionLease(this, lease);
            }

            // Else somebody has removed that id in the moment in which it was created.
            isRefused = lease.Value.IsRefused;
            lease.Dispose();
        }
        while (!isRefused);
        throw new MemoryBudgetExceededException(
            $"The session store '{Name}' has no room for another session: of {MaxBytes?.ToString() ?? "unlimited"} bytes {Bytes} are in use, of {MaxSessions} sessions {Count}, "
            + $"and what could make room is leased ({_cache.Statistics.Leases} leases) or does not suffice.");
    }

    /// <summary>Finds a session and holds it; creates none.</summary>
    /// <param name="id">Its id; 1 to 512 characters.</param>
    /// <param name="lease">The lease, if there is such a session; dispose it.</param>
    /// <returns>Whether there is one that has not expired.</returns>
    /// <exception cref="ArgumentException"><paramref name="id"/> is null, empty or too long.</exception>
    /// <exception cref="InvalidOperationException">The session has 65,535 leases.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public bool TryAcquire(string id, [NotNullWhen(true)] out SessionLease? lease)
    {
        SessionLimits.RequireText(id, SessionLimits.MostIdLength, nameof(id));
        ThrowIfDisposed();
        lease = _cache.TryAcquire(id, out Lease<SessionBag>? held) ? new SessionLease(this, held) : null;
        return lease is not null;
    }

    /// <summary>Whether there is a session that has not expired; not a use of it.</summary>
    /// <param name="id">Its id; 1 to 512 characters.</param>
    /// <exception cref="ArgumentException"><paramref name="id"/> is null, empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public bool Contains(string id)
    {
        SessionLimits.RequireText(id, SessionLimits.MostIdLength, nameof(id));
        ThrowIfDisposed();
        return _cache.ContainsKey(id);
    }

    /// <summary>Removes a session. Who holds a lease on it may go on using it, apart from whoever acquires that id from now on; its entries leave when the last such lease ends.</summary>
    /// <param name="id">Its id; 1 to 512 characters.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ArgumentException"><paramref name="id"/> is null, empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public bool Remove(string id)
    {
        SessionLimits.RequireText(id, SessionLimits.MostIdLength, nameof(id));
        ThrowIfDisposed();
        return _cache.TryRemove(id);
    }
}
