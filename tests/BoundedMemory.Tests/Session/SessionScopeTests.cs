namespace BoundedMemory.Tests.Session;

public class SessionScopeTests : SessionTestBase
{
    /// <summary>What the market dashboard leaves in its session (suffixes) and the operations dashboard in its own (prefixes).</summary>
    private static readonly string[] Transient =
        ["chain_data", "flows_cache", "_data", "temp_", "temp_filter", "old_prices", "cache_key", "temp_and_data", "old_data"];

    private static readonly string[] Lasting =
        ["watchlist", "data", "cache", "my_data_source", "DATA", "rows_DATA", "rows_Cache", "Temp_x", "attempt_1", "gold_price", "the_cache_key", "database", "oldest"];

    [Fact]
    public void EnterScope_Another_RemovesWhatIsTransientByTheDefaultRule()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        Assert.Equal(0, session.EnterScope("0DTE"));
        foreach (string key in Transient.Concat(Lasting))
        {
            session.Set(key, key);
        }

        Assert.Equal(0, session.EnterScope(new string("0DTE")));
        Assert.Equal(Transient.Length + Lasting.Length, session.Count);
        Assert.Equal(Transient.Length, session.EnterScope("Whale Flows"));

        Assert.Equal(Lasting.Order(StringComparer.Ordinal), KeysOf(session));
        Assert.Equal(
            Transient.Select(key => ("u", key, (object?)key, SessionRemovalCause.Scope)).Order(),
            Left.Items.Select(e => (e.SessionId, e.Key, e.Value, e.Cause)).Order());
        Assert.Equal($"22 stored, 13 there, 9 scope", Summary(store));
        Assert.Equal(2, store.Statistics.ScopeChanges);
        Assert.Equal("Whale Flows", session.Scope);

        // What lasts belongs to the session from then on, whichever scopes come.
        session.EnterScope("0DTE");
        session.EnterScope("Finder");
        Assert.Equal(Lasting.Length, session.Count);
    }

    [Fact]
    public void EnterScope_First_RemovesWhatIsTransientAndWasSetBefore()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        Assert.Null(session.Scope);
        session.Set("rows_data", 1);
        session.Set("name", 2);
        Assert.Equal(1, session.EnterScope("home"));
        Assert.Equal(["name"], KeysOf(session));
        store.Verify();
    }

    [Fact]
    public void EnterScope_OfOneLease_HoldsForAllOfThatSessionAndForNoOther()
    {
        using SessionStore store = Create();
        using SessionLease first = store.Acquire("u");
        using SessionLease second = store.Acquire("u");
        using SessionLease other = store.Acquire("v");
        first.EnterScope("a");
        second.Set("rows_data", 1);
        other.Set("rows_data", 1);
        Assert.Equal(0, second.EnterScope("a"));
        Assert.Equal(1, second.EnterScope("b"));
        Assert.False(first.ContainsKey("rows_data"));
        Assert.True(other.ContainsKey("rows_data"));
        Assert.Equal(("b", null), (first.Scope, other.Scope));
    }

    [Fact]
    public void Set_LastingKeyAnew_BelongsToTheScopeThatIsCurrentThen()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        session.EnterScope("a");
        session.Set("rows_data", 1);
        session.SetInScope(null, "rows_data", 2);
        Assert.Equal(0, session.EnterScope("b"));
        Assert.True(session.ContainsKey("rows_data"));
        session.Set("rows_data", 3);
        Assert.Equal(1, session.EnterScope("c"));
    }

    [Fact]
    public void SetInScope_ScopeThatIsEnteredNext_IsThereUntilItIsLeft()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        session.EnterScope("list");
        Assert.True(session.SetInScope(new string("detail"), "row", "prefetched").IsStored);
        Assert.True(session.SetInScope("list", "rows", "shown").IsStored);
        store.Verify();
        Assert.Equal(1, session.EnterScope(new string("detail")));
        Assert.Equal(["row"], KeysOf(session));
        store.Verify();
        Assert.Equal(1, session.EnterScope("list"));
        Assert.Equal(0, session.Count);
        Assert.Equal("2 stored, 0 there, 2 scope", Summary(store));
    }

    [Fact]
    public void SetInScope_OfASlowRequestWhosePageWasLeft_DoesNotOutliveTheNext()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        session.EnterScope("a");
        session.EnterScope("b");
        session.SetInScope("a", "late_data", 1);
        session.Set("rows_data", 1);
        Assert.Equal(2, session.EnterScope("c"));
        store.Verify();
    }

    [Fact]
    public void EnterScope_LongName_IsChargedWhileItIsCurrent()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        long empty = session.Bytes;
        session.EnterScope(new string('a', 128));
        Assert.Equal(empty + 280, session.Bytes);
        session.SetInScope(new string('b', 128), "k", 1);
        long withForeignName = session.Bytes;
        session.EnterScope(new string('b', 128));
        Assert.Equal(withForeignName - 280, session.Bytes);
        store.Verify();
        session.EnterScope(new string('c', 1));
        Assert.Equal(empty + 24, session.Bytes);
        store.Verify();
    }

    [Fact]
    public void ClearTransient_OfAnyScope_LeavesWhatLasts()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        session.EnterScope("a");
        foreach (string key in Transient.Concat(Lasting))
        {
            session.Set(key, key);
        }

        session.SetInScope("elsewhere", "x", 1);
        Assert.Equal(Transient.Length + 1, session.ClearTransient());
        Assert.Equal(Lasting.Order(StringComparer.Ordinal), KeysOf(session));
        Assert.All(Left.Items, e => Assert.Equal(SessionRemovalCause.Cleared, e.Cause));
        Assert.Equal("23 stored, 13 there, 10 cleared", Summary(store));
        Assert.Equal("a", session.Scope);
    }

    [Fact]
    public void TransientKeys_RuleOfOnesOwn_IsCopiedAndFollowed()
    {
        var rule = new TransientKeys { Comparison = StringComparison.OrdinalIgnoreCase, Predicate = key => key.Contains("chart", StringComparison.Ordinal) };
        rule.Suffixes.Clear();
        rule.Suffixes.Add("_TABLE");
        rule.Prefixes.Clear();
        using SessionStore store = Create(o => o.TransientKeys = rule);
        rule.Suffixes.Add("s");
        rule.Predicate = null;
        using SessionLease session = store.Acquire("u");
        foreach (string key in new[] { "rows_table", "my chart", "rows_data", "temp_x", "symbols" })
        {
            session.Set(key, 1);
        }

        session.EnterScope("next");
        Assert.Equal(["rows_data", "symbols", "temp_x"], KeysOf(session));
    }

    [Fact]
    public void TransientKeys_PredicateThatThrows_ReachesWhoSetsAndChangesNothing()
    {
        using SessionStore store = Create(o => o.TransientKeys.Predicate = key => key == "bad" ? throw new FormatException() : false);
        using SessionLease session = store.Acquire("u");
        Assert.Throws<FormatException>(() => session.Set("bad", 1));
        Assert.True(session.Set("good", 1).IsStored);
        Assert.Equal("1 stored, 1 there", Summary(store));
    }
}
