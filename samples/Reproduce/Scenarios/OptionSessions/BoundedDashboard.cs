using BoundedMemory;

namespace Reproduce;

/// <summary>Session state in a store, where it leaves with its page; tables in a cache, where all users find them. Both within one budget.</summary>
internal sealed class BoundedDashboard : IDashboard
{
    private readonly MemoryBudget _budget;
    private readonly SessionStore _sessions;
    private readonly BoundedCache<string, PageTable> _tables;
    private long _largestSession;
    private long _stale;

    /// <param name="maxBytes">For sessions and tables together.</param>
    /// <param name="maxSessionsBytes">Of these, for all sessions.</param>
    /// <param name="maxValueBytes">What session state takes as one value.</param>
    /// <param name="clock">The clock.</param>
    public BoundedDashboard(long maxBytes, long maxSessionsBytes, long maxValueBytes, TimeProvider clock)
    {
        _budget = new MemoryBudget(maxBytes, "dashboard");
        _sessions = new SessionStore(new()
        {
            Name = "option-sessions",
            Budget = _budget,
            MaxBytes = maxSessionsBytes,
            MaxSessionBytes = maxSessionsBytes / 4,
            MaxValueBytes = maxValueBytes,
            IdleTimeout = TimeSpan.FromMinutes(20),
            TimeProvider = clock,
        });
        _tables = new BoundedCache<string, PageTable>(new()
        {
            Name = "option-tables",
            Budget = _budget,
            MaxBytes = maxBytes - maxSessionsBytes,
            TimeToLive = TimeSpan.FromSeconds(300),
            TimeProvider = clock,
        });
        Bounds =
        [
            new Bound("bytes", maxBytes, IsBytes: true, () => _budget.Used),
            new Bound("bytes of sessions", maxSessionsBytes, IsBytes: true, () => _sessions.Bytes),
            new Bound("bytes of tables", maxBytes - maxSessionsBytes, IsBytes: true, () => _tables.Bytes),
        ];
    }

    public int WatchlistLimit => 30;

    public int StrikeLimit => 40;

    public long Entries => _sessions.Statistics.EntryCount + _tables.Count;

    public long? MaxBytes => _budget.Limit;

    public IReadOnlyList<Bound> Bounds { get; }

    public CacheStatistics? Cache => _tables.Statistics;

    /// <summary>Entries of sessions and tables of the cache. A table that session state refuses for its size is where it belongs, and not lost.</summary>
    public Flow Flow
    {
        get
        {
            SessionStoreStatistics s = _sessions.Statistics;
            Flow tables = Flow.Of(_tables.Statistics);
            return new Flow(
                s.Stored + tables.Entered,
                s.EntryCount + tables.Kept,
                new Dictionary<string, long>(tables.Left)
                {
                    ["evicted"] = s.Evicted + tables.Left["evicted"],
                    ["expired"] = s.Expired + tables.Left["expired"],
                    ["replaced"] = s.Replaced + tables.Left["replaced"],
                    ["scope"] = s.Scope,
                },
                s.RejectedFull + s.RejectedOverBudget + s.RejectedSizeUnknown + tables.Refused);
        }
    }

    public IReadOnlyDictionary<string, double> Facts => new Dictionary<string, double>
    {
        [DashboardFacts.Stale] = _stale,
        [DashboardFacts.Refused] = _sessions.Statistics.RejectedTooLarge,
        [DashboardFacts.LargestSession] = _largestSession,
    };

    public void Enter(int user, string page, IReadOnlyList<string> watchlist)
    {
        using SessionLease session = _sessions.Acquire($"user-{user}");
        session.EnterScope(page);
        session.Set("watchlist", watchlist);
        long stale = session.Keys.Count(key => key.EndsWith("_data", StringComparison.Ordinal) && !key.StartsWith(page, StringComparison.Ordinal));
        Interlocked.Add(ref _stale, stale);
    }

    public PageTable Show(int user, string key, Func<PageTable> load)
    {
        using SessionLease session = _sessions.Acquire($"user-{user}");
        if (session.TryGet<string>(key, out string? place) && _tables.TryGet(place, out PageTable? table))
        {
            return table;
        }

        // What the page did: leave the table in the session. It is refused with the advice to do this.
        table = _tables.GetOrAdd(key, _ => load());
        if (session.Set(key, table).Status == SessionSetStatus.TooLarge)
        {
            session.Set(key, key);
        }

        long bytes = session.Bytes;
        long largest;
        while ((largest = Volatile.Read(ref _largestSession)) < bytes && Interlocked.CompareExchange(ref _largestSession, bytes, largest) != largest)
        {
            // Another session was larger meanwhile, or is not any more.
        }

        return table;
    }

    public void Dispose()
    {
        _sessions.Dispose();
        _tables.Dispose();
        _budget.Dispose();
    }
}
