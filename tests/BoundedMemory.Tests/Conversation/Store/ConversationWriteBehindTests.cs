using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Store;

/// <summary>What is appended gets to the sink, whatever happens to it, and nothing unsaved leaves.</summary>
public sealed class ConversationWriteBehindTests : IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _clock = new();
    private readonly Log<EvictedConversation<string>> _evicted = new();
    private readonly RecordingStorage<string, ConversationMessage> _storage = new();
    private readonly MemoryBudget _budget = new(100_000_000);

    public void Dispose()
    {
        Assert.False(_storage.HasOverlapped);
        Assert.Equal(0, _budget.Used);
    }

    [Fact]
    public async Task Append_WithASink_IsWrittenInOrderAndThenMayLeave()
    {
        using ConversationStore<string, ConversationMessage> store = Create();
        for (int i = 0; i < 30; i++)
        {
            store.Append($"{i % 3}", $"{i}");
        }

        await store.FlushAsync().Soon();
        foreach (int key in Enumerable.Range(0, 3))
        {
            IReadOnlyList<StoredMessage<ConversationMessage>> messages = _storage.MessagesOf($"{key}");
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{(3 * i) + key}"), messages.Select(m => m.Message.Text));
            Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), messages.Select(m => m.Metadata.Sequence));
            long[] written = [.. _storage.Writes.Where(w => w.Key == $"{key}").SelectMany(w => w.Appended).Select(m => m.Metadata.Sequence)];
            Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), written);
        }

        ConversationStoreStatistics s = store.Verify(hasSink: true);
        Assert.Equal((30, 0, 0, 0), (s.SinkWritten, s.SinkPending, s.Unsaved, s.Lost));
        store.Trim(long.MaxValue);
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public async Task Unsaved_DoesNotLeaveForRoomTimeOrMemory_UntilItIsWritten()
    {
        var written = new TaskCompletionSource();
        _storage.OnWrite = (_, _) => new ValueTask(written.Task);
        using ConversationStore<string, ConversationMessage> store = Create(o => (o.MaxConversations, o.IdleTimeout) = (2, TimeSpan.FromMinutes(1)));
        store.Append("a", "1");
        store.Append("b", "1");

        Assert.Equal(0, store.Trim(long.MaxValue));
        _clock.Advance(TimeSpan.FromMinutes(10));
        await Assert.ThrowsAsync<MemoryBudgetExceededException>(() => store.AcquireAsync("c").AsTask());
        Assert.Equal((2, 2, 2), (store.Count, store.Verify(hasSink: true).Unsaved, store.Statistics.SinkPending));
        Assert.Empty(_evicted.Items);

        written.SetResult();
        await store.FlushAsync().Soon();
        store.Append("c", "1");
        Assert.Equal(("a", ConversationEvictionCause.Capacity), (_evicted.Items[0].Key, _evicted.Items[0].Cause));
        await store.FlushAsync().Soon();
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((0, 0), (store.Count, store.Verify(hasSink: true).Unsaved));
        Assert.All(_evicted.Items, e => Assert.Equal(0, e.UnsavedMessages));
    }

    [Fact]
    public async Task Backlog_Full_RefusesUntilTheSinkHasCaughtUp()
    {
        var written = new TaskCompletionSource();
        _storage.OnWrite = (_, _) => new ValueTask(written.Task);
        using ConversationStore<string, ConversationMessage> store = Create(o => o.MaxPendingMessages = 5);
        using ConversationLease<ConversationMessage> a = store.Acquire("a");
        using ConversationLease<ConversationMessage> b = store.Acquire("b");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(AppendResult.Appended, (i % 2 == 0 ? a : b).Append(Stores.User($"{i}")));
        }

        long bytes = store.Bytes;
        Assert.Equal(AppendResult.Backlogged, a.Append(Stores.User("6"), out long sequence));
        Assert.Equal((-1, 3, 3, bytes), (sequence, a.NextSequence, a.Snapshot().Count, store.Bytes));
        Assert.Equal((5, 1), (store.Verify(hasSink: true).SinkPending, store.Statistics.RejectedBacklogged));
        written.SetResult();
        await store.FlushAsync().Soon();
        Assert.Equal(AppendResult.Appended, a.Append(Stores.User("6")));
        await store.FlushAsync().Soon();
        Assert.Equal(["0", "2", "4", "6"], _storage.MessagesOf("a").Select(m => m.Message.Text));
    }

    [Fact]
    public async Task Sink_FailsForAMinute_IsLeftAloneBetweenRetriesAndLosesNothing()
    {
        int calls = 0;
        bool fails = true;
        _storage.OnWrite = (_, _) =>
        {
            Interlocked.Increment(ref calls);
            return Volatile.Read(ref fails) ? ValueTask.FromException(new IOException("down")) : default;
        };
        using ConversationStore<string, ConversationMessage> store = Create();
        store.Append("a", "1", "2");
        Patience.Until(() => store.Statistics.SinkFailures == 1);
        for (int second = 1; second <= 60; second++)
        {
            store.Append(second % 2 == 0 ? "a" : "b", $"{second}");
            _clock.Advance(TimeSpan.FromSeconds(1));
            long expected = 1 + (second / 5);
            Patience.Until(() => store.Statistics.SinkFailures == expected);
            Assert.Equal(expected, Volatile.Read(ref calls));
            Assert.Equal("down", Assert.IsType<IOException>(store.Statistics.SinkFault).Message);
            Assert.Equal(0, store.Trim(long.MaxValue));
        }

        Assert.Equal((62, 0, 2), (store.Verify(hasSink: true).SinkPending, store.Statistics.SinkWritten, store.Statistics.Unsaved));
        Volatile.Write(ref fails, false);
        _clock.Advance(Delay);
        Patience.Until(() => store.Statistics.SinkPending == 0);
        ConversationStoreStatistics s = store.Verify(hasSink: true);
        Assert.Equal((62, 0, 13), (s.SinkWritten, s.Lost, s.SinkFailures));
        Patience.Until(() => store.Statistics is { SinkFault: null, SinkWritten: 62 });
        Assert.Equal(["1", "2", .. Enumerable.Range(1, 30).Select(i => $"{2 * i}")], _storage.MessagesOf("a").Select(m => m.Message.Text));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{(2 * i) + 1}"), _storage.MessagesOf("b").Select(m => m.Message.Text));
        await store.FlushAsync().Soon();
    }

    [Fact]
    public async Task Sink_FailsForOneConversation_OthersAreWritten()
    {
        _storage.OnWrite = (write, _) => write.Key == "bad" ? throw new InvalidOperationException("poison") : default;
        using ConversationStore<string, ConversationMessage> store = Create();
        store.Append("bad", "1");
        Patience.Until(() => store.Statistics.SinkFailures == 1);
        for (int i = 0; i < 20; i++)
        {
            store.Append($"{i}", "1");
        }

        _clock.Advance(Delay);
        Patience.Until(() => store.Statistics is { SinkWritten: 20, SinkPending: 1, SinkFailures: >= 2 });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => store.FlushAsync().Soon());
        Assert.Equal("poison", error.Message);
        Assert.Equal(1, store.Verify(hasSink: true).Unsaved);
        Assert.True(store.Remove("bad"));
        await store.FlushAsync().Soon();
        Assert.Equal(1, store.Verify(hasSink: true).Lost);
    }

    [Fact]
    public async Task FlushAsync_AfterAFailure_TriesAtOnceAndThrowsWhatTheSinkThrows()
    {
        bool fails = true;
        _storage.OnWrite = (_, _) => Volatile.Read(ref fails) ? throw new IOException("down") : default;
        using ConversationStore<string, ConversationMessage> store = Create();
        await store.FlushAsync().Soon();
        store.Append("a", "1");
        await Assert.ThrowsAsync<IOException>(() => store.FlushAsync().Soon());
        Volatile.Write(ref fails, false);
        await store.FlushAsync().Soon();
        Assert.Equal(1, store.Verify(hasSink: true).SinkWritten);
        Assert.Null(store.Statistics.SinkFault);
    }

    [Fact]
    public async Task FlushAsync_Cancelled_EndsTheWaitingAndNotTheWriting()
    {
        var written = new TaskCompletionSource();
        _storage.OnWrite = (_, _) => new ValueTask(written.Task);
        using ConversationStore<string, ConversationMessage> store = Create();
        store.Append("a", "1");
        using var cancel = new CancellationTokenSource();
        Task flush = store.FlushAsync(cancel.Token);
        Task patient = store.FlushAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush.Soon());
        Assert.False(patient.IsCompleted);
        written.SetResult();
        await patient.Soon();
        Assert.Equal(1, store.Verify(hasSink: true).SinkWritten);
    }

    [Fact]
    public async Task FlushAsync_WhileMoreIsAppended_WaitsForWhatThereWasOnly()
    {
        var gates = new Queue<TaskCompletionSource>([new(), new()]);
        TaskCompletionSource[] all = [.. gates];
        _storage.OnWrite = (_, _) => new ValueTask(gates.Count > 0 ? gates.Dequeue().Task : Task.CompletedTask);
        using ConversationStore<string, ConversationMessage> store = Create();
        store.Append("a", "1");
        Patience.Until(() => Volatile.Read(ref gates) is { Count: 1 });
        Task first = store.FlushAsync();
        store.Append("a", "2");
        Task second = store.FlushAsync();
        all[0].SetResult();
        await first.Soon();
        Assert.False(second.IsCompleted);
        all[1].SetResult();
        await second.Soon();
        Assert.Equal(["1", "2"], _storage.MessagesOf("a").Select(m => m.Message.Text));
    }

    [Fact]
    public async Task Dispose_Unsaved_IsLostAndCountedAndTold()
    {
        var writing = new TaskCompletionSource();
        _storage.OnWrite = async (_, cancel) =>
        {
            writing.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancel);
        };
        ConversationStore<string, ConversationMessage> store = Create();
        store.Append("a", "1");
        await writing.Task.Soon();
        store.Append("a", "2");
        store.Append("b", "1", "2", "3");
        Task flush = store.FlushAsync();
        store.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => flush.Soon());
        Patience.Until(() => store.Statistics.SinkPending == 0);
        ConversationStoreStatistics s = store.Statistics;
        Assert.Equal((5, 0, 5), (s.MessagesAppended, s.SinkWritten, s.Lost));
        Assert.Equal([("a", 2L), ("b", 3L)], _evicted.Items.Select(e => (e.Key, e.UnsavedMessages)).Order());
        Patience.Until(() => _budget.Used == 0);
        Assert.Equal(0, _clock.Timers);
    }

    [Fact]
    public async Task DisposeAsync_WritesFirst_AndDoesNotFailIfItCannot()
    {
        ConversationStore<string, ConversationMessage> store = Create();
        store.Append("a", "1");
        await store.DisposeAsync();
        await store.DisposeAsync();
        Assert.Equal((1, 0), (store.Statistics.SinkWritten, store.Statistics.Lost));

        _storage.OnWrite = (_, _) => throw new IOException();
        ConversationStore<string, ConversationMessage> other = Create();
        other.Append("b", "1");
        await other.DisposeAsync();
        Assert.Equal((0, 1), (other.Statistics.SinkWritten, other.Statistics.Lost));
    }

    [Fact]
    public async Task Remove_WhileItIsBeingWritten_CountsWhatArrivesAsWritten()
    {
        var writing = new TaskCompletionSource();
        var written = new TaskCompletionSource();
        _storage.OnWrite = (_, _) =>
        {
            writing.TrySetResult();
            return new ValueTask(written.Task);
        };
        using ConversationStore<string, ConversationMessage> store = Create();
        store.Append("a", "1", "2");
        await writing.Task.Soon();
        int flying = (int)store.Statistics.SinkPending;
        store.Append("a", "3");
        Task flush = store.FlushAsync();
        Assert.True(store.Remove("a"));
        await flush.Soon();
        Assert.Equal(3, _evicted.Items[0].UnsavedMessages);
        written.SetResult();
        Patience.Until(() => store.Statistics is { SinkPending: 0 } s && s.SinkWritten + s.Lost == 3);
        Assert.InRange(store.Statistics.SinkWritten, 1, flying);
        store.Verify(hasSink: true);
    }

    [Fact]
    public void MarkSaved_SourceWithoutASink_LetsTheConversationGoOnceAllIsSaved()
    {
        using ConversationStore<string, ConversationMessage> store = Create(o => (o.Sink, o.MaxConversations) = (null, 1));
        using (ConversationLease<ConversationMessage> lease = store.Acquire("a"))
        {
            lease.MarkSaved(-1);
            lease.Append(Stores.User("1"));
            lease.Append(Stores.User("2"));
            lease.MarkSaved(0);
        }

        Assert.Equal((0, 1), (store.Trim(long.MaxValue), store.Statistics.Unsaved));
        using (ConversationLease<ConversationMessage> lease = store.Acquire("a"))
        {
            Assert.Throws<ArgumentOutOfRangeException>("throughSequence", () => lease.MarkSaved(2));
            lease.MarkSaved(1);
            lease.Append(Stores.User("3"));
            lease.MarkSaved(2);
        }

        Assert.Equal(0, store.Statistics.Unsaved);
        Assert.True(store.Trim(long.MaxValue) > 0);
        using (ConversationLease<ConversationMessage> lease = store.Acquire("b"))
        {
            lease.Append(Stores.User("1"));
            lease.Append(Stores.User("2"));
            lease.MarkSaved(0);
        }

        store.Remove("b");
        Assert.Equal((1, 1), (_evicted.Items[^1].UnsavedMessages, store.Verify().Lost));
    }

    [Fact]
    public void MarkSaved_WithASink_Throws()
    {
        using ConversationStore<string, ConversationMessage> store = Create();
        using ConversationLease<ConversationMessage> lease = store.Acquire("a");
        Assert.Throws<InvalidOperationException>(() => lease.MarkSaved(-1));
    }

    [Fact]
    public async Task Pending_IsChargedUntilItIsWritten()
    {
        var written = new TaskCompletionSource();
        _storage.OnWrite = (_, _) => new ValueTask(written.Task);
        using ConversationStore<string, ConversationMessage> store = Create(o => o.Window.MaxMessages = 2);
        store.Append("a", "1", "2");
        long before = store.Bytes;
        string text = new('x', 10_000);
        using (ConversationLease<ConversationMessage> lease = store.Acquire("a"))
        {
            for (int i = 0; i < 5; i++)
            {
                lease.Append(Stores.User(text + i));
            }
        }

        // The window holds two of them; all five wait.
        Assert.InRange(store.Bytes - before, 138_000, 144_000);
        written.SetResult();
        await store.FlushAsync().Soon();
        Assert.InRange(store.Bytes - before, 39_000, 43_000);
    }

    private ConversationStore<string, ConversationMessage> Create(Action<ConversationStoreOptions<string, ConversationMessage>>? change = null) => Stores.Create(o =>
    {
        (o.TimeProvider, o.Evicted, o.Source, o.Sink, o.SinkRetryDelay, o.Budget) = (_clock, _evicted.Add, _storage, _storage, Delay, _budget);
        change?.Invoke(o);
    });
}
