using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Store;

public class ConversationStoreTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly Log<EvictedConversation<string>> _evicted = new();

    [Fact]
    public void TryAcquire_WhatIsThere_SharesOneWindow()
    {
        using ConversationStore<string, ConversationMessage> store = Stores.Create();
        Assert.False(store.TryAcquire("a", out ConversationLease<ConversationMessage>? none));
        Assert.Null(none);
        using ConversationLease<ConversationMessage> first = store.Acquire("a");
        Assert.Equal(AppendResult.Appended, first.Append(Stores.User("1"), out long sequence));
        Assert.True(store.TryAcquire("a", out ConversationLease<ConversationMessage>? second));
        using (second)
        {
            Assert.Equal((0, 1), (sequence, second.NextSequence));
            second.Append(Stores.Assistant("2"));
            Assert.Equal(["1", "2"], first.Snapshot().Select(m => m.Text));
            Assert.Same(first.Snapshot(), second.Snapshot());
            Assert.Equal(2, first.Statistics.Appended);
        }

        Assert.Equal((1, 1), (store.Verify().Leases, store.Count));
    }

    [Fact]
    public void Lease_Ended_ThrowsWhateverIsAsked()
    {
        using ConversationStore<string, ConversationMessage> store = Stores.Create();
        ConversationLease<ConversationMessage> lease = store.Acquire("a");
        lease.Dispose();
        lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lease.Append(Stores.User("1")));
        Assert.Throws<ObjectDisposedException>(() => lease.BeginMessage(MessageRole.User));
        Assert.Throws<ObjectDisposedException>(() => lease.Snapshot());
        Assert.Throws<ObjectDisposedException>(() => lease.SetSummary(Stores.User("1"), 0));
        Assert.Throws<ObjectDisposedException>(() => lease.MarkSaved(0));
        Assert.Throws<ObjectDisposedException>(() => lease.Statistics);
        Assert.Throws<ObjectDisposedException>(() => lease.NextSequence);
        Assert.Equal((0, 1, 0), (store.Verify().Leases, store.Count, store.Cache.Statistics.Leases));
    }

    [Fact]
    public void BeginMessage_LeaseEndsMeanwhile_HoldsTheConversationUntilItIsComplete()
    {
        using ConversationStore<string, ConversationMessage> store = Stores.Create();
        ConversationLease<ConversationMessage> lease = store.Acquire("a");
        using MessageBuilder<ConversationMessage> message = lease.BeginMessage(MessageRole.Assistant);
        MessageBuilder<ConversationMessage> abandoned = lease.BeginMessage(MessageRole.Assistant);
        message.Append("a long answer, ");
        abandoned.Append("nobody wants to read");
        lease.Dispose();
        Assert.Equal(0, store.Trim(long.MaxValue));
        Assert.Equal(AppendResult.Appended, message.Append("piece by piece"));
        Assert.Equal(AppendResult.Appended, message.Complete(out long sequence));
        Assert.Equal((0, 1), (sequence, store.Verify().Leases));
        Assert.Equal(0, store.Trim(long.MaxValue));
        abandoned.Dispose();
        Assert.Equal(0, store.Verify().Leases);
        Assert.Equal(["a long answer, piece by piece"], store.TextsOf("a"));
        Assert.True(store.Trim(long.MaxValue) > 0);
        Assert.Equal(store.Statistics.OverheadBytes, store.Bytes);
    }

    [Fact]
    public void Append_WhereTheStoreIsFull_LetsTheLeastRecentlyUsedGoAndTellsSo()
    {
        using ConversationStore<string, ConversationMessage> store = Create(o => o.MaxBytes = 190_000);
        string text = new('x', 8000);
        foreach (string key in new[] { "a", "b", "c", "d", "e" })
        {
            store.Append(key, text, text);
        }

        Assert.Empty(_evicted.Items);
        Assert.True(store.Has("a"));
        using (ConversationLease<ConversationMessage> lease = store.Acquire("e"))
        {
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal(AppendResult.Appended, lease.Append(Stores.User(text)));
            }
        }

        Assert.Equal(["b"], _evicted.Items.Select(e => e.Key));
        EvictedConversation<string> left = _evicted.Items[0];
        Assert.Equal((ConversationEvictionCause.Capacity, 2, 0), (left.Cause, left.Messages, left.UnsavedMessages));
        Assert.InRange(left.Bytes, 16_000, 40_000);
        Assert.Equal((1, 2), (store.Verify().EvictedCapacity, store.Statistics.MessagesLeft));
    }

    [Fact]
    public void Append_LeasedConversationsFillTheStore_IsRefusedAndNothingIsOver()
    {
        using ConversationStore<string, ConversationMessage> store = Create(o => (o.MaxBytes, o.Window.MaxMessages, o.Window.Content) = (140_000, 1000, null));
        List<ConversationLease<ConversationMessage>> leases = [];
        AppendResult result = AppendResult.Appended;
        string text = new('x', 5000);
        for (int i = 0; result == AppendResult.Appended; i++)
        {
            leases.Add(store.Acquire($"{i}"));
            result = leases[^1].Append(Stores.User(text));
            result = result == AppendResult.Appended ? leases[^1].Append(Stores.Assistant(text)) : result;
        }

        Assert.Equal(AppendResult.OverBudget, result);
        Assert.Empty(_evicted.Items);
        Assert.InRange(store.Bytes, 100_000, 140_000);
        Assert.Equal(1, store.Verify().RejectedOverBudget);
        leases[0].Dispose();
        Assert.Equal(AppendResult.Appended, leases[^1].Append(Stores.User(text)));
        Assert.Equal(["0"], _evicted.Items.Select(e => e.Key));
        leases.ForEach(lease => lease.Dispose());
        Assert.Equal(0, store.Verify().Leases);
    }

    [Fact]
    public async Task AcquireAsync_LeasedConversationsFillTheStore_ThrowsAndNothingIsOver()
    {
        using ConversationStore<string, ConversationMessage> byCount = Create(o => (o.MaxConversations, o.MaxBytes) = (2, null));
        using ConversationLease<ConversationMessage> a = byCount.Acquire("a");
        ConversationLease<ConversationMessage> b = byCount.Acquire("b");
        var error = await Assert.ThrowsAsync<MemoryBudgetExceededException>(() => byCount.AcquireAsync("c").AsTask());
        Assert.Contains("2", error.Message, StringComparison.Ordinal);
        Assert.Equal((2, 1), (byCount.Count, byCount.Verify().RejectedConversations));
        b.Dispose();
        byCount.Acquire("c").Dispose();
        Assert.Equal("b", Assert.Single(_evicted.Items).Key);

        using ConversationStore<string, ConversationMessage> byBytes = Stores.Create(o => (o.MaxBytes, o.Window.MaxBytes) = (32_768, 4096));
        List<ConversationLease<ConversationMessage>> leases = [];
        error = await Assert.ThrowsAsync<MemoryBudgetExceededException>(async () =>
        {
            for (int i = 0; ; i++)
            {
                leases.Add(await byBytes.AcquireAsync($"{i}"));
                Assert.InRange(byBytes.Bytes, 1, 32_768);
            }
        });
        Assert.Equal((32_768, byBytes.Bytes), (error.Limit, error.Used));
        Assert.InRange(error.Requested, 100, 4096);
        Assert.True(leases.Count > 5 && byBytes.Verify().Count == leases.Count);
        leases.ForEach(lease => lease.Dispose());
    }

    [Fact]
    public void IdleTimeout_Passes_OnlyWhileNobodyHasALease()
    {
        using ConversationStore<string, ConversationMessage> store = Create(o => o.IdleTimeout = TimeSpan.FromMinutes(10));
        store.Append("a", "1");
        ConversationLease<ConversationMessage> lease = store.Acquire("b");
        _clock.Advance(TimeSpan.FromMinutes(9));
        store.Append("c", "1");
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(("a", ConversationEvictionCause.Idle, 1), (_evicted.Items[0].Key, _evicted.Items[0].Cause, _evicted.Items[0].Messages));
        Assert.Equal(2, store.Count);
        _clock.Advance(TimeSpan.FromMinutes(60));
        Assert.Equal(["a", "c"], _evicted.Items.Select(e => e.Key));
        Assert.Equal(1, store.Count);
        lease.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(1, store.Count);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((0, 3), (store.Count, store.Verify().EvictedIdle));
    }

    [Fact]
    public void Remove_OfALeasedConversation_ClosesItAndANewOneBegins()
    {
        using var budget = new MemoryBudget(10_000_000);
        using ConversationStore<string, ConversationMessage> store = Create(o => o.Budget = budget);
        using ConversationLease<ConversationMessage> old = store.Acquire("a");
        old.Append(Stores.User("old"));
        Assert.True(store.Remove("a"));
        Assert.False(store.Remove("a"));
        Assert.Equal(ConversationEvictionCause.Removed, Assert.Single(_evicted.Items).Cause);
        store.Append("a", "new");

        Assert.Equal(AppendResult.Closed, old.Append(Stores.User("too late")));
        Assert.Equal(AppendResult.Closed, old.SetSummary(Stores.User("too late"), 0));
        Assert.Equal(["old"], old.Snapshot().Select(m => m.Text));
        Assert.Equal(["new"], store.TextsOf("a"));
        ConversationStoreStatistics s = store.Verify();
        Assert.Equal((2, 1, 1, 2), (s.MessagesAppended, s.MessagesLeft, s.Messages, s.RejectedClosed));
        old.Dispose();
        store.Trim(long.MaxValue);
        Assert.Equal(store.Verify().OverheadBytes, store.Bytes);
    }

    [Fact]
    public void ClearAndDispose_LeavesTellTheirCause_AndLeasesCanStillRead()
    {
        using var budget = new MemoryBudget(10_000_000);
        ConversationStore<string, ConversationMessage> store = Create(o => o.Budget = budget);
        store.Append("a", "1", "2");
        store.Append("b", "1");
        store.Clear();
        Assert.Equal([ConversationEvictionCause.Cleared, ConversationEvictionCause.Cleared], _evicted.Take().Select(e => e.Cause));
        Assert.Equal((0, 2, 3), (store.Count, store.Verify().Cleared, store.Statistics.MessagesLeft));
        store.Append("a", "3");
        ConversationLease<ConversationMessage> lease = store.Acquire("a");
        store.Dispose();
        store.Dispose();
        Assert.Equal(("a", ConversationEvictionCause.Disposed, 1), (_evicted.Items[0].Key, _evicted.Items[0].Cause, _evicted.Items[0].Messages));
        Assert.Equal(AppendResult.Closed, lease.Append(Stores.User("too late")));
        Assert.Equal(["3"], lease.Snapshot().Select(m => m.Text));
        Assert.True(budget.Used > 0);
        lease.Dispose();
        Assert.Equal((0, 0), (budget.Used, store.Statistics.Leases));
        Assert.Throws<ObjectDisposedException>(() => store.TryAcquire("a", out _));
        Assert.Throws<ObjectDisposedException>(() => store.AcquireAsync("a").AsTask().Wait());
        Assert.Throws<ObjectDisposedException>(() => store.Remove("a"));
        Assert.Throws<ObjectDisposedException>(() => store.Trim(1));
        Assert.Throws<ObjectDisposedException>(() => store.TryResize(1_000_000));
        Assert.Throws<ObjectDisposedException>(store.Clear);
        Assert.Throws<ObjectDisposedException>(() => { _ = store.FlushAsync(); });
    }

    [Fact]
    public void Trim_GivesBackWhatIsAskedFor_TheLeastRecentlyUsedFirst()
    {
        using ConversationStore<string, ConversationMessage> store = Create();
        for (int i = 0; i < 10; i++)
        {
            store.Append($"{i}", new string('x', 1000));
        }

        using ConversationLease<ConversationMessage> lease = store.Acquire("0");
        long before = store.Bytes;
        long freed = ((IMemoryReclaimer)store).Reclaim(5000);
        Assert.InRange(freed, 5000, 9000);
        Assert.Equal(before - freed, store.Bytes);
        Assert.Equal(["1", "2"], _evicted.Items.Select(e => e.Key));
        Assert.All(_evicted.Items, e => Assert.Equal(ConversationEvictionCause.Trimmed, e.Cause));
        Assert.Equal((ReclaimPriority.Conversation, store.Bytes), (((IMemoryReclaimer)store).Priority, ((IMemoryReclaimer)store).UsedBytes));
        long reclaimable = ((IMemoryReclaimer)store).ReclaimableBytes;
        Assert.Equal(reclaimable, store.Trim(long.MaxValue));
        Assert.Equal((1, 0), (store.Verify().Count, ((IMemoryReclaimer)store).ReclaimableBytes));
    }

    [Fact]
    public void TryResize_BelowWhatIsInUse_LetsConversationsGoFirst()
    {
        using ConversationStore<string, ConversationMessage> store = Create(o => o.Window.MaxBytes = 20_000);
        for (int i = 0; i < 50; i++)
        {
            store.Append($"{i}", new string('x', 4000));
        }

        Assert.True(store.TryResize(100_000, 20));
        Assert.Equal((100_000, 20), (store.MaxBytes, store.MaxConversations));
        Assert.InRange(store.Bytes, 50_000, 100_000);
        Assert.InRange(store.Count, 5, 20);
        Assert.Equal(Enumerable.Range(0, 50 - (int)store.Count).Select(i => $"{i}"), _evicted.Items.Select(e => e.Key));
        store.Verify();
    }

    [Fact]
    public void Evicted_Throws_IsCountedAndChangesNothing()
    {
        using ConversationStore<string, ConversationMessage> store = Stores.Create(o => (o.MaxConversations, o.Evicted) = (1, _ => throw new InvalidOperationException()));
        store.Append("a", "1");
        store.Append("b", "1");
        Assert.Equal((1, 1, 1), (store.Count, store.Statistics.EvictedCapacity, store.Statistics.CallbackFailures));
    }

    [Fact]
    public void Dropped_SaysWhoseTheMessagesAre_AndEachOnce()
    {
        var dropped = new Log<(string Key, string Text)>();
        using ConversationStore<string, ConversationMessage> store = Stores.Create(o =>
            (o.Window.MaxMessages, o.Window.FullContentCount, o.Dropped) = (4, 2, (key, messages) => messages.ToList().ForEach(m => dropped.Add((key, m.Message.Text)))));
        for (int i = 0; i < 10; i++)
        {
            store.Append("a", $"a{i}");
            store.Append("b", $"b{i}");
        }

        Assert.Equal(Enumerable.Range(0, 8).SelectMany(i => new[] { ("a", $"a{i}"), ("b", $"b{i}") }), dropped.Items);
        store.Clear();
        Assert.Equal(16, dropped.Items.Count);
    }

    [Fact]
    public void Evicted_CallsBackIntoTheStore_IsUnderNoLock()
    {
        ConversationStore<string, ConversationMessage>? store = null;
        store = Stores.Create(o =>
        {
            o.MaxBytes = 200_000;
            o.Evicted = e =>
            {
                if (!e.Key.StartsWith('+'))
                {
                    // On another thread: a lock held by this one would be noticed.
                    Patience.OnThread(() => store!.Append("+" + e.Key, "gone")).Soon().GetAwaiter().GetResult();
                }
            };
        });
        using (store)
        {
            for (int i = 0; i < 40; i++)
            {
                store.Append($"{i}", new string('x', 6000));
            }

            ConversationStoreStatistics s = store.Verify();
            Assert.True(s.EvictedCapacity > 10 && s.Added > 50, $"{s}");
        }
    }

    [Fact]
    public void Metrics_OfTheCacheBelow_AreNotReported()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using ConversationStore<string, ConversationMessage> store = Stores.Create(o => o.MeterFactory = meters.Factory);
        store.Append("a", "1");
        Assert.All(reading.Take(), measured => Assert.StartsWith("bounded_memory.conversation.", measured.Instrument, StringComparison.Ordinal));
    }

    private ConversationStore<string, ConversationMessage> Create(Action<ConversationStoreOptions<string, ConversationMessage>>? change = null) => Stores.Create(o =>
    {
        (o.TimeProvider, o.Evicted) = (_clock, _evicted.Add);
        change?.Invoke(o);
    });
}
