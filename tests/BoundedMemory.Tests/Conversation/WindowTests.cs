using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation;

/// <summary>What windows of others get wrong.</summary>
public class WindowTests
{
    private static ConversationWindowOptions<Said> Options(int maxMessages = 10) => new()
    {
        Adapter = SaidAdapter.Instance,
        MaxMessages = maxMessages,
        TimeProvider = new ManualTimeProvider(),
    };

    /// <summary>A question, so many calls with their results, no answer yet.</summary>
    private static IEnumerable<Said> ToolTurn(int calls) =>
        [Said.User("question"), .. Enumerable.Range(0, calls).SelectMany(i => new[] { Said.Call($"c{i}"), Said.Result($"c{i}", $"result {i}") })];

    private static string[] Texts(IEnumerable<Said> messages) => [.. messages.Select(m => m.Text)];

    [Fact]
    public void Append_CapOfOneAndASystemMessage_SystemStaysAndTheOtherIsRefused()
    {
        using var window = new ConversationWindow<Said>(Options(1));
        Assert.Equal(AppendResult.Appended, window.Append(Said.System("rules")));
        Assert.Equal(AppendResult.TooLarge, window.Append(Said.User("hello"), out long sequence));
        Assert.Equal(-1, sequence);
        Assert.Equal(["rules"], Texts(window.Snapshot()));
        Assert.Equal(1, window.Statistics.RejectedTooLarge);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(10)]
    public void Reduce_OneToolTurnOfAHundredMessages_StaysWithinTheCapAndKeepsTheQuestionAndTheNewestResults(int cap)
    {
        ConversationSnapshot<Said> kept = ConversationWindow.Reduce(ToolTurn(50), Options(cap));
        Assert.InRange(kept.Count, cap - 1, cap);
        Assert.Equal("question", kept[0].Text == SaidAdapter.Empty ? "question" : kept[0].Text);
        Assert.Equal(MessageRole.User, kept[0].Role);
        Assert.Equal("result 49", kept[^1].Text);
        Assert.Equal(MessageKind.Call, kept[1].Kind);
    }

    [Fact]
    public void Reduce_CallsAndResultsAlone_AreBoundedToo()
    {
        ConversationSnapshot<Said> kept = ConversationWindow.Reduce(ToolTurn(50).Skip(1), Options());
        Assert.Equal(10, kept.Count);
        Assert.Equal("result 49", kept[^1].Text);
    }

    [Fact]
    public void Append_SystemMessageAmongTheNewest_IsThereOnce_AndAllOthersOfItsRoleToo()
    {
        using var window = new ConversationWindow<Said>(Options(4));
        foreach (Said message in (Said[])[Said.System("one"), Said.User("a"), Said.Assistant("b"), Said.System("two"), Said.User("c"), Said.Assistant("d")])
        {
            Assert.Equal(AppendResult.Appended, window.Append(message));
        }

        Assert.Equal(["one", "two", "c", "d"], Texts(window.Snapshot()));
    }

    [Fact]
    public void Dropped_WhatIsKeptWithItsContent_IsNotToldToTheSummariser_AndNothingTwice()
    {
        var told = new List<DroppedMessage<Said>>();
        ConversationWindowOptions<Said> options = Options(6);
        options.FullContentCount = 3;
        options.Dropped = told.AddRange;
        using var window = new ConversationWindow<Said>(options);
        for (int i = 0; i < 40; i++)
        {
            window.Append(i % 2 == 0 ? Said.User($"{i}") : Said.Assistant($"{i}"));
            long[] kept = [.. window.Retained().Where(m => m.HasContent).Select(m => m.Sequence)];
            Assert.Empty(told.Select(t => t.Metadata.Sequence).Intersect(kept));
            Assert.Equal(told.Select(t => t.Metadata.Sequence).Distinct().Order(), told.Select(t => t.Metadata.Sequence));
            Assert.Equal(i + 1, told.Count + kept.Length);
        }

        Assert.All(told, t => Assert.Equal($"{t.Metadata.Sequence}", t.Message.Text));
    }

    [Fact]
    public void SetSummary_OfWhatWasDropped_IsNeitherSummarisedAgainNorTold_AndStandsBeforeTheConversation()
    {
        int told = 0;
        ConversationWindowOptions<Said> options = Options(4);
        options.FullContentCount = 4;
        options.Dropped = dropped => told += dropped.Count;
        using var window = new ConversationWindow<Said>(options);
        window.Append(Said.System("rules"));
        for (int i = 0; i < 8; i++)
        {
            window.Append(i % 2 == 0 ? Said.User($"u{i}") : Said.Assistant($"a{i}"));
        }

        Assert.Equal(6, told);
        Assert.Equal(AppendResult.Appended, window.SetSummary(Said.Assistant("in short"), 7));
        Assert.Equal(["rules", "in short", "u6", "a7"], Texts(window.Snapshot()));
        Assert.Equal(7, window.Snapshot().Metadata[1].Sequence);
        for (int i = 0; i < 5; i++)
        {
            window.Snapshot();
        }

        Assert.Equal(6, told);

        // The summary covers u6, which leaves untold; those after it are told.
        window.Append(Said.User("u8"));
        window.Append(Said.Assistant("a9"));
        window.Append(Said.User("u10"));
        Assert.Equal(["rules", "in short", "u10"], Texts(window.Snapshot()));
        Assert.Equal(9, told);
        Assert.Equal(AppendResult.Stale, window.SetSummary(Said.Assistant("older"), 6));
        Assert.Equal(AppendResult.Appended, window.SetSummary(Said.Assistant("same reach"), 7));
        Assert.Equal("same reach", window.Snapshot()[1].Text);
        Assert.Throws<ArgumentOutOfRangeException>(() => window.SetSummary(Said.Assistant("early"), window.NextSequence));
        Assert.Throws<ArgumentOutOfRangeException>(() => window.SetSummary(Said.Assistant("early"), -1));
    }

    [Fact]
    public void Append_TokenCap_IsNotExceededByTheMessageThatReachesIt_AndLeavesNotNothing()
    {
        ConversationWindowOptions<Said> options = Options(100);
        (options.MaxTokens, options.TokenCounter, options.Content) = (100, static text => text.Length, null);
        using var window = new ConversationWindow<Said>(options);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(AppendResult.Appended, window.Append(Said.User(new string('x', 40))));
            Assert.InRange(window.Tokens!.Value, 40, 100);
        }

        // Ends with a call and its result: the system's message and both stay.
        using var loop = new ConversationWindow<Said>(options);
        Said[] messages = [Said.System(new string('s', 30)), Said.User(new string('u', 40)), Said.Call("a"), Said.Result("a", new string('r', 60))];
        Assert.All(messages, message => Assert.Equal(AppendResult.Appended, loop.Append(message)));
        Assert.Equal([MessageRole.System, MessageRole.Assistant, MessageRole.Tool], loop.Snapshot().Select(m => m.Role));
        Assert.Equal(92, loop.Tokens);
    }

    [Fact]
    public void Append_CallsWithoutText_CountTheirTokens_AndEachMessageIsCountedOnce()
    {
        long counted = 0;
        ConversationWindowOptions<Said> options = Options(1000);
        (options.FullContentCount, options.Content) = (int.MaxValue, null);
        (options.MaxTokens, options.TokenCounter) = (500, text =>
        {
            counted += text.Length;
            return text.Length;
        }
        );
        using var window = new ConversationWindow<Said>(options);
        window.Append(Said.User("go"));
        window.Append(Said.Call("a", "b", "c"));
        Assert.Equal(5, window.Tokens);
        for (int i = 0; i < 1000; i++)
        {
            window.Append(Said.User(new string('x', 10)));
        }

        Assert.Equal(10_002, counted);
    }

    [Fact]
    public void Append_MidToolLoop_KeepsCallTextAndResultOfTheNewestGroup()
    {
        using var window = new ConversationWindow<Said>(Options(4));
        foreach (Said message in ToolTurn(6).Append(Said.Call("x") with { Text = "let me look" }).Append(Said.Result("x", "found")))
        {
            Assert.Equal(AppendResult.Appended, window.Append(message));
            Assert.NotEqual(MessageKind.Result, window.Snapshot()[0].Kind);
        }

        Assert.Equal(["let me look", "found"], Texts(window.Snapshot())[^2..]);
    }

    [Fact]
    public void Create_WithTheGreatestCaps_TakesNoMemoryForThem()
    {
        ConversationWindowOptions<Said> options = Options(1_000_000);
        (options.MaxBytes, options.FullContentCount) = (long.MaxValue, int.MaxValue);
        using var window = new ConversationWindow<Said>(options);
        Assert.InRange(window.Bytes, 1, 2048);
    }

    [Fact]
    public void Append_SystemMessageLargerThanTheCap_IsRefusedWithNothingChanged()
    {
        using var window = new ConversationWindow<Said>(Options());
        window.Append(Said.User("hello"));
        ConversationSnapshot<Said> before = window.Snapshot();
        Assert.Equal(AppendResult.TooLarge, window.Append(Said.System(new string('s', 40_000))));
        Assert.Same(before, window.Snapshot());
    }

    [Fact]
    public void Reduce_AgainWithTextsShorterThanAPlaceholder_LeavesThePlaceholderWhole()
    {
        var options = new ConversationWindowOptions<ConversationMessage> { MaxMessages = 4, FullContentCount = 3, Content = new TextTruncation(3) };
        ConversationMessage[] messages = [new(MessageRole.User, "question"), .. Enumerable.Range(0, 6).Select(i => new ConversationMessage(MessageRole.Assistant, $"answer {i}"))];
        ConversationSnapshot<ConversationMessage> once = ConversationWindow.Reduce(messages, options);
        Assert.Equal("[content not kept]", once[0].Text);
        using var window = new ConversationWindow<ConversationMessage>(options);
        window.Append(once[0]);
        window.Append(once[1]);
        Assert.Equal("[content not kept]", window.Snapshot()[0].Text);
        Assert.Equal(once, ConversationWindow.Reduce(once, options));
    }

    [Fact]
    public void Reduce_OfNothing_IsNothing()
    {
        ConversationSnapshot<Said> kept = ConversationWindow.Reduce([], Options());
        Assert.Empty(kept);
        Assert.Equal((0, 0L), (kept.Metadata.Length, kept.Bytes));
    }

    [Fact]
    public void Append_OneMessageLargerThanTheCap_IsTruncatedAndThere()
    {
        using var window = new ConversationWindow<Said>(Options());
        window.Append(Said.User("before"));
        Assert.Equal(AppendResult.Appended, window.Append(Said.User(new string('x', 100_000))));
        Assert.Equal([new string('x', 199) + "…"], Texts(window.Snapshot()));
        Assert.Equal((1, 200_024 - 424), (window.Statistics.Truncated, window.Statistics.TruncatedBytes));
    }

    [Theory]
    [InlineData(OversizeGroup.Reject, true)]
    [InlineData(OversizeGroup.TruncateThenDrop, false)]
    public void Append_WhatIsTooLargeEvenSo_IsRefusedWithNothingChanged(OversizeGroup policy, bool mayBeCut)
    {
        ConversationWindowOptions<Said> options = Options();
        options.OversizeGroup = policy;
        options.Content = mayBeCut ? options.Content : null;
        using var window = new ConversationWindow<Said>(options);
        window.Append(Said.User("before"));
        ConversationSnapshot<Said> snapshot = window.Snapshot();
        Assert.Equal(AppendResult.TooLarge, window.Append(Said.User(new string('x', 100_000))));
        Assert.Same(snapshot, window.Snapshot());
    }

    [Fact]
    public void Append_ParallelCallsThatOutgrowTheWindow_LeaveAsOne_AndLateResultsAreRefused()
    {
        ConversationWindowOptions<Said> options = Options(4);
        var told = new List<DropCause>();
        options.Dropped = dropped => told.AddRange(dropped.Select(d => d.Cause));
        using var window = new ConversationWindow<Said>(options);
        window.Append(Said.System("rules"));
        window.Append(Said.User("go"));
        window.Append(Said.Call("a", "b", "c"));
        Assert.Equal(AppendResult.Appended, window.Append(Said.Result("a")));
        Assert.Equal(AppendResult.Appended, window.Append(Said.Result("b")));
        Assert.Equal(["rules", "", "done", "done"], Texts(window.Snapshot()));
        Assert.Equal(AppendResult.TooLarge, window.Append(Said.Result("c")));
        Assert.Equal(["rules"], Texts(window.Snapshot()));
        Assert.Equal(3, window.Statistics.Oversize);
        Assert.Equal([DropCause.Evicted, DropCause.Oversize, DropCause.Oversize, DropCause.Oversize], told);
        Assert.Equal(AppendResult.Orphan, window.Append(Said.Result("c")));
        Assert.Equal(1, window.Statistics.RejectedOrphans);
    }

    [Fact]
    public void Append_IdsThatAreUsedAgain_PairWithinTheirOwnGroup()
    {
        using var window = new ConversationWindow<Said>(Options(20));
        foreach (string text in (string[])["one", "two"])
        {
            window.Append(Said.User(text));
            window.Append(Said.Call("call_0"));
            Assert.Equal(AppendResult.Appended, window.Append(Said.Result("call_0", text)));
            Assert.Equal(AppendResult.Orphan, window.Append(Said.Result("call_0", "twice")));
            window.Append(Said.Assistant("done"));
        }

        Assert.Equal(AppendResult.Orphan, window.Append(Said.Result("call_0", "late")));
        Assert.Equal(8, window.Count);
    }

    [Fact]
    public void Append_CallsWithoutIds_PairInOrder()
    {
        using var window = new ConversationWindow<Said>(Options());
        window.Append(new Said(MessageRole.Assistant, "", MessageKind.Call));
        Assert.Equal(AppendResult.Orphan, window.Append(Said.Result("a")));
        Assert.Equal(AppendResult.Appended, window.Append(Said.Result(null)));
        Assert.Equal(AppendResult.Orphan, window.Append(new Said(MessageRole.Tool, "", MessageKind.Result)));
    }

    [Fact]
    public void Append_ResultThatAnswersSeveralCalls_IsTakenIfAllOfThemWait()
    {
        using var window = new ConversationWindow<Said>(Options());
        window.Append(Said.Call("a", "b", "b"));
        Said Answer(params string[] ids) => new(MessageRole.Tool, "", MessageKind.Result, [.. ids.Select(id => new ToolCall(id))]);
        Assert.Equal(AppendResult.Orphan, window.Append(Answer("a", "a")));
        Assert.Equal(AppendResult.Orphan, window.Append(Answer("a", "c")));
        Assert.Equal(AppendResult.Orphan, window.Append(Answer("a", "b", "b", "b")));
        Assert.Equal(AppendResult.Appended, window.Append(Answer("b", "a")));
        Assert.Equal(AppendResult.Appended, window.Append(Answer("b")));
        Assert.Equal(AppendResult.Orphan, window.Append(Answer("b")));
    }

    [Fact]
    public void Append_ApprovalThatTheUserAnswers_StaysWithItsAnswer()
    {
        using var window = new ConversationWindow<Said>(Options(20));
        window.Append(Said.User("delete it"));
        window.Append(Said.Call("approve"));
        Assert.Equal(AppendResult.Appended, window.Append(new Said(MessageRole.User, "yes", MessageKind.Result, [new ToolCall("approve")])));
        window.Append(Said.Call("delete"));
        Assert.Equal(AppendResult.Appended, window.Append(Said.Result("delete")));
        Assert.Equal((5, 0L), (window.Count, window.Statistics.Incomplete));
    }

    [Theory]
    [InlineData(IncompleteGroup.Drop, 1)]
    [InlineData(IncompleteGroup.Keep, 4)]
    public void Append_UserSpeaksBeforeACallIsAnswered_GroupIsDroppedOrKeptWhole(IncompleteGroup policy, int kept)
    {
        ConversationWindowOptions<Said> options = Options();
        options.IncompleteGroup = policy;
        using var window = new ConversationWindow<Said>(options);
        window.Append(Said.Reasoning());
        window.Append(Said.Call("a", "b"));
        window.Append(Said.Result("a"));
        window.Append(Said.User("never mind"));
        Assert.Equal(kept, window.Count);
        Assert.Equal(4 - kept, window.Statistics.Incomplete);
        Assert.Equal(AppendResult.Orphan, window.Append(Said.Result("b")));
    }

    [Fact]
    public void Append_ReasoningThatNothingFollows_DoesNotStay()
    {
        using var window = new ConversationWindow<Said>(Options());
        window.Append(Said.User("a"));
        window.Append(Said.Reasoning());
        window.Append(Said.User("b"));
        window.Append(Said.Reasoning());
        window.Append(Said.Assistant("c"));
        window.Append(Said.User("d"));
        Assert.Equal(["a", "b", "hm", "c", "d"], Texts(window.Snapshot()));
    }

    [Fact]
    public void Append_SystemMessageBetweenCallAndResult_DoesNotPartThem()
    {
        using var window = new ConversationWindow<Said>(Options(5));
        window.Append(Said.User("go"));
        window.Append(Said.Call("a"));
        window.Append(Said.System("by the way"));
        Assert.Equal(AppendResult.Appended, window.Append(Said.Result("a")));
        window.Append(Said.User("on"));
        window.Append(Said.User("and on"));
        Assert.Equal(["by the way", "on", "and on"], Texts(window.Snapshot()));
    }

    [Fact]
    public void Append_FullContentCountOfOne_KeepsOneWithItsContent()
    {
        ConversationWindowOptions<Said> options = Options();
        options.FullContentCount = 1;
        using var window = new ConversationWindow<Said>(options);
        window.Append(Said.User("a"));
        window.Append(Said.Assistant("b"));
        window.Append(Said.User("c"));
        Assert.Equal([SaidAdapter.Empty, SaidAdapter.Empty, "c"], Texts(window.Snapshot()));
        Assert.Equal(2, window.Statistics.Emptied);
    }

    [Fact]
    public void Snapshot_WithoutPlaceholders_OmitsWholeGroupsAndBeginsWithTheUser_ButShowsTheNewestGroup()
    {
        ConversationWindowOptions<Said> options = Options(20);
        (options.FullContentCount, options.WithoutContent) = (3, WithoutContent.Omit);
        using var window = new ConversationWindow<Said>(options);
        Said[] messages = [Said.User("a"), Said.Call("x"), Said.Result("x", "r"), Said.Assistant("b"), Said.User("c")];
        Assert.All(messages, message => window.Append(message));
        Assert.Equal(["c"], Texts(window.Snapshot()));
        Assert.Equal(5, window.Count);
        window.Append(Said.Call("1", "2", "3"));
        window.Append(Said.Result("1", "r1"));
        window.Append(Said.Result("2", "r2"));
        window.Append(Said.Result("3", "r3"));
        Assert.Equal([SaidAdapter.Empty, "r1", "r2", "r3"], Texts(window.Snapshot()));
    }

    [Fact]
    public void Append_HysteresisKeepsThePrefixUntilTheCapIsReachedAgain()
    {
        ConversationWindowOptions<Said> options = Options(20);
        (options.RetainRatio, options.FullContentCount) = (0.5, int.MaxValue);
        using var window = new ConversationWindow<Said>(options);
        int changes = 0;
        long first = 0;
        for (int i = 0; i < 100; i++)
        {
            window.Append(i % 2 == 0 ? Said.User($"{i}") : Said.Assistant($"{i}"));
            changes += window.Snapshot().Metadata[0].Sequence == first ? 0 : 1;
            first = window.Snapshot().Metadata[0].Sequence;
        }

        Assert.InRange(changes, 7, 9);
        Assert.InRange(window.Count, 9, 20);
    }

    [Fact]
    public void Append_MessagesThatAreKept_AreTheSameInstances_AndTheirObjectsUnchanged()
    {
        using var window = new ConversationWindow<Said>(Options(3));
        Said[] messages = [Said.System("s"), Said.User(new string('u', 1000)), Said.Assistant(new string('a', 1000))];
        Said[] copies = [.. messages.Select(m => m with { })];
        Assert.All(messages, m => window.Append(m));
        Assert.Same(messages[0], window.Snapshot()[0]);
        Assert.Same(messages[2], window.Snapshot()[2]);
        Assert.Equal(200, window.Snapshot()[1].Text.Length);
        Assert.Equal(copies, messages);
    }

    [Fact]
    public void Trim_GivesBackTheOldestGroups_NeverPinnedOnesNorTheNewest_AndSaysHowMuch()
    {
        using var window = new ConversationWindow<Said>(Options(20));
        window.Append(Said.System("rules"));
        foreach (Said message in ToolTurn(4))
        {
            window.Append(message);
        }

        IMemoryReclaimer reclaimer = window;
        long before = window.Bytes;
        Assert.Equal(0, window.Trim(0));
        long first = window.Trim(1);
        Assert.Equal(before - window.Bytes, first);
        Assert.Equal(8, window.Count);
        Assert.Equal(MessageRole.User, window.Snapshot()[1].Role);
        Assert.Equal(reclaimer.ReclaimableBytes, window.Trim(long.MaxValue));
        Assert.Equal(["rules", "", "result 3"], Texts(window.Snapshot()));
        Assert.Equal((0L, 0L, 7L), (reclaimer.ReclaimableBytes, window.Trim(1), window.Statistics.Trimmed));
        Assert.Throws<ArgumentOutOfRangeException>(() => window.Trim(-1));
        Assert.Equal((ReclaimPriority.Conversation, window.Bytes, 0L), (reclaimer.Priority, reclaimer.UsedBytes, reclaimer.Reclaim(100)));
    }

    [Fact]
    public void Clear_DropsEverything_AndNumbersGoOn()
    {
        using var window = new ConversationWindow<Said>(Options());
        long empty = window.Bytes;
        window.Append(Said.System("rules"));
        window.Append(Said.Call("a"));
        window.SetSummary(Said.User("short"), 0);
        window.Clear();
        Assert.Equal((0, empty, 2L, 2L), (window.Count, window.Bytes, window.NextSequence, window.Statistics.Cleared));
        Assert.Empty(window.Snapshot());
        Assert.Equal(AppendResult.Orphan, window.Append(Said.Result("a")));
        Assert.Equal(AppendResult.Appended, window.Append(Said.User("b"), out long sequence));
        Assert.Equal(2, sequence);
    }

    [Fact]
    public void Snapshot_UntilSomethingChanges_IsTheSame_AndStaysWhatItWas()
    {
        using var window = new ConversationWindow<Said>(Options(2));
        window.Append(Said.User("a"));
        ConversationSnapshot<Said> snapshot = window.Snapshot();
        Assert.Same(snapshot, window.Snapshot());
        window.Append(Said.Result("nobody"));
        Assert.Same(snapshot, window.Snapshot());
        window.Append(Said.Assistant("b"));
        window.Append(Said.User("c"));
        Assert.NotSame(snapshot, window.Snapshot());
        Assert.Equal(["a"], Texts(snapshot));
        Assert.Equal(snapshot[0], snapshot.Messages[0]);
    }

    [Fact]
    public void Append_WhatCannotBeMeasured_IsRefused()
    {
        ConversationWindowOptions<object> options = new() { Adapter = new ObjectAdapter() };
        using var window = new ConversationWindow<object>(options);
        Assert.Equal(AppendResult.SizeUnknown, window.Append(Enumerable.Range(0, 20_000).Select(_ => new object()).ToArray()));
        Assert.Equal(AppendResult.Appended, window.Append("x"));
        Assert.Equal((1L, 1), (window.Statistics.RejectedSizeUnknown, window.Count));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    public void Append_ToAFullWindow_AllocatesNothing(double ratio)
    {
        Said[] turn = [Said.User("u"), Said.Call("a", "b"), Said.Result("a"), Said.Result("b"), Said.Assistant("a")];
        ConversationWindowOptions<Said> options = Options(11);
        (options.FullContentCount, options.RetainRatio) = (int.MaxValue, ratio);
        using var window = new ConversationWindow<Said>(options);
        void Append()
        {
            for (int i = 0; i < 20; i++)
            {
                window.Append(turn[i % turn.Length]);
            }
        }

        Append();
        Assert.Equal(0, Allocations.Of(Append));
    }

    [Fact]
    public void Append_WhateverTheCap_MovesNoMoreThanWhatLeaves()
    {
        // Counted instead of timed: what an append asks the adapter and the sizer.
        var adapter = new CountingAdapter();
        ConversationWindowOptions<Said> options = Options(10_000);
        (options.Adapter, options.MaxBytes, options.FullContentCount) = (adapter, Histories.Ample, 5000);
        using var window = new ConversationWindow<Said>(options);
        foreach (Said message in ToolTurn(20_000))
        {
            window.Append(message);
        }

        Assert.Equal(10_000 - 1, window.Count);
        Assert.InRange(adapter.Calls, 1, 40_001 * 8);
    }

    private sealed class ObjectAdapter : IMessageAdapter<object>
    {
        public MessageDescription Describe(object message) => new(MessageRole.User);

        public int CountTokens(object message, TokenCounter counter) => 0;

        public object Truncate(object message, in TextTruncation truncation) => message;

        public object CreatePlaceholder(in MessageMetadata metadata) => "";

        public object Create(MessageRole role, string text) => text;
    }

    private sealed class CountingAdapter : IMessageAdapter<Said>
    {
        public long Calls { get; private set; }

        public MessageDescription Describe(Said message)
        {
            Calls++;
            return SaidAdapter.Instance.Describe(message);
        }

        public int CountTokens(Said message, TokenCounter counter) => 0;

        public Said Truncate(Said message, in TextTruncation truncation)
        {
            Calls++;
            return SaidAdapter.Instance.Truncate(message, truncation);
        }

        public Said CreatePlaceholder(in MessageMetadata metadata)
        {
            Calls++;
            return SaidAdapter.Instance.CreatePlaceholder(metadata);
        }

        public Said Create(MessageRole role, string text) => new(role, text);
    }
}
