using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Session;

/// <summary>How sessions come to their end, and who is told.</summary>
public class SessionLifeTests : SessionTestBase
{
    [Fact]
    public void IdleTimeout_Passed_RemovesTheSessionWithoutBeingAsked()
    {
        using SessionStore store = Create(o => o.IdleTimeout = TimeSpan.FromMinutes(20));
        using (SessionLease session = store.Acquire("u"))
        {
            session.Set("k", 1);
            session.Set("rows_data", 2);
            Clock.Advance(TimeSpan.FromMinutes(60));
            Assert.True(session.ContainsKey("k"));
            Assert.Equal(1, store.Count);
        }

        Clock.Advance(TimeSpan.FromMinutes(19));
        Assert.True(store.Contains("u"));
        store.Acquire("u").Dispose();
        Clock.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal(1, store.Count);
        Clock.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(2));
        Assert.Equal(0, store.Count);
        Assert.Equal([("u", RemovalCause.Expired, 2)], Gone.Items.Select(e => (e.Id, e.Cause, e.EntryCount)));
        Assert.Equal("2 stored, 0 there, 2 expired", Summary(store));
        using SessionLease fresh = store.Acquire("u");
        Assert.Equal((0, null), (fresh.Count, fresh.Scope));
        Assert.Equal(2, store.Statistics.SessionsCreated);
    }

    [Fact]
    public void IdleTimeout_PassedButNotSwept_GivesAFreshSession()
    {
        using SessionStore store = Create(o => o.TimeProvider = new JumpingClock(Clock));
        using (SessionLease session = store.Acquire("u"))
        {
            session.Set("k", 1);
        }

        Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(1, store.Count);
        Assert.False(store.Contains("u"));
        using SessionLease fresh = store.Acquire("u");
        Assert.False(fresh.ContainsKey("k"));
        Assert.Equal("1 stored, 0 there, 1 expired", Summary(store));
    }

    [Fact]
    public void IdleTimeout_Null_LetsSessionsLiveForEver()
    {
        using SessionStore store = Create(o => o.IdleTimeout = null);
        store.Acquire("u").Dispose();
        Clock.Advance(TimeSpan.FromDays(1000));
        Assert.True(store.Contains("u"));
        Assert.Equal(0, Clock.Timers);
    }

    [Fact]
    public void MaxSessions_Reached_EvictsTheLeastRecentlyUsedThatIsNotLeased()
    {
        using SessionStore store = Create(o => o.MaxSessions = 4);
        using SessionLease leased = store.Acquire("leased");
        foreach (string id in new[] { "a", "b", "c" })
        {
            store.Acquire(id).Dispose();
        }

        store.Acquire("a").Dispose();
        store.Acquire("d").Dispose();
        store.Acquire("e").Dispose();
        store.Acquire("f").Dispose();
        Assert.Equal(["b", "c", "a"], Gone.Items.Select(e => e.Id));
        Assert.Equal(4, store.Count);
        Assert.True(store.Contains("leased"));
    }

    [Fact]
    public void Trim_Bytes_RemovesTheOldestAndSaysHowMuchThatGave()
    {
        using SessionStore store = Create();
        for (int i = 0; i < 10; i++)
        {
            using SessionLease session = store.Acquire($"{i}");
            session.Set("k", new byte[1000]);
        }

        using SessionLease leased = store.Acquire("0");
        long before = store.Bytes;
        Assert.Equal(ReclaimPriority.Conversation, ((IMemoryReclaimer)store).Priority);
        Assert.InRange(((IMemoryReclaimer)store).ReclaimableBytes, 9 * 1024, before);
        long freed = ((IMemoryReclaimer)store).Reclaim(2000);
        Assert.InRange(freed, 2000, 3000);
        Assert.Equal(before - freed, store.Bytes);
        Assert.Equal(["1", "2"], Gone.Items.Select(e => e.Id));
        store.Trim(long.MaxValue);
        Assert.Equal(1, store.Count);
        Assert.True(leased.ContainsKey("k"));
        Assert.Equal("10 stored, 1 there, 9 trimmed", Summary(store));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Trim(-1));
    }

    [Fact]
    public void TryResize_Lower_TrimsWhatExceedsItOrRefuses()
    {
        using SessionStore store = Create();
        for (int i = 0; i < 10; i++)
        {
            using SessionLease session = store.Acquire($"{i}");
            session.Set("k", new byte[10_000]);
        }

        using (SessionLease leased = store.Acquire("0"))
        {
            Assert.False(store.TryResize(maxBytes: 16_384));
            Assert.Equal(1_000_000, store.MaxBytes);
            Assert.True(store.TryResize(maxBytes: 40_000, maxSessions: 5));
            Assert.Equal((40_000, 5), (store.MaxBytes, store.MaxSessions));
        }

        Assert.InRange(store.Bytes, 1, 40_000);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.TryResize(maxBytes: 16_383));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.TryResize(maxSessions: 0));
        store.Verify();
    }

    [Fact]
    public void Clear_Store_RemovesAllAndLeasesStayValid()
    {
        using SessionStore store = Create();
        using SessionLease leased = store.Acquire("u");
        leased.Set("k", 1);
        using (SessionLease other = store.Acquire("v"))
        {
            other.Set("k", 1);
        }

        store.Clear();
        Assert.Equal(0, store.Count);
        Assert.Equal(["v"], Gone.Items.Select(e => e.Id));
        Assert.True(leased.ContainsKey("k"));
        leased.Dispose();
        Assert.Equal("2 stored, 0 there, 2 cleared", Summary(store));
        Assert.Equal(2, store.Statistics.SessionsCleared);
    }

    [Fact]
    public void DisposeValues_EachValueThatLeaves_IsDisposedOnceAfterItWasTold()
    {
        bool wasDisposed = false;
        var values = new TrackedFactory();
        using SessionStore store = Create(o =>
        {
            o.DisposeValues = true;
            o.MaxSessions = 2;
            o.EntryRemoved = e => wasDisposed |= ((Tracked)e.Value!).IsDisposed;
        });
        SessionLease session = store.Acquire("u");
        session.Set("replaced", values.Make(1));
        session.Set("replaced", values.Make(2));
        session.Set("removed", values.Make(3));
        session.Remove("removed");
        session.EnterScope("a");
        session.Set("scope_data", values.Make(4));
        session.EnterScope("b");
        session.Set("clear_data", values.Make(5));
        session.ClearTransient();
        session.Set("stays", values.Make(6));
        Assert.Equal([1, 3, 4, 5], values.Made.Where(v => v.IsDisposed).Select(v => v.Id));

        // Stored again in its own place it has one owner all the same.
        Tracked last = values.Made.Last();
        session.Set("stays", last);
        Assert.False(last.IsDisposed);
        store.Remove("u");
        Assert.False(last.IsDisposed);
        session.Dispose();
        Assert.True(values.Made.All(v => v.Disposals == 1));

        using (SessionLease evicted = store.Acquire("evicted"))
        {
            evicted.Set("k", values.Make(7));
        }

        store.Acquire("1").Dispose();
        store.Acquire("2").Dispose();
        Assert.True(values.Made.All(v => v.Disposals == 1));
        Assert.False(wasDisposed);
    }

    [Fact]
    public void DisposeValues_RefusedValue_StaysItsCallers()
    {
        using SessionStore store = Create(o => (o.DisposeValues, o.MaxValueBytes) = (true, 1000));
        using SessionLease session = store.Acquire("u");
        var value = new Tracked { Bytes = new byte[1000] };
        Assert.False(session.Set("k", value).IsStored);
        Assert.False(value.IsDisposed);
    }

    [Fact]
    public void Callbacks_ThatThrow_AreCountedAndChangeNothing()
    {
        using SessionStore store = Create(o =>
        {
            o.EntryRemoved = _ => throw new InvalidOperationException();
            o.Evicted = _ => throw new InvalidOperationException();
            o.DisposeValues = true;
        });
        using (SessionLease session = store.Acquire("u"))
        {
            session.Set("k", new Grumpy());
            session.Set("k", 1);
        }

        store.Remove("u");
        Assert.Equal(4, store.Statistics.CallbackFailures);
        Assert.Equal("2 stored, 0 there, 1 replaced, 1 removed", Summary(store));
    }

    [Fact]
    public void CallbacksRulesSizersAndDisposal_RunUnderNoLock()
    {
        SessionStore? store = null;
        int calls = 0;
        int returned = 0;

        // Would not come back if the session's lock were held; what a callback throws is swallowed, so it is what came back that is counted.
        void UseFromAnotherThread()
        {
            calls++;
            var user = new Thread(() =>
            {
                if (store!.TryAcquire("u", out SessionLease? session))
                {
                    _ = session.Keys;
                    session.Dispose();
                }
            });
            user.Start();
            returned += user.Join(Patience.Limit) ? 1 : 0;
        }

        store = Create(o =>
        {
            o.EntryRemoved = _ => UseFromAnotherThread();
            o.Evicted = _ => UseFromAnotherThread();
            o.TransientKeys.Predicate = _ =>
            {
                UseFromAnotherThread();
                return false;
            };
            o.ValueSizer = Sizer.Create<object>(_ =>
            {
                UseFromAnotherThread();
                return 100;
            });
            o.DisposeValues = true;
        });
        using (SessionLease session = store.Acquire("u"))
        {
            session.Set("k", new Talkative(UseFromAnotherThread)); // rule, sizer
            session.Set("k", 1); // rule, sizer, removed, disposed
            session.RefreshCharge("k"); // sizer
            session.TryGet("k", out int _);
            session.Remove("k"); // removed
            session.Set("left", 1); // rule, sizer
            session.TryGet("left", out int _);
        } // sizer

        store.Remove("u"); // removed, evicted
        Assert.Equal((13, 13), (calls, returned));
        store.Dispose();
    }

    [Fact]
    public void Callback_ThatUsesTheSession_SeesItChanged()
    {
        SessionLease? session = null;
        bool wasThere = true;
        using SessionStore store = Create(o => o.EntryRemoved = e => wasThere = e.Key == "k" && session!.ContainsKey("k"));
        using (session = store.Acquire("u"))
        {
            session.Set("k", 1);
            session.Remove("k");
        }

        Assert.False(wasThere);
    }

    private sealed class Grumpy : IDisposable
    {
        public void Dispose() => throw new InvalidOperationException();
    }

    private sealed class Talkative(Action act) : IDisposable
    {
        public void Dispose() => act();
    }
}
