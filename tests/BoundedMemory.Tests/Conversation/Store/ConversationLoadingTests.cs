using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Store;

/// <summary>Metadata first, then the contents that are kept; whatever a source does, nothing of it stays that cannot be.</summary>
public sealed class ConversationLoadingTests : IDisposable
{
    private readonly MemoryBudget _budget = new(100_000_000);
    private readonly RecordingStorage<string, ConversationMessage> _storage = new();

    public void Dispose() => Assert.Equal(0, _budget.Used);

    [Fact]
    public async Task AcquireAsync_NotResident_FetchesTheContentsOfTheNewestAndOfPinnedOnesOnly()
    {
        await Save("a", [new ConversationMessage(MessageRole.System, "s"), Stores.User("1") with { IsPinned = true }, .. Turns(20)]);
        _storage.IgnoresRetained = true;
        using ConversationStore<string, ConversationMessage> store = Create(o => (o.Window.MaxMessages, o.Window.FullContentCount) = (10, 3));
        using ConversationLease<ConversationMessage> lease = store.Acquire("a");

        // System, pinned, and of the eight that fit besides the last three with their content; 42 messages in all.
        Assert.Equal([0, 1, 39, 40, 41], Assert.Single(_storage.Fetched).Sequences);
        ConversationSnapshot<ConversationMessage> snapshot = lease.Snapshot();
        Assert.Equal([0, 1, .. Enumerable.Range(34, 8)], snapshot.Metadata.ToArray().Select(m => (int)m.Sequence));
        Assert.Equal(["s", "1"], snapshot.Take(2).Select(m => m.Text));
        Assert.Equal(["a 18", "u 19", "a 19"], snapshot.TakeLast(3).Select(m => m.Text));
        Assert.All(snapshot.Metadata.ToArray()[2..^3], m => Assert.False(m.HasContent));
        Assert.Equal(42, lease.NextSequence);
        Assert.Equal((1, 0, 10, 0, 0), (store.Verify().Loads, store.Statistics.LoadFailures, store.Statistics.MessagesLoaded, store.Statistics.MessagesAppended, store.Statistics.Unsaved));
    }

    [Fact]
    public async Task AcquireAsync_GroupCutByTheCount_FetchesNothingOfIt()
    {
        ConversationMessage call = Stores.Assistant("call") with { ToolCalls = [new ToolCall("x", "f")] };
        ConversationMessage result = new(MessageRole.Tool, "result") { ToolCalls = [new ToolCall("x")] };
        await Save("a", Stores.User("1"), call, result, Stores.Assistant("2"), Stores.User("3"), Stores.Assistant("4"));
        _storage.IgnoresRetained = true;
        using ConversationStore<string, ConversationMessage> store = Create(o => o.Window.MaxMessages = 4);
        Assert.Equal(["3", "4"], store.TextsOf("a"));
        Assert.Equal([4, 5], Assert.Single(_storage.Fetched).Sequences);
    }

    [Fact]
    public async Task AcquireAsync_NothingThere_BeginsEmptyAndAsksForNoContent()
    {
        using ConversationStore<string, ConversationMessage> store = Create();
        using ConversationLease<ConversationMessage> lease = await store.AcquireAsync("new");
        Assert.Equal((0, 0), (lease.Snapshot().Count, lease.NextSequence));
        Assert.Empty(_storage.Fetched);
        Assert.Equal(1, _storage.Reads);
    }

    [Fact]
    public async Task Reload_AfterTheNewestWereDropped_GoesOnWithTheNextNumber()
    {
        using ConversationStore<string, ConversationMessage> store = Create(o => (o.Sink, o.Window.MaxMessages) = (_storage, 3));
        using (ConversationLease<ConversationMessage> lease = store.Acquire("a"))
        {
            lease.Append(Stores.User("1"));
            lease.Append(Stores.Assistant("call") with { ToolCalls = [new ToolCall("x", "f"), new ToolCall("y", "f"), new ToolCall("z", "f")] });
            foreach (string id in new[] { "x", "y" })
            {
                Assert.Equal(AppendResult.Appended, lease.Append(new ConversationMessage(MessageRole.Tool, id) { ToolCalls = [new ToolCall(id)] }));
            }

            Assert.Equal(AppendResult.TooLarge, lease.Append(new ConversationMessage(MessageRole.Tool, "z") { ToolCalls = [new ToolCall("z")] }));
            Assert.Equal(4, lease.NextSequence);
        }

        string[] before = store.TextsOf("a");
        await store.FlushAsync().Soon();
        Assert.True(store.Trim(long.MaxValue) > 0);
        Assert.Equal(before, store.TextsOf("a"));
        using (ConversationLease<ConversationMessage> lease = store.Acquire("a"))
        {
            Assert.Equal(AppendResult.Appended, lease.Append(Stores.User("2"), out long sequence));
            Assert.Equal(4, sequence);
        }

        await store.FlushAsync().Soon();
        Assert.Equal(["1", "call", "x", "y", "2"], _storage.MessagesOf("a").Select(m => m.Message.Text));
    }

    [Fact]
    public async Task Reload_WithASummary_HasItAgain()
    {
        using ConversationStore<string, ConversationMessage> store = Create(o => (o.Sink, o.Window.MaxMessages) = (_storage, 4));
        using (ConversationLease<ConversationMessage> lease = store.Acquire("a"))
        {
            foreach (ConversationMessage message in Turns(4))
            {
                lease.Append(message);
            }

            await store.FlushAsync().Soon();
            Assert.Equal(AppendResult.Appended, lease.SetSummary(new ConversationMessage(MessageRole.System, "in short"), 5));
        }

        string[] before = store.TextsOf("a");
        Assert.Contains("in short", before);
        await store.FlushAsync().Soon();
        Assert.True(store.Trim(long.MaxValue) > 0);
        Assert.Equal(0, store.Count);
        Assert.Equal(before, store.TextsOf("a"));
        store.Verify(hasSink: true);
    }

    [Fact]
    public async Task Reload_NewestTruncatedForWhatHasLeftSince_IsTruncatedAgain()
    {
        using ConversationStore<string, ConversationMessage> store = Create(o => (o.Sink, o.Window.MaxBytes, o.Window.Content) = (_storage, 4096, new TextTruncation(40)));
        using (ConversationLease<ConversationMessage> lease = store.Acquire("a"))
        {
            lease.Append(Stores.User("1"));
            Assert.Equal(AppendResult.Appended, lease.SetSummary(new ConversationMessage(MessageRole.System, new string('s', 1000)), 0));
            Assert.Equal(AppendResult.Appended, lease.Append(Stores.User(new string('x', 700))));
            Assert.Equal(40, lease.Snapshot()[^1].Text.Length);
            Assert.Equal(AppendResult.Appended, lease.SetSummary(new ConversationMessage(MessageRole.System, "short"), 1));
        }

        string[] before = store.TextsOf("a");
        await store.FlushAsync().Soon();
        Assert.True(store.Trim(long.MaxValue) > 0);
        Assert.Equal(before, store.TextsOf("a"));
        Assert.Equal(700, _storage.MessagesOf("a")[1].Message.Text.Length);
    }

    public static TheoryData<string, MessageMetadata[]?, string> Garbage => new()
    {
        { "null", null, "no list of metadata" },
        { "negative", [At(-1)], "metadata 0 of 1 with the sequence -1, where it must be above -1" },
        { "unordered", [At(3), At(2)], "metadata 1 of 2 with the sequence 2, where it must be above 3" },
        { "twice", [At(3), At(3)], "metadata 1 of 2 with the sequence 3" },
        { "too high", [At(long.MaxValue)], "the sequence 9223372036854775807" },
        { "role", [At(0) with { Description = new((MessageRole)9) }], "the role 9" },
        { "kind", [At(0) with { Description = new(MessageRole.User, (MessageKind)(-1)) }], "the kind -1" },
        { "negative bytes", [At(0) with { ContentBytes = -1 }], "-1 bytes of content" },
        { "absurd bytes", [At(0) with { ContentBytes = long.MaxValue }], "9223372036854775807 bytes of content" },
        { "absurd calls", [At(0) with { Description = new(MessageRole.Assistant, MessageKind.Call, new ToolCall[10_001]) }], "10001 tool calls" },
        { "too many", [.. Enumerable.Range(0, 12).Select(i => At(i))], "metadata of 12 messages that are not pinned, where at most 11 were asked for" },
        { "far too many", [.. Enumerable.Range(0, 22).Select(i => At(i))], "metadata of 22 messages, where at most 11" },
        { "pinned without content", [At(0) with { Description = new(MessageRole.System), HasContent = false }], "pinned and has no content" },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task AcquireAsync_GarbageMetadata_IsRefusedAndLeavesNoTrace(string what, MessageMetadata[]? metadata, string message)
    {
        Assert.NotEmpty(what);
        var source = new FakeSource { Metadata = metadata! };
        using ConversationStore<string, ConversationMessage> store = Create(o => o.Source = source);
        await FailsWithoutTrace<InvalidDataException>(store, message);
    }

    [Fact]
    public async Task AcquireAsync_GarbageContentsOrState_IsRefusedAndLeavesNoTrace()
    {
        var source = new FakeSource { Metadata = [At(0), At(1)] };
        using ConversationStore<string, ConversationMessage> store = Create(o => o.Source = source);
        foreach ((ConversationMessage[]? contents, string message) in new (ConversationMessage[]?, string)[]
        {
            (null, "0 messages, where 2 were asked for"),
            ([Stores.User("secret")], "1 messages, where 2 were asked for"),
            ([Stores.User("secret"), Stores.User("secret"), Stores.User("secret")], "3 messages, where 2 were asked for"),
            ([Stores.User("secret"), null!], "null for message 1"),
        })
        {
            source.Contents = contents!;
            await FailsWithoutTrace<InvalidDataException>(store, message);
        }

        source.Contents = [Stores.User("1"), Stores.User("2")];
        foreach (ConversationState<ConversationMessage> state in new ConversationState<ConversationMessage>[]
        {
            new(1), new(-1), new(long.MaxValue), new(2, Stores.User("secret"), 2), new(2, null, 0),
        })
        {
            source.State = state;
            await FailsWithoutTrace<InvalidDataException>(store, "returned");
        }

        source.State = null;
        Assert.Equal(["1", "2"], store.TextsOf("key of a user"));
        Assert.Equal((10, 9), (store.Verify().Loads, store.Statistics.LoadFailures));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AcquireAsync_ThrowingSource_LeavesNoTraceAndMayBeAskedAgain(int where)
    {
        await Save("key of a user", Turns(3));
        using ConversationStore<string, ConversationMessage> store = Create();
        SetHook(where, (_, _) => throw new IOException("no disk"));
        await FailsWithoutTrace<IOException>(store, "no disk");
        SetHook(where, null);
        Assert.Equal(6, store.TextsOf("key of a user").Length);
        Assert.Equal((2, 1), (store.Verify().Loads, store.Statistics.LoadFailures));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AcquireAsync_CancelledAtAnAwait_LeavesTheOthersWaitingAndNoTraceIfItWasTheLast(int where)
    {
        await Save("a", Turns(3));
        using ConversationStore<string, ConversationMessage> store = Create();
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        SetHook(where, async (_, cancel) =>
        {
            reached.TrySetResult();
            await goOn.Task.WaitAsync(cancel);
        });

        using var cancelFirst = new CancellationTokenSource();
        using var cancelSecond = new CancellationTokenSource();
        Task<ConversationLease<ConversationMessage>> first = store.AcquireAsync("a", cancelFirst.Token).AsTask();
        await reached.Task.Soon();
        Task<ConversationLease<ConversationMessage>> second = store.AcquireAsync("a", cancelSecond.Token).AsTask();
        await cancelFirst.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Soon());
        Assert.False(second.IsCompleted);
        goOn.SetResult();
        using (ConversationLease<ConversationMessage> lease = await second.Soon())
        {
            Assert.Equal(6, lease.Snapshot().Count);
        }

        Assert.Equal((1, 0, 0), (store.Verify().Loads, store.Statistics.LoadFailures, store.Statistics.Leases));
        store.Clear();
        reached = new TaskCompletionSource();
        goOn = new TaskCompletionSource();
        long before = store.Bytes;
        using var cancelBoth = new CancellationTokenSource();
        Task<ConversationLease<ConversationMessage>>[] both = [store.AcquireAsync("a", cancelBoth.Token).AsTask(), store.AcquireAsync("a", cancelBoth.Token).AsTask()];
        await reached.Task.Soon();
        await cancelBoth.CancelAsync();
        foreach (Task<ConversationLease<ConversationMessage>> task in both)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.Soon());
        }

        Patience.Until(() => store.Statistics.LoadFailures == 1);
        Assert.Equal((0, 0, before, 0), (store.Verify().Leases, store.Count, store.Bytes, store.Cache.Statistics.Leases));
    }

    [Fact]
    public async Task AcquireAsync_ManyAtOnce_LoadOnce()
    {
        await Save("a", Turns(3));
        var goOn = new TaskCompletionSource();
        _storage.OnReadMetadata = (_, _) => new ValueTask(goOn.Task);
        int before = _storage.Reads;
        using ConversationStore<string, ConversationMessage> store = Create();
        Task<ConversationLease<ConversationMessage>>[] all = [.. Enumerable.Range(0, 20).Select(_ => store.AcquireAsync("a").AsTask())];
        goOn.SetResult();
        ConversationLease<ConversationMessage>[] leases = await Task.WhenAll(all).Soon();
        Assert.Equal(AppendResult.Closed, AppendAfterRemoval(store, leases[0]));
        Assert.Equal((1, 1), (_storage.Reads - before, store.Statistics.Loads));
        Assert.Equal(20, store.Verify().Leases);
        Assert.All(leases, lease => lease.Dispose());
        Assert.Equal((0, 0), (store.Statistics.Leases, store.Cache.Statistics.Leases));

        static AppendResult AppendAfterRemoval(ConversationStore<string, ConversationMessage> store, ConversationLease<ConversationMessage> lease)
        {
            store.Remove("a");
            return lease.Append(Stores.User("late"));
        }
    }

    [Fact]
    public async Task AcquireAsync_RemovedWhileItIsLoaded_LoadsAgain()
    {
        var goOn = new TaskCompletionSource();
        _storage.OnReadMetadata = (_, _) => new ValueTask(goOn.Task);
        using ConversationStore<string, ConversationMessage> store = Create();
        Task<ConversationLease<ConversationMessage>> acquiring = store.AcquireAsync("a").AsTask();
        Assert.False(store.Remove("a"));
        goOn.SetResult();
        using (ConversationLease<ConversationMessage> lease = await acquiring.Soon())
        {
            Assert.True(store.TryAcquire("a", out ConversationLease<ConversationMessage>? same));
            Assert.Same(lease.Snapshot(), same.Snapshot());
            same.Dispose();
        }

        Assert.Equal((2, 1), (store.Verify().Loads, store.Count));
    }

    [Fact]
    public async Task AcquireAsync_DisposedWhileItIsLoaded_Throws()
    {
        var goOn = new TaskCompletionSource();
        _storage.OnReadMetadata = (_, _) => new ValueTask(goOn.Task);
        ConversationStore<string, ConversationMessage> store = Create();
        Task<ConversationLease<ConversationMessage>> acquiring = store.AcquireAsync("a").AsTask();
        store.Dispose();
        goOn.SetResult();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => acquiring.Soon());
    }

    private static MessageMetadata At(long sequence) => new(sequence, new MessageDescription(MessageRole.User), default);

    private static ConversationMessage[] Turns(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(i => new[] { Stores.User($"u {i}"), Stores.Assistant($"a {i}") })];

    private static async Task FailsWithoutTrace<TException>(ConversationStore<string, ConversationMessage> store, string message)
        where TException : Exception
    {
        (long bytes, long failures) = (store.Bytes, store.Statistics.LoadFailures);
        var error = await Assert.ThrowsAsync<TException>(() => store.AcquireAsync("key of a user").AsTask());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("user", error.Message.Replace("users", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal((bytes, 0, 0, failures + 1), (store.Bytes, store.Verify().Count, store.Statistics.Leases, store.Statistics.LoadFailures));
    }

    private void SetHook(int where, Func<string, CancellationToken, ValueTask>? hook) =>
        (_storage.OnReadMetadata, _storage.OnReadState, _storage.OnReadContent) = (where == 0 ? hook : null, where == 1 ? hook : null, where == 2 ? hook : null);

    /// <summary>Writes a conversation through a store of its own.</summary>
    private async Task Save(string key, params ConversationMessage[] messages)
    {
        await using ConversationStore<string, ConversationMessage> store = Create(o => o.Sink = _storage);
        using ConversationLease<ConversationMessage> lease = store.Acquire(key);
        foreach (ConversationMessage message in messages)
        {
            Assert.Equal(AppendResult.Appended, lease.Append(message));
        }

        await store.FlushAsync().Soon();
    }

    private ConversationStore<string, ConversationMessage> Create(Action<ConversationStoreOptions<string, ConversationMessage>>? change = null) => Stores.Create(o =>
    {
        (o.Source, o.Budget) = (_storage, _budget);
        change?.Invoke(o);
    });

    private sealed class FakeSource : IConversationSource<string, ConversationMessage>
    {
        public IReadOnlyList<MessageMetadata> Metadata { get; set; } = [];

        public IReadOnlyList<ConversationMessage> Contents { get; set; } = [];

        public ConversationState<ConversationMessage>? State { get; set; }

        public ValueTask<IReadOnlyList<MessageMetadata>> ReadMetadataAsync(string key, int newest, CancellationToken cancellationToken) => new(Metadata);

        public ValueTask<IReadOnlyList<ConversationMessage>> ReadContentAsync(string key, ReadOnlyMemory<long> sequences, CancellationToken cancellationToken) => new(Contents);

        public ValueTask<ConversationState<ConversationMessage>?> ReadStateAsync(string key, CancellationToken cancellationToken) => new(State);
    }
}
