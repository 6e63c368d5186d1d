using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Session;

/// <summary>Makes stores by a clock of the test's own, and verifies them.</summary>
public abstract class SessionTestBase
{
    private protected ManualTimeProvider Clock { get; } = new();

    private protected Log<RemovedSessionEntry> Left { get; } = new();

    private protected Log<EvictedSession> Gone { get; } = new();

    private protected SessionStore Create(Action<SessionStoreOptions>? change = null)
    {
        var options = new SessionStoreOptions { MaxBytes = 1_000_000, TimeProvider = Clock, EntryRemoved = Left.Add, Evicted = Gone.Add };
        change?.Invoke(options);
        return new SessionStore(options);
    }

    /// <summary>What is there and what left, of each cause that something left by.</summary>
    private protected static string Summary(SessionStore store)
    {
        store.Verify();
        SessionStoreStatistics s = store.Statistics;
        (string Name, long Count)[] left =
        [
            ("replaced", s.Replaced), ("removed", s.Removed), ("scope", s.Scope), ("evicted", s.Evicted), ("expired", s.Expired), ("trimmed", s.Trimmed), ("cleared", s.Cleared),
            ("disposed", s.Disposed),
        ];
        return string.Join(", ", [$"{s.Stored} stored", $"{s.EntryCount} there", .. left.Where(l => l.Count > 0).Select(l => $"{l.Count} {l.Name}")]);
    }

    private protected static string[] KeysOf(SessionLease session) => [.. session.Keys.Order(StringComparer.Ordinal)];
}
