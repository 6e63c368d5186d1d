namespace Reproduce;

/// <summary>What the pages of the dashboard keep of their users.</summary>
internal interface IDashboard : ISubject
{
    /// <summary>How many symbols a user may watch.</summary>
    int WatchlistLimit { get; }

    /// <summary>How many strikes a page processes.</summary>
    int StrikeLimit { get; }

    /// <summary>What else is measured: <see cref="DashboardFacts"/>.</summary>
    IReadOnlyDictionary<string, double> Facts { get; }

    /// <summary>A user comes to a page, or stays on it.</summary>
    void Enter(int user, string page, IReadOnlyList<string> watchlist);

    /// <summary>A table of the page the user is on, as it was left in his session, or loaded.</summary>
    PageTable Show(int user, string key, Func<PageTable> load);
}

/// <summary>Names of what is measured beside the memory.</summary>
internal static class DashboardFacts
{
    /// <summary>Entries that are there of pages their user is not on.</summary>
    public const string Stale = "entries of other pages";

    /// <summary>Tables that session state refused.</summary>
    public const string Refused = "tables refused";

    /// <summary>Most bytes that one session's state took.</summary>
    public const string LargestSession = "largest session";
}
