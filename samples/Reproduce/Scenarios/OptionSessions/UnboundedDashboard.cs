namespace Reproduce;

/// <summary>As the dashboard was: a dictionary per user, for as long as the server runs, in which every page leaves its tables.</summary>
internal sealed class UnboundedDashboard : IDashboard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, (string Page, Dictionary<string, object> State)> _sessions = [];
    private long _entered;
    private long _replaced;

    public int WatchlistLimit => 50;

    public int StrikeLimit => 100;

    public long Entries => _sessions.Values.Sum(session => session.State.Count);

    public Flow Flow => new(_entered, Entries, new Dictionary<string, long> { ["replaced"] = _replaced });

    public IReadOnlyDictionary<string, double> Facts => new Dictionary<string, double>
    {
        [DashboardFacts.Stale] = _sessions.Values.Sum(session => session.State.Keys.Count(
            key => key.EndsWith("_data", StringComparison.Ordinal) && !key.StartsWith(session.Page, StringComparison.Ordinal))),
        [DashboardFacts.Refused] = 0,
        [DashboardFacts.LargestSession] = 0,
    };

    public void Enter(int user, string page, IReadOnlyList<string> watchlist)
    {
        lock (_gate)
        {
            Dictionary<string, object> state = _sessions.TryGetValue(user, out var session) ? session.State : [];
            _sessions[user] = (page, state);
            _replaced += state.ContainsKey("watchlist") ? 1 : 0;
            Interlocked.Increment(ref _entered);
            state["watchlist"] = watchlist;
        }
    }

    public PageTable Show(int user, string key, Func<PageTable> load)
    {
        Dictionary<string, object> state;
        lock (_gate)
        {
            state = _sessions[user].State;
        }

        // One thread to a user.
        if (state.TryGetValue(key, out object? there))
        {
            return (PageTable)there;
        }

        PageTable table = load();
        state.Add(key, table);
        Interlocked.Increment(ref _entered);
        return table;
    }

    public void Dispose() => _sessions.Clear();
}
