namespace BoundedMemory.Tests.Session;

public class SessionBasicsTests : SessionTestBase
{
    [Fact]
    public void Set_AnyKindOfValue_IsReadAsWhatItIs()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("user-17");
        var list = new List<string> { "ABC" };
        Assert.True(session.Set("list", list).IsStored);
        Assert.True(session.Set("count", 30).IsStored);
        Assert.True(session.Set<string?>("nothing", null).IsStored);

        Assert.True(session.TryGet("list", out IReadOnlyList<string>? read));
        Assert.Same(list, read);
        Assert.True(session.TryGet("count", out int count));
        Assert.Equal(30, count);
        Assert.True(session.TryGet("count", out int? perhaps));
        Assert.Equal(30, perhaps);
        Assert.True(session.TryGet("nothing", out string? nothing));
        Assert.Null(nothing);
        Assert.True(session.TryGet("nothing", out int? noNumber));
        Assert.Null(noNumber);
        Assert.False(session.TryGet("absent", out int absent));
        Assert.Equal(0, absent);
        Assert.Equal(["count", "list", "nothing"], KeysOf(session));
        Assert.Equal(("user-17", 3), (session.Id, session.Count));
        Assert.Equal("3 stored, 3 there", Summary(store));
    }

    [Fact]
    public void TryGet_WrongType_SaysSoAndIsNotAMiss()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        session.Set("filter", "calls");
        session.Set<object?>("none", null);
        Assert.Equal(
            "The session's value of 'filter' is a System.String, not a System.Int32.",
            Assert.Throws<InvalidCastException>(() => session.TryGet("filter", out int _)).Message);
        Assert.Equal(
            "The session's value of 'none' is null, not a System.Int32.",
            Assert.Throws<InvalidCastException>(() => session.TryGet("none", out int _)).Message);
    }

    [Fact]
    public void Set_KeyThatIsThere_ReplacesAndTells()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        session.Set("k", new byte[100]);
        long before = session.Bytes;
        session.Set("k", new byte[300]);
        Assert.Equal(before + 200, session.Bytes);
        session.Set("k", new byte[20]);
        Assert.Equal(before - 80, session.Bytes);
        Assert.Equal([(SessionRemovalCause.Replaced, 128L), (SessionRemovalCause.Replaced, 328L)], Left.Items.Select(e => (e.Cause, e.Bytes)));
        Assert.Equal("3 stored, 1 there, 2 replaced", Summary(store));
    }

    [Fact]
    public void Remove_Entry_GivesItsBytesBack()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        long empty = session.Bytes;
        for (int i = 0; i < 100; i++)
        {
            Assert.True(session.Set($"key {i}", new byte[10]).IsStored);
        }

        Assert.False(session.Remove("key 100"));
        for (int i = 0; i < 100; i++)
        {
            Assert.True(session.ContainsKey($"key {i}"));
            Assert.True(session.Remove($"key {i}"));
            Assert.False(session.ContainsKey($"key {i}"));
            store.Verify();
        }

        Assert.Equal((0, empty), (session.Count, session.Bytes));
        Assert.Equal("100 stored, 0 there, 100 removed", Summary(store));
    }

    [Fact]
    public void Clear_Session_LeavesItEmptyWithItsScope()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        long empty = session.Bytes;
        session.EnterScope("page");
        session.Set("a", 1);
        session.Set("b_data", 2);
        Assert.Equal(2, session.Clear());
        Assert.Equal((0, "page", empty), (session.Count, session.Scope, session.Bytes));
        Assert.Equal("2 stored, 0 there, 2 cleared", Summary(store));
    }

    [Fact]
    public void Acquire_SameIdTwice_IsOneSession()
    {
        using SessionStore store = Create();
        using SessionLease first = store.Acquire("u");
        using SessionLease second = store.Acquire("u");
        first.Set("k", 1);
        Assert.True(second.TryGet("k", out int value));
        Assert.Equal((1, 1, 2), (value, store.Count, store.Statistics.Leases));
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, store.Statistics.Leases);
        Assert.True(second.ContainsKey("k"));
    }

    [Fact]
    public void TryAcquire_FindsButDoesNotCreate()
    {
        using SessionStore store = Create();
        Assert.False(store.TryAcquire("u", out SessionLease? lease));
        Assert.Null(lease);
        Assert.False(store.Contains("u"));
        store.Acquire("u").Dispose();
        Assert.True(store.Contains("u"));
        Assert.True(store.TryAcquire("u", out lease));
        lease.Dispose();
        Assert.Equal((1, 1, 0), (store.Count, store.Statistics.SessionsCreated, store.Statistics.Leases));
    }

    [Fact]
    public void Lease_Ended_ThrowsWhateverIsAskedOfIt()
    {
        using SessionStore store = Create();
        SessionLease session = store.Acquire("u");
        session.Set("k", 1);
        session.Dispose();
        Action[] uses =
        [
            () => session.Set("k", 1), () => session.SetInScope("s", "k", 1), () => session.TryGet("k", out int _), () => session.Remove("k"), () => session.ContainsKey("k"),
            () => session.EnterScope("s"), () => session.ClearTransient(), () => session.Clear(), () => session.RefreshCharge("k"), () => _ = session.Keys, () => _ = session.Count,
            () => _ = session.Bytes, () => _ = session.Scope,
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));
        Assert.Equal("1 stored, 1 there", Summary(store));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(513)]
    public void Acquire_HostileId_IsRefusedAndNotRepeated(int length)
    {
        using SessionStore store = Create();
        string id = new('x', length);
        Action[] uses = [() => store.Acquire(id), () => store.TryAcquire(id, out _), () => store.Contains(id), () => store.Remove(id)];
        Assert.All(uses, use =>
        {
            ArgumentException error = Assert.Throws<ArgumentException>(use);
            Assert.Equal("id", error.ParamName);
            Assert.DoesNotContain("xxx", error.Message, StringComparison.Ordinal);
        });
        Assert.Throws<ArgumentNullException>(() => store.Acquire(null!));
        Assert.Equal(0, store.Count);
        store.Acquire(new string('x', 512)).Dispose();
    }

    [Fact]
    public void Keys_Hostile_AreRefusedAndNotRepeated()
    {
        using SessionStore store = Create(o => o.MaxKeyLength = 10);
        using SessionLease session = store.Acquire("u");
        Assert.True(session.Set(new string('x', 10), 1).IsStored);
        foreach (string key in new[] { "", new string('x', 11), new string('x', 1_000_000) })
        {
            Action[] uses =
            [
                () => session.Set(key, 1), () => session.SetInScope(null, key, 1), () => session.TryGet(key, out int _), () => session.Remove(key), () => session.ContainsKey(key),
                () => session.RefreshCharge(key),
            ];
            Assert.All(uses, use => Assert.Equal("key", Assert.Throws<ArgumentException>(use).ParamName));
        }

        Assert.Equal(
            "It must have from 1 to 10 characters; it has 11. (Parameter 'key')", Assert.Throws<ArgumentException>(() => session.Set(new string('x', 11), 1)).Message);
        Assert.Throws<ArgumentNullException>(() => session.Set(null!, 1));
        Assert.Throws<ArgumentException>(() => session.EnterScope(""));
        Assert.Throws<ArgumentException>(() => session.EnterScope(new string('x', 129)));
        Assert.Throws<ArgumentException>(() => session.SetInScope("", "k", 1));
        Assert.Throws<ArgumentException>(() => session.SetInScope(new string('x', 129), "k", 1));
        Assert.Equal((1, "1 stored, 1 there"), (session.Count, Summary(store)));
    }

    [Fact]
    public void Remove_SessionInUse_IsApartFromTheNextOfThatId()
    {
        using SessionStore store = Create();
        using SessionLease old = store.Acquire("u");
        old.Set("secret", "of the one who logged out");
        Assert.True(store.Remove("u"));
        Assert.False(store.Remove("u"));
        using SessionLease fresh = store.Acquire("u");
        Assert.False(fresh.ContainsKey("secret"));
        Assert.True(old.Set("late", 1).IsStored);
        Assert.False(fresh.ContainsKey("late"));
        Assert.Empty(Gone.Items);
        old.Dispose();
        Assert.Equal([("u", RemovalCause.Removed, 2)], Gone.Items.Select(e => (e.Id, e.Cause, e.EntryCount)));
        Assert.Equal(["late", "secret"], Left.Items.Select(e => e.Key).Order(StringComparer.Ordinal));
        Assert.Equal("2 stored, 0 there, 2 removed", Summary(store));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void Dispose_WhileLeased_LetsReadAndGivesEverythingBackInTheEnd()
    {
        using var budget = new MemoryBudget(1_000_000);
        SessionStore store = Create(o => o.Budget = budget);
        SessionLease session = store.Acquire("u");
        session.Set("k", new byte[1000]);
        store.Acquire("other").Dispose();
        store.Dispose();
        store.Dispose();
        Assert.True(session.ContainsKey("k"));
        Assert.True(budget.Used > 1000);
        Assert.Throws<ObjectDisposedException>(() => session.Set("k", 1));
        Assert.Throws<ObjectDisposedException>(() => store.Acquire("u"));
        Assert.Throws<ObjectDisposedException>(() => store.TryAcquire("u", out _));
        Assert.Throws<ObjectDisposedException>(() => store.Remove("u"));
        Assert.Throws<ObjectDisposedException>(() => store.Contains("u"));
        Assert.Throws<ObjectDisposedException>(store.Clear);
        Assert.Throws<ObjectDisposedException>(() => store.Trim(1));
        Assert.Throws<ObjectDisposedException>(() => store.TryResize(100_000));
        session.Dispose();
        Assert.Equal(0, budget.Used);
        SessionStoreStatistics s = store.Statistics;
        Assert.Equal((1, 0, 1, 2, 2), (s.Stored, s.EntryCount, s.Disposed, s.SessionsCreated, s.SessionsDisposed));
    }
}
