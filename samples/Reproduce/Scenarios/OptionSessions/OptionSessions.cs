namespace Reproduce;

/// <summary>The session state of the market dashboard: tables that every page leaves in it, for ever.</summary>
internal sealed class OptionSessions : IScenario
{
    private const string WatchlistLength = "watchlist";
    private const string StrikesProcessed = "strikes";

    private const int Users = 3;
    private const int Views = 3;

    /// <summary>For all sessions and the tables they share; what the report expects of one session.</summary>
    private const long ByteLimit = 300L * Units.MB;

    /// <summary>For all sessions.</summary>
    private const long SessionsByteLimit = Units.MB;

    /// <summary>What session state takes as one value.</summary>
    private const long ValueByteLimit = 16 * Units.KB;

    /// <summary>Part of the sizes and of the limit in bytes that the quick form has.</summary>
    private const double QuickPart = 0.02;

    private static readonly TimeSpan ViewInterval = TimeSpan.FromSeconds(20);

    /// <summary>The pages, and the tables each leaves behind: as many as make up what the report says the page takes (200, 150, 100, 80 MB).</summary>
    private static readonly Page[] Pages =
    [
        new("4_Option_Volume_Walls", Tables: 57, IsPerSymbol: false),
        new("2_Trading_Dashboard", Tables: 43, IsPerSymbol: true),
        new("3_Stock_Option_Finder", Tables: 29, IsPerSymbol: false),
        new("7_Whale_Flows", Tables: 24, IsPerSymbol: false),
        new("5_0DTE", Tables: 15, IsPerSymbol: false),
        new("6_0DTE_by_Index", Tables: 15, IsPerSymbol: false),
    ];

    public string Name => "option-sessions";

    public string Origin => "1 market dashboard";

    public string Workload =>
        "3 users at the same time walk through the 6 pages, 3 views of 20 s each; a page leaves 15 to 57 tables of 2-5 MB (100 strikes) in the user's session, "
        + "one for each symbol watched where it scans a watchlist of 50.";

    public IReadOnlyList<Claim> Claims =>
    [
        new("per active session, before", 500, 800, "MB", "Estimated Memory Reduction: Current Peak Memory", Variant.Unbounded, t => t.LiveMegabytes / Users),
        new("per active session, after", 200, 300, "MB", "Expected Peak Memory, -60 %", Variant.Bounded, t => t.LiveMegabytes / Users),
        new("watchlist", 30, 30, "", "Quick Wins, 2: from 50", Variant.Bounded, t => t.Facts[WatchlistLength]),
        new("strikes processed", 40, 40, "", "Quick Wins, 5", Variant.Bounded, t => t.Facts[StrikesProcessed]),
    ];

    public Trial Run(Variant variant, bool quick)
    {
        double part = quick ? QuickPart : 1;
        var clock = new SimulatedClock();
        int longest = 0;
        int mostStrikes = 0;

        void View(IDashboard dashboard, int user, int view)
        {
            Page page = Pages[(user + (view / Views)) % Pages.Length];
            string[] watchlist = [.. Enumerable.Range(0, dashboard.WatchlistLimit).Select(symbol => $"S{symbol + (10 * user)}")];
            Interlocked.Exchange(ref longest, watchlist.Length);
            dashboard.Enter(user, page.Name, watchlist);
            int tables = page.IsPerSymbol ? Math.Min(page.Tables, watchlist.Length) : page.Tables;
            for (int i = 0; i < tables; i++)
            {
                // Users look at the same market, but each at symbols of his own on the scanned page.
                int number = i;
                string what = page.IsPerSymbol ? watchlist[i] : $"{user}.{i}";
                PageTable table = dashboard.Show(user, $"{page.Name}.{what}_data", () => PageTable.Load(number, dashboard.StrikeLimit, part));
                Interlocked.Exchange(ref mostStrikes, table.Strikes);
                if (double.IsNaN(table.Total))
                {
                    throw new InvalidOperationException($"{what} has no total.");
                }
            }
        }

        return Trial.Run<IDashboard>(
            () => variant == Variant.Unbounded
                ? new UnboundedDashboard()
                : new BoundedDashboard((long)(ByteLimit * part), quick ? SessionsByteLimit / 4 : SessionsByteLimit, quick ? ValueByteLimit / 4 : ValueByteLimit, clock),
            warmUp: dashboard => Crowd.RunInSteps(2, 1, (user, view) => View(dashboard, user, view), () => clock.Advance(ViewInterval)),
            work: dashboard => Crowd.RunInSteps(Users, Pages.Length * Views, (user, view) => View(dashboard, user, view), () => clock.Advance(ViewInterval)),
            facts: dashboard => new Dictionary<string, double>(dashboard.Facts) { [WatchlistLength] = longest, [StrikesProcessed] = mostStrikes });
    }

    public IEnumerable<Check> Check(IReadOnlyDictionary<Variant, Trial> trials)
    {
        Trial unbounded = trials[Variant.Unbounded];
        Trial bounded = trials[Variant.Bounded];
        double saved = 1 - ((double)bounded.LiveBytes / unbounded.LiveBytes);
        yield return new Check(saved >= 0.6, $"bounded: {saved:P0} less live heap, 60 % less promised");
        yield return new Check(
            bounded.Facts[DashboardFacts.Stale] == 0 && unbounded.Facts[DashboardFacts.Stale] > 0,
            $"bounded: no entry of another page in any session, at any page change; unbounded {unbounded.Facts[DashboardFacts.Stale]:N0} in the end");
        yield return new Check(
            bounded.Facts[DashboardFacts.Refused] > 0,
            $"bounded: {bounded.Facts[DashboardFacts.Refused]:N0} tables refused into session state and served from the cache; the largest session took "
            + $"{bounded.Facts[DashboardFacts.LargestSession] / Units.KB:N1} KB");
        yield return new Check(
            bounded.Readings.Any(reading => reading.Name == "bytes of tables" && reading.Highest > 0.9 * reading.Limit),
            "bounded: the limit in bytes was put to the test");
    }

    /// <summary>A page of the dashboard.</summary>
    private sealed record Page(string Name, int Tables, bool IsPerSymbol);
}
