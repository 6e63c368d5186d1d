using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation;

/// <summary>Options, budgets, callbacks, streams, threads, meters.</summary>
public class WindowBehaviourTests
{
    private static ConversationWindowOptions<Said> Options() => new() { Adapter = SaidAdapter.Instance };

    public static TheoryData<string, Action<ConversationWindowOptions<ConversationMessage>>, string> WrongOptions() => new()
    {
        { "Name", o => o.Name = "", "must not be empty" },
        { "Name", o => o.Name = "a/b", "nor contain '/'" },
        { "Adapter", o => o.Adapter = null!, "must be set for messages of type ConversationMessage" },
        { "MaxMessages", o => o.MaxMessages = 0, "from 1 to 1000000; it is 0" },
        { "MaxMessages", o => o.MaxMessages = 1_000_001, "from 1 to 1000000" },
        { "MaxBytes", o => o.MaxBytes = 4095, "from 4096 to 9223372036854775807; it is 4095" },
        { "MaxTokens", o => (o.MaxTokens, o.TokenCounter) = (0, t => t.Length), "from 1 to 2147483647" },
        { "TokenCounter", o => o.MaxTokens = 10, "must be set where MaxTokens is" },
        { "FullContentCount", o => o.FullContentCount = 0, "from 1 to 2147483647" },
        { "Content.MaxLength", o => o.Content = new TextTruncation(-1), "from 0 to 2147483647; it is -1" },
        { "Content.Unit", o => o.Content = new TextTruncation(1, (TruncationUnit)9), "must be one of Char, Rune" },
        { "Content.Position", o => o.Content = new TextTruncation(1, Position: (TruncationPosition)9), "must be one of End" },
        { "Content.Marker", o => o.Content = new TextTruncation(1, Marker: null!), "must not be null" },
        { "RetainRatio", o => o.RetainRatio = 0.09, "from 0.1 to 1; it is 0.09" },
        { "RetainRatio", o => o.RetainRatio = 1.1, "from 0.1 to 1" },
        { "RetainRatio", o => o.RetainRatio = double.NaN, "from 0.1 to 1" },
        { "StartOn", o => o.StartOn = (StartOn)9, "must be one of UserMessageIfPossible" },
        { "OversizeGroup", o => o.OversizeGroup = (OversizeGroup)9, "must be one of TruncateThenDrop" },
        { "IncompleteGroup", o => o.IncompleteGroup = (IncompleteGroup)9, "must be one of Drop" },
        { "WithoutContent", o => o.WithoutContent = (WithoutContent)9, "must be one of Placeholder" },
        { "TimeProvider", o => o.TimeProvider = null!, "must be set" },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void Create_WrongOption_SaysWhichAndWhatWouldBeLegal(string option, Action<ConversationWindowOptions<ConversationMessage>> change, string message)
    {
        var options = new ConversationWindowOptions<ConversationMessage>();
        change(options);
        ArgumentException thrown = Assert.ThrowsAny<ArgumentException>(() => new ConversationWindow<ConversationMessage>(options));
        Assert.Equal(option, thrown.ParamName);
        Assert.Contains(message, thrown.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => ConversationWindow.Reduce([], options));
        Assert.True(new ConversationWindowOptionsValidator<ConversationMessage>().Validate("", options).Failed);
    }

    [Fact]
    public void Create_Defaults_AreThoseOfTheDocumentation()
    {
        var o = new ConversationWindowOptions<ConversationMessage>();
        Assert.Equal((10, 65_536, 5, new TextTruncation(200), 1.0), (o.MaxMessages, o.MaxBytes, o.FullContentCount, o.Content, o.RetainRatio));
        Assert.True(new ConversationWindowOptionsValidator<ConversationMessage>().Validate("", o).Succeeded);
        using var window = new ConversationWindow<ConversationMessage>(o);
        o.MaxMessages = 1;
        window.Append(new(MessageRole.User, "a"));
        window.Append(new(MessageRole.User, "b"));
        Assert.Equal((2, "conversation", 10), (window.Count, window.Name, window.Statistics.MaxMessages));
        Assert.Throws<ArgumentNullException>(() => new ConversationWindow<ConversationMessage>(null!));
        Assert.Throws<ArgumentNullException>(() => window.Append(null!));
        Assert.Throws<ArgumentNullException>(() => window.SetSummary(null!, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => window.BeginMessage((MessageRole)7));
        Assert.Throws<ArgumentNullException>(() => ConversationWindow.Reduce(null!, o));
        Assert.Throws<ArgumentNullException>(() => ConversationWindow.Reduce<ConversationMessage>([null!], o));
    }

    [Fact]
    public void Budget_ChargesTheWindow_RefusesWhatOthersHaveTaken_AndGetsEverythingBack()
    {
        using var budget = new MemoryBudget(200_000, "process");
        ConversationWindowOptions<Said> options = Options();
        (options.Budget, options.MaxBytes, options.Content) = (budget, 1_000_000, null);
        var window = new ConversationWindow<Said>(options);
        window.Append(Said.User(new string('u', 1000)));
        Assert.True(budget.Used >= window.Bytes);
        using (budget.Reserve(200_000 - budget.Used))
        {
            ConversationSnapshot<Said> before = window.Snapshot();
            using MessageBuilder<Said> builder = window.BeginMessage(MessageRole.Assistant);
            Assert.Equal(AppendResult.Appended, builder.Append("x"));
            AppendResult result = AppendResult.Appended;
            for (int i = 0; i < 100 && result == AppendResult.Appended; i++)
            {
                result = builder.Append(new string('y', 2000));
            }

            Assert.Equal(AppendResult.OverBudget, result);
            Assert.Equal(AppendResult.OverBudget, window.Append(Said.Assistant(new string('a', 10_000))));
            Assert.Same(before, window.Snapshot());
            Assert.Equal(2, window.Statistics.RejectedOverBudget);
        }

        using (budget.Reserve(200_000 - 65_536))
        {
            var others = new List<ConversationWindow<Said>>();
            Assert.Throws<MemoryBudgetExceededException>(() =>
            {
                while (others.Count < 200)
                {
                    others.Add(new ConversationWindow<Said>(options));
                }
            });
            Assert.InRange(others.Count, 10, 100);
            others.ForEach(other => other.Dispose());
        }

        Assert.Equal(AppendResult.Appended, window.Append(Said.Assistant(new string('a', 10_000))));
        MessageBuilder<Said> open = window.BeginMessage(MessageRole.User);
        open.Append("still there");
        window.Dispose();
        window.Dispose();
        open.Dispose();
        Assert.Equal(0, budget.Used);
        Assert.Equal((0, 0L), (window.Count, window.Bytes));
        Assert.Throws<ObjectDisposedException>(() => window.Append(Said.User("a")));
        Assert.Throws<ObjectDisposedException>(window.Snapshot);
        Assert.Throws<ObjectDisposedException>(window.Clear);
        Assert.Throws<ObjectDisposedException>(() => window.Trim(1));
        Assert.Throws<ObjectDisposedException>(() => window.BeginMessage(MessageRole.User));
        Assert.Throws<ObjectDisposedException>(() => open.Append("x"));
        Assert.Equal(0, ((IMemoryReclaimer)window).Reclaim(1));
    }

    [Fact]
    public void Dropped_RunsUnderNoLock_MayCallTheWindow_AndWhatItThrowsIsCounted()
    {
        ConversationWindowOptions<Said> options = Options();
        options.MaxMessages = 3;
        ConversationWindow<Said>? window = null;
        bool wasLocked = true;
        options.Dropped = dropped =>
        {
            wasLocked = Monitor.IsEntered(window!.Gate);
            Assert.Equal(AppendResult.Appended, window.SetSummary(Said.User("short"), dropped[^1].Metadata.Sequence));
            throw new InvalidOperationException("a faulty summariser");
        };
        using (window = new ConversationWindow<Said>(options))
        {
            for (int i = 0; i < 10; i++)
            {
                Assert.Equal(AppendResult.Appended, window.Append(Said.User($"{i}")));
            }

            Assert.False(wasLocked);
            Assert.Equal("short", window.Snapshot()[0].Text);
            Assert.InRange(window.Statistics.CallbackFailures, 7, 20);
            options.Dropped = null;
        }
    }

    [Fact]
    public void Adapter_ThatCallsBackOrThrows_ChangesNothing()
    {
        var adapter = new FaultyAdapter();
        ConversationWindowOptions<Said> options = Options();
        (options.Adapter, options.FullContentCount) = (adapter, 1);
        using var window = new ConversationWindow<Said>(options);
        window.Append(Said.User("a"));
        window.Append(Said.User(new string('b', 1000)));
        ConversationSnapshot<Said> before = window.Snapshot();
        ConversationWindowStatistics statistics = window.Statistics;
        Action[] faults =
        [
            () => window.Append(Said.User("x")), () => window.Trim(1), window.Clear, () => window.SetSummary(Said.User("x"), 0), () => window.BeginMessage(MessageRole.User), window.Dispose,
            () => throw new FormatException("a faulty adapter"),
        ];
        foreach (Action fault in faults)
        {
            adapter.OnPlaceholder = fault;
            Exception thrown = Assert.ThrowsAny<Exception>(() => window.Append(Said.User("c")));
            Assert.True(thrown is InvalidOperationException or FormatException);
            Assert.Same(before, window.Snapshot());
            Assert.Equal(statistics, window.Statistics);
        }

        adapter.OnPlaceholder = null;
        Assert.Equal(AppendResult.Appended, window.Append(Said.User("c")));
    }

    [Fact]
    public void CountTokens_NegativeNumber_IsAnErrorThatChangesNothing()
    {
        ConversationWindowOptions<Said> options = Options();
        options.TokenCounter = static _ => -1;
        using var window = new ConversationWindow<Said>(options);
        Assert.Throws<InvalidOperationException>(() => window.Append(Said.User("a")));
        Assert.Equal((0, 0), (window.Count, window.Tokens));
    }

    [Fact]
    public void Builder_TextTooLargeForTheWindow_KeepsOnlyWhatItsTruncationNeeds_AndIsCounted()
    {
        using var window = new ConversationWindow<Said>(Options());
        window.Append(Said.User("question"));
        using MessageBuilder<Said> builder = window.BeginMessage(MessageRole.Assistant);
        long most = 0;
        for (int i = 0; i < 5000; i++)
        {
            Assert.Equal(AppendResult.Appended, builder.Append("twenty characters :)"));
            most = Math.Max(most, window.Bytes);
        }

        Assert.InRange(most, 40_000, 65_536);
        Assert.Equal(100_000, builder.Length);
        Assert.Equal(AppendResult.Appended, builder.Complete(out long sequence));
        Assert.Equal(1, sequence);
        Assert.Equal(200, window.Snapshot()[^1].Text.Length);
        ConversationWindowStatistics s = window.Statistics;
        Assert.Equal((1L, 200_024L - 424), (s.Truncated, s.TruncatedBytes));
        Assert.Equal(200_024 + 48, s.AppendedBytes - ObjectSizer.Measure(Said.User("question")).Bytes, 64.0);
        Assert.Throws<ObjectDisposedException>(() => builder.Append("more"));
        Assert.Throws<ObjectDisposedException>(() => builder.Complete(out _));
    }

    [Fact]
    public void Builder_WhereNothingMayBeTruncated_IsRefusedAndGivesItsMemoryBack()
    {
        ConversationWindowOptions<Said> options = Options();
        options.OversizeGroup = OversizeGroup.Reject;
        using var window = new ConversationWindow<Said>(options);
        long empty = window.Bytes;
        using MessageBuilder<Said> builder = window.BeginMessage(MessageRole.Assistant);
        Assert.Equal(AppendResult.TooLarge, builder.Append(new string('x', 100_000)));
        Assert.Equal(empty, window.Bytes);
        Assert.Equal(AppendResult.TooLarge, builder.Append("x"));
        Assert.Equal(AppendResult.TooLarge, builder.Complete(out long sequence));
        Assert.Equal((-1L, 1L), (sequence, window.Statistics.RejectedTooLarge));
    }

    [Fact]
    public void Builder_GivenUp_LeavesNothing_AndLetsGoOfWhatItHolds()
    {
        using var window = new ConversationWindow<Said>(Options());
        long empty = window.Bytes;
        var held = new Tracked();
        using (MessageBuilder<Said> builder = window.BeginMessage(MessageRole.Assistant))
        {
            builder.Hold = held;
            builder.Append("half a");
            Assert.True(window.Bytes > empty);
            Assert.False(held.IsDisposed);
        }

        Assert.Equal((empty, 0, 0L, 1), (window.Bytes, window.Count, window.NextSequence, held.Disposals));
    }

    [Fact]
    public void Builder_WhileOthersAppend_BecomesTheNewestMessage()
    {
        using var window = new ConversationWindow<Said>(Options());
        using MessageBuilder<Said> builder = window.BeginMessage(MessageRole.Assistant);
        builder.Append("an ");
        window.Append(Said.User("meanwhile"));
        builder.Append("answer");
        Assert.Equal(AppendResult.Appended, builder.Complete(out long sequence));
        Assert.Equal((1L, "an answer"), (sequence, window.Snapshot()[^1].Text));
    }

    [Fact]
    public void Threads_AppendStreamTrimClearAndLook_NeverOver_AndEverythingAddsUp()
    {
        using var budget = new MemoryBudget(60_000, "shared");
        ConversationWindowOptions<Said> options = Options();
        (options.MaxMessages, options.MaxBytes, options.MaxTokens, options.TokenCounter) = (40, 40_000, 3000, static text => (text.Length + 3) / 4);
        (options.RetainRatio, options.FullContentCount, options.Budget) = (0.8, 20, budget);
        long told = 0;
        options.Dropped = dropped => Interlocked.Add(ref told, dropped.Count);
        var window = new ConversationWindow<Said>(options);
        long samples = 0;
        long appended = 0;

        void Look()
        {
            for (int i = 0; i < 500; i++)
            {
                (long bytes, int count, int tokens) = (window.Bytes, window.Count, window.Tokens!.Value);
                Assert.True(bytes is > 0 and <= 40_000 && count is >= 0 and <= 40 && tokens is >= 0 and <= 3000, $"{bytes} bytes, {count} messages, {tokens} tokens.");
                Assert.True(budget.Used <= budget.Limit);
                ConversationSnapshot<Said> snapshot = window.Snapshot();
                Assert.True(snapshot.Count <= 40 && snapshot.Tokens <= 3000 && snapshot.Bytes < 40_000);
                ConversationWindowStatistics s = window.Statistics;
                Assert.Equal(s.Appended, s.Count + s.Evicted + s.Oversize + s.Incomplete + s.Trimmed + s.Cleared);
                Interlocked.Increment(ref samples);
            }
        }

        void Work(int worker)
        {
            var random = new Random(worker);
            for (int i = 0; i < 4000 || (worker == 0 && Volatile.Read(ref samples) < 20_000); i++)
            {
                string text = new('x', random.Next(20) == 0 ? random.Next(20_000) : random.Next(400));
                AppendResult result = AppendResult.Orphan;
                switch (random.Next(20))
                {
                    case < 6:
                        result = window.Append(Said.User(text));
                        break;
                    case < 10:
                        result = window.Append(Said.Assistant(text));
                        break;
                    case < 13:
                        result = window.Append(Said.Call("a", "b") with { Text = text });
                        break;
                    case < 16:
                        result = window.Append(Said.Result(random.Next(2) == 0 ? "a" : "b", text));
                        break;
                    case 16:
                        window.Trim(random.Next(5000));
                        break;
                    case 17 when i % 50 == 0:
                        window.Clear();
                        break;
                    case 18 when window.NextSequence > 0:
                        window.SetSummary(Said.Assistant("short"), window.NextSequence - 1);
                        break;
                    default:
                        using (MessageBuilder<Said> builder = window.BeginMessage(MessageRole.Assistant))
                        {
                            for (int at = 0; at < text.Length; at += 300)
                            {
                                builder.Append(text.AsSpan(at, Math.Min(300, text.Length - at)));
                            }

                            result = random.Next(4) == 0 ? result : builder.Complete(out _);
                        }

                        break;
                }

                Interlocked.Add(ref appended, result == AppendResult.Appended ? 1 : 0);
            }
        }

        Threaded.RunWatched([Look], [.. Enumerable.Range(0, 8).Select(i => (Action)(() => Work(i)))]);
        ConversationWindowStatistics s = window.Statistics;
        Assert.Equal((appended, 0L), (s.Appended, s.CallbackFailures));
        Assert.Equal(s.AppendedBytes, s.MessageBytes + s.TruncatedBytes + s.EmptiedBytes + s.DroppedBytes);
        Assert.True(told > 0 && s.Evicted > 0 && s.Trimmed > 0 && s.Oversize + s.Incomplete > 0);
        window.Dispose();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Meter_ReportsAWindowOfItsOwnAsOneConversation_UntilItIsDisposed()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        ConversationWindowOptions<Said> options = Options();
        (options.Name, options.MaxMessages, options.MeterFactory) = ("chat", 2, meters.Factory);
        var window = new ConversationWindow<Said>(options);
        for (int i = 0; i < 5; i++)
        {
            window.Append(Said.User($"{i}"));
        }

        Dictionary<string, double> values = reading.Read();
        Assert.Equal(1, values[$"{BoundedMemoryInstruments.ConversationCount}{{{BoundedMemoryInstruments.ConversationName}=chat}}"]);
        Assert.Equal(5, values[$"{BoundedMemoryInstruments.ConversationMessagesAppended}{{{BoundedMemoryInstruments.ConversationName}=chat}}"]);
        Assert.Equal(window.Bytes, values[$"{BoundedMemoryInstruments.ConversationUsage}{{{BoundedMemoryInstruments.ConversationName}=chat}}"]);
        window.Dispose();
        Assert.Empty(reading.Read());
    }

    [Fact]
    public void StoreWindow_TakesFromItsOwner_IsRefusedByIt_AndIsClosedWithoutThrowing()
    {
        var owner = new Owner();
        ConversationWindowOptions<Said> options = Options();
        options.MaxMessages = 2;
        var window = new ConversationWindow<Said>(options, owner);
        long empty = window.ChargedBytes;
        window.Restore([new MessageMetadata(7, new(MessageRole.User), default), new MessageMetadata(9, new(MessageRole.Assistant), default)], [Said.User("a"), Said.Assistant("b")], 12);
        Assert.Equal((0L, 12L, 2), (owner.Taken, window.NextSequence, window.Count));
        owner.Taken = window.ChargedBytes;
        Assert.Equal(AppendResult.Appended, window.Append(Said.User(new string('c', 1000)), out long sequence));
        Assert.Equal((12L, window.ChargedBytes, 12L), (sequence, owner.Taken, owner.Kept[^1].Metadata.Sequence));
        owner.Room = false;
        Assert.Equal(AppendResult.OverBudget, window.Append(Said.User(new string('d', 5000))));
        Assert.Equal((2, 1), (owner.Asked, window.Statistics.RejectedOverBudget));
        owner.Room = true;
        owner.Answer = AppendResult.Backlogged;
        Assert.Equal(AppendResult.Backlogged, window.Append(Said.User(new string('d', 5000))));
        using (MessageBuilder<Said> builder = window.BeginMessage(MessageRole.Assistant))
        {
            builder.Append("later");
            Assert.Equal(AppendResult.Backlogged, builder.Complete(out _));
            owner.Answer = AppendResult.Appended;
            Assert.Equal(AppendResult.Appended, builder.Complete(out sequence));
        }

        Assert.Equal((13L, window.ChargedBytes), (sequence, owner.Taken));
        Assert.Equal(owner.Deferred, owner.Told);
        Assert.True(owner.Told > 0);
        window.Dispose();
        Assert.Equal(AppendResult.Closed, window.Append(Said.User("late")));
        Assert.True(owner.Taken >= empty);
    }

    private sealed class Owner : IWindowOwner<Said>
    {
        public bool Room { get; set; } = true;

        public AppendResult Answer { get; set; }

        public long Taken { get; set; }

        public List<StoredMessage<Said>> Kept { get; } = [];

        public int Deferred { get; private set; }

        public int Told { get; private set; }

        public int Asked { get; private set; }

        public bool TryGrow(long bytes)
        {
            Assert.True(bytes >= 0 && bytes % 8 == 0);
            Taken += Room ? bytes : 0;
            return Room;
        }

        public void Shrink(long bytes)
        {
            Assert.True(bytes >= 0 && bytes % 8 == 0);
            Taken -= bytes;
        }

        public AppendResult TryKeep(in StoredMessage<Said> message, long bytes)
        {
            Assert.True(bytes > 0 && bytes % 8 == 0);
            if (Answer == AppendResult.Appended)
            {
                Kept.Add(message);
            }

            return Answer;
        }

        public void AskOthers() => Asked++;

        public Action? TakeDeferred()
        {
            Deferred++;
            return () => Told++;
        }
    }

    private sealed class FaultyAdapter : IMessageAdapter<Said>
    {
        public Action? OnPlaceholder { get; set; }

        public MessageDescription Describe(Said message) => SaidAdapter.Instance.Describe(message);

        public int CountTokens(Said message, TokenCounter counter) => 0;

        public Said Truncate(Said message, in TextTruncation truncation) => SaidAdapter.Instance.Truncate(message, truncation);

        public Said CreatePlaceholder(in MessageMetadata metadata)
        {
            OnPlaceholder?.Invoke();
            return SaidAdapter.Instance.CreatePlaceholder(metadata);
        }

        public Said Create(MessageRole role, string text) => new(role, text);
    }
}
