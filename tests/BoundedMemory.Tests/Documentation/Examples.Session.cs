namespace BoundedMemory.Tests.Documentation;

internal static partial class Examples
{
    private static void Sessions()
    {
        string[][] rows = [["ABC", "12.30"]];
        byte[] chain = new byte[2_400_000];
        var logged = new List<string>();
        void Log(string line) => logged.Add(line);

        using var sessions = new SessionStore(new() { MaxBytes = 50_000_000, MaxSessionBytes = 500_000 });
        using SessionLease session = sessions.Acquire("user-17");
        session.EnterScope("screener");
        session.Set("watchlist", new List<string> { "ABC" });
        session.Set("rows_data", rows); // leaves when another page is entered

        if (session.Set("chain", chain) is { IsStored: false } refused)
        {
            Log(refused.Message);
        }

        session.EnterScope("details");
        Assert.Equal(["watchlist"], session.Keys);
        Assert.Contains("BoundedCache", Assert.Single(logged), StringComparison.Ordinal);
    }
}
