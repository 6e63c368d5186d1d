namespace BoundedMemory.Tests.Session;

public class SessionLimitsTests : SessionTestBase
{
    [Fact]
    public void Set_LargeTable_IsRefusedWithTheAdviceToCacheIt()
    {
        using SessionStore store = Create();
        using SessionLease session = store.Acquire("u");
        session.Set("chain_data", "small");
        SessionSetResult result = session.Set("chain_data", new byte[2_400_000]);

        Assert.Equal((SessionSetStatus.TooLarge, false, 2_400_024, 65_536), (result.Status, result.IsStored, result.Bytes, result.Limit));
        Assert.Equal(
            "The value retains 2,400,024 bytes, and session state takes values of up to 65,536 (MaxValueBytes). "
            + "Keep it in a BoundedCache, where it is stored once for all users, and in the session its key.",
            result.Message);
        Assert.True(session.TryGet("chain_data", out string? former));
        Assert.Equal("small", former);
        Assert.Equal((1, "1 stored, 1 there"), (store.Statistics.RejectedTooLarge, Summary(store)));
        Assert.Empty(Left.Items);
    }

    [Fact]
    public void Set_ValueExactlyAtTheLimit_IsStored()
    {
        using SessionStore store = Create(o => o.MaxValueBytes = 1024);
        using SessionLease session = store.Acquire("u");
        Assert.True(session.Set("k", new byte[1000]).IsStored);
        Assert.Equal(SessionSetStatus.TooLarge, session.Set("k", new byte[1001]).Status);
    }

    [Fact]
    public void Set_MoreThanASessionMayHold_IsRefusedAndChangesNothing()
    {
        using SessionStore store = Create(o => (o.MaxSessionBytes, o.MaxEntries) = (10_000, 20));
        using SessionLease session = store.Acquire("u");
        int stored = 0;
        while (session.Set($"key {stored}", new byte[1000]).IsStored)
        {
            stored++;
            Assert.InRange(session.Bytes, 1, 10_000);
        }

        Assert.InRange(stored, 7, 9);
        (long bytes, string[] keys) = (session.Bytes, KeysOf(session));
        SessionSetResult refused = session.Set("another", new byte[1000]);
        Assert.Equal((SessionSetStatus.Full, 10_000), (refused.Status, refused.Limit));
        Assert.StartsWith("The session is full: with this value of 1,024 bytes it would exceed its limit of 10,000 bytes.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(SessionSetStatus.Full, session.Set("key 0", new byte[3000]).Status);
        Assert.Equal(bytes, session.Bytes);
        Assert.Equal(keys, KeysOf(session));
        Assert.True(session.Set("key 0", new byte[10]).IsStored);
        for (int i = 0; i < 20 - stored; i++)
        {
            Assert.True(session.Set($"small {i}", 1).IsStored);
        }

        refused = session.Set("one more", 1);
        Assert.Equal((SessionSetStatus.Full, 20), (refused.Status, refused.Limit));
        Assert.Contains("its limit of 20 entries", refused.Message, StringComparison.Ordinal);
        Assert.Equal(4, store.Statistics.RejectedFull);
        store.Verify();
    }

    [Fact]
    public void MaxSessionBytes_Full_StillLeavesRoomForAnyScope()
    {
        using SessionStore store = Create(o => o.MaxSessionBytes = 10_000);
        using SessionLease session = store.Acquire("u");
        for (int size = 4096; size >= 0; size /= 2)
        {
            while (session.Set($"key {session.Count}", new byte[size]).IsStored)
            {
            }

            if (size == 0)
            {
                break;
            }
        }

        Assert.InRange(session.Bytes, 10_000 - 280 - 200, 10_000);
        session.EnterScope(new string('s', 128));
        Assert.InRange(session.Bytes, 10_000 - 200, 10_000);
        store.Verify();
    }

    [Fact]
    public void EvictTransient_FullSession_RemovesThoseThatWereNotUsedForLongest()
    {
        using SessionStore store = Create(o => (o.MaxSessionBytes, o.FullMode) = (10_000, SessionFullMode.EvictTransient));
        using SessionLease session = store.Acquire("u");
        session.Set("watchlist", new byte[2000]);
        for (int i = 0; i < 6; i++)
        {
            Assert.True(session.Set($"{i}_data", new byte[1000]).IsStored);
        }

        session.TryGet("0_data", out byte[]? _);
        Assert.True(session.Set("6_data", new byte[2000]).IsStored);
        Assert.Equal(["1_data", "2_data"], Left.Take().Select(e => e.Key));
        Assert.True(session.Set("0_data", new byte[2200]).IsStored);
        Assert.Equal(["0_data Replaced", "3_data Evicted"], Left.Take().Select(e => $"{e.Key} {e.Cause}").Order(StringComparer.Ordinal));

        // Even without all of them it would not fit: none leaves.
        (long bytes, string[] keys) = (session.Bytes, KeysOf(session));
        Assert.Equal(SessionSetStatus.Full, session.Set("lasting", new byte[8000]).Status);
        Assert.Empty(Left.Items);
        Assert.Equal(bytes, session.Bytes);
        Assert.Equal(keys, KeysOf(session));
        Assert.Equal("9 stored, 5 there, 1 replaced, 3 evicted", Summary(store));
    }

    [Fact]
    public void EvictTransient_FullOfEntries_RemovesOneForEach()
    {
        using SessionStore store = Create(o => (o.MaxEntries, o.FullMode) = (3, SessionFullMode.EvictTransient));
        using SessionLease session = store.Acquire("u");
        session.Set("lasts", 0);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(session.Set($"temp_{i}", i).IsStored);
        }

        Assert.Equal(["lasts", "temp_8", "temp_9"], KeysOf(session));
        Assert.True(session.Set("lasts too", 0).IsStored);
        Assert.True(session.Set("and this", 0).IsStored);
        Assert.Equal(SessionSetStatus.Full, session.Set("temp_10", 0).Status);
        Assert.Equal("13 stored, 3 there, 10 evicted", Summary(store));
    }

    [Fact]
    public void Set_WhereOthersAreIdle_EvictsThemFirst()
    {
        using SessionStore store = Create(o => o.MaxBytes = 100_000);
        for (int i = 0; i < 20; i++)
        {
            using SessionLease idle = store.Acquire($"idle {i}");
            idle.Set("k", new byte[1000]);
        }

        using SessionLease session = store.Acquire("u");
        while (session.Set($"key {session.Count}", new byte[1000]).IsStored)
        {
            Assert.InRange(store.Bytes, 1, 100_000);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"idle {i}"), Gone.Items.Select(e => e.Id));
        Assert.All(Gone.Items, e => Assert.Equal((RemovalCause.Evicted, 1), (e.Cause, e.EntryCount)));
        Assert.Equal(1, store.Count);
        Assert.True(session.Count > 70);
        Assert.Equal(20, store.Statistics.Evicted);
        store.Verify();
    }

    [Fact]
    public void Set_WhereTheOthersAreLeased_IsRefusedAndEvictsNobody()
    {
        using SessionStore store = Create(o => o.MaxBytes = 100_000);
        using SessionLease large = store.Acquire("large");
        using SessionLease session = store.Acquire("u");
        for (int i = 0; i < 8; i++)
        {
            Assert.True(large.Set($"{i}", new byte[9000]).IsStored);
        }

        SessionSetResult refused = session.Set("k", new byte[30_000]);
        Assert.Equal(SessionSetStatus.OverBudget, refused.Status);
        Assert.Contains("no room", refused.Message, StringComparison.Ordinal);
        Assert.Equal((0, 1, 2), (session.Count, store.Statistics.RejectedOverBudget, store.Count));
        Assert.Empty(Gone.Items);
        large.Clear();
        Assert.True(session.Set("k", new byte[30_000]).IsStored);
        store.Verify();
    }

    [Fact]
    public void Acquire_WhereAllPlacesAreLeased_IsRefusedAndLeavesEverythingAsItWas()
    {
        using SessionStore store = Create(o => o.MaxSessions = 2);
        using SessionLease first = store.Acquire("1");
        SessionLease second = store.Acquire("2");
        Assert.Contains("no room for another session", Assert.Throws<MemoryBudgetExceededException>(() => store.Acquire("3")).Message, StringComparison.Ordinal);
        Assert.Equal((2, 2, 1, 2), (store.Count, store.Statistics.SessionsCreated, store.Statistics.SessionsRejected, store.Statistics.Leases));
        Assert.Empty(Gone.Items);
        second.Dispose();
        using SessionLease third = store.Acquire("3");
        Assert.Equal(["2"], Gone.Items.Select(e => e.Id));
        store.Verify();
    }

    [Fact]
    public void Acquire_WhereTheBudgetIsExhaustedByOthers_IsRefused()
    {
        using var budget = new MemoryBudget(60_000);
        using SessionStore store = Create(o => (o.MaxBytes, o.Budget) = (null, budget));
        using (MemoryReservation all = budget.Reserve(budget.Limit - budget.Used))
        {
            while (store.Count < 1000)
            {
                long before = store.Count;
                try
                {
                    using SessionLease session = store.Acquire($"{before}");
                    session.Set("k", new byte[500]);
                }
                catch (MemoryBudgetExceededException)
                {
                    break;
                }

                if (store.Count == before)
                {
                    break;
                }
            }

            Assert.True(budget.Used <= budget.Limit);
        }

        Assert.Null(store.MaxBytes);
        store.Acquire("after").Dispose();
        store.Verify();
    }

    [Fact]
    public void EnterScope_WithoutRoomForItsName_ChangesNothing()
    {
        using SessionStore store = Create(o => o.MaxBytes = 50_000);
        using SessionLease session = store.Acquire("u");
        session.EnterScope("a");
        session.Set("rows_data", 1);
        using SessionLease other = store.Acquire("v");
        foreach (int size in new[] { 1000, 100, 8, 0 })
        {
            while (other.Set($"key {other.Count}", new byte[size]).IsStored)
            {
            }
        }

        string name = new('x', 128);
        Assert.Throws<MemoryBudgetExceededException>(() => session.EnterScope(name));
        Assert.Equal(("a", 1), (session.Scope, session.Count));
        Assert.Equal(1, session.EnterScope("b"));
        Assert.Equal("b", session.Scope);
        store.Verify();
    }

    [Fact]
    public void Set_SizeUnknown_SaysWhereCountingStopped()
    {
        using SessionStore store = Create(o => (o.ValueSizer, o.MaxValueBytes) = (ObjectSizer.For<object>(new SizerOptions { MaxObjects = 10 }), 500_000));
        using SessionLease session = store.Acquire("u");
        SessionSetResult refused = session.Set("k", Enumerable.Range(0, 100).Select(i => new object[] { new() }).ToList());
        Assert.Equal(SessionSetStatus.SizeUnknown, refused.Status);
        Assert.Contains("counting stopped after", refused.Message, StringComparison.Ordinal);
        Assert.Contains("System.Object", refused.Message, StringComparison.Ordinal);
        Assert.Equal((0, 1), (session.Count, store.Statistics.RejectedSizeUnknown));
    }

    [Fact]
    public void RefreshCharge_ValueThatHasGrown_ChargesItOrLetsItGo()
    {
        using SessionStore store = Create(o => o.MaxValueBytes = 10_000);
        using SessionLease session = store.Acquire("u");
        var list = new List<byte[]>(10);
        session.Set("list", list);
        long before = session.Bytes;
        list.Add(new byte[1000]);
        Assert.Equal(before, session.Bytes);
        Assert.True(session.RefreshCharge("list")!.Value.IsStored);
        Assert.Equal(before + 1024, session.Bytes);
        list.Clear();
        Assert.True(session.RefreshCharge("list")!.Value.IsStored);
        Assert.Equal(before, session.Bytes);
        list.Add(new byte[10_000]);
        Assert.Equal(SessionSetStatus.TooLarge, session.RefreshCharge("list")!.Value.Status);
        Assert.Null(session.RefreshCharge("list"));
        Assert.Equal([("list", SessionRemovalCause.Evicted)], Left.Items.Select(e => (e.Key, e.Cause)));
        Assert.Equal("1 stored, 0 there, 1 evicted", Summary(store));
    }

    [Fact]
    public void RefreshCharge_MoreThanTheSessionOrTheStoreHasRoomFor_LetsItGo()
    {
        using SessionStore store = Create(o => (o.MaxBytes, o.MaxSessionBytes) = (60_000, 40_000));
        using SessionLease session = store.Acquire("u");
        var list = new List<byte[]>(10);
        session.Set("list", list);
        list.Add(new byte[39_500]);
        Assert.Equal(SessionSetStatus.Full, session.RefreshCharge("list")!.Value.Status);
        list.Clear();
        session.Set("list", list);
        using SessionLease other = store.Acquire("v");
        Assert.True(other.Set("k", new byte[35_000]).IsStored);
        list.Add(new byte[30_000]);
        Assert.Equal(SessionSetStatus.OverBudget, session.RefreshCharge("list")!.Value.Status);
        Assert.Equal("3 stored, 1 there, 2 evicted", Summary(store));
    }

    [Fact]
    public void Release_OfValuesThatWereReadAndHaveGrown_ChargesThem()
    {
        using SessionStore store = Create();
        var list = new List<byte[]>(10);
        using (SessionLease session = store.Acquire("u"))
        {
            session.Set("list", list);
            session.Set("text", "never grows");
        }

        long before = store.Bytes;
        using (SessionLease session = store.Acquire("u"))
        {
            Assert.True(session.TryGet<List<byte[]>>("list", out List<byte[]>? read));
            read.Add(new byte[1000]);
        }

        Assert.Equal(before + 1024, store.Bytes);

        // Two requests at once: the value that the first has read is measured for as long as it may still change it.
        SessionLease first = store.Acquire("u");
        first.TryGet("list", out List<byte[]>? _);
        store.Acquire("u").Dispose();
        list.Add(new byte[2000]);
        first.Dispose();
        Assert.Equal(before + 1024 + 2024, store.Bytes);
        using (SessionLease session = store.Acquire("u"))
        {
            session.TryGet("list", out List<byte[]>? _);
            list.Add(new byte[100_000]);
        }

        Assert.Equal([("list", SessionRemovalCause.Evicted)], Left.Items.Select(e => (e.Key, e.Cause)));
        Assert.Equal("2 stored, 1 there, 1 evicted", Summary(store));
    }

    [Fact]
    public void Release_WithoutRefresh_LeavesChargesAsTheyWere()
    {
        using SessionStore store = Create(o => o.RefreshOnRelease = false);
        var list = new List<byte[]>(10);
        using (SessionLease session = store.Acquire("u"))
        {
            session.Set("list", list);
        }

        long before = store.Bytes;
        using (SessionLease session = store.Acquire("u"))
        {
            session.TryGet("list", out List<byte[]>? read);
            read!.Add(new byte[1000]);
        }

        Assert.Equal(before, store.Bytes);
    }

    [Fact]
    public void Release_SizerThatThrows_EndsTheLeaseAndIsCounted()
    {
        bool isBroken = false;
        using SessionStore store = Create(o => o.ValueSizer = Sizer.Create<object>(_ => isBroken ? throw new FormatException() : 100));
        SessionLease session = store.Acquire("u");
        session.Set("k", new List<int>());
        session.TryGet("k", out List<int>? _);
        isBroken = true;
        session.Dispose();
        Assert.Equal((0, 1), (store.Statistics.Leases, store.Statistics.CallbackFailures));
        isBroken = false;
        store.Verify();
    }

    [Fact]
    public void Sizer_DeclaredSizes_AreRoundedUpToTheHeapsGranularity()
    {
        using SessionStore store = Create(o => o.ValueSizer = Sizer.Create<object>(value => (int)value));
        using SessionLease session = store.Acquire("u");
        long empty = session.Bytes;
        session.Set("k", 1);
        Assert.Equal(empty + 8, session.Bytes);
        Assert.Throws<InvalidOperationException>(() => session.Set("k", -1));
        Assert.Equal("1 stored, 1 there", Summary(store));
    }
}
