using BoundedMemory.Tests.Conversation.Text;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Conversation;

/// <summary>What holds for all conversations and all options.</summary>
public class WindowPropertyTests
{
    private static readonly Gen<(ConversationWindowOptions<Said> Options, Said[] Messages)> Conversations =
        from options in Histories.Options
        from messages in Histories.Messages
        select (options, messages);

    private static readonly Gen<(ConversationWindowOptions<Said> Options, Event[] Events)> Dialogues =
        from options in Histories.Options
        from events in Histories.Events
        select (options, events);

    [Fact]
    public void AnyHistory_AtEachStep_IsTheReference() => Histories.Check(Dialogues, static c =>
    {
        (ConversationWindowOptions<Said> options, Event[] events) = c;
        var dropped = new List<DroppedMessage<Said>>();
        options.Dropped = dropped.AddRange;

        // A buffer counts while it streams, which the reference knows nothing of: where it could matter the text comes whole.
        bool mayStream = options.MaxBytes == Histories.Ample;
        using var window = new ConversationWindow<Said>(options);
        var reference = new ReferenceWindow { Options = options };
        foreach (Event e in events)
        {
            dropped.Clear();
            switch (e)
            {
                case Event.Append append:
                    (reference, AppendResult expected) = reference.Append(append.Message);
                    Assert.Equal(expected, window.Append(append.Message, out long sequence));
                    Assert.Equal(expected == AppendResult.Appended ? reference.Next - 1 : -1, sequence);
                    break;
                case Event.Stream { IsComplete: true } stream:
                    // Literals retain nothing: the text has to be a new one, as that of the builder is.
                    var whole = new Said(stream.Role, new string(string.Concat(stream.Pieces).AsSpan()));
                    (reference, expected) = reference.Append(whole);
                    Assert.Equal(expected, mayStream ? Send(window, stream) : window.Append(whole));
                    break;
                case Event.Summary summary when reference.Next > 0:
                    long through = Math.Max(0, reference.Next - 1 - summary.But);
                    (reference, expected) = reference.SetSummary(Said.Assistant(summary.Text), through);
                    Assert.Equal(expected, window.SetSummary(Said.Assistant(summary.Text), through));
                    break;
                case Event.Trim trim:
                    (reference, long freed) = reference.Trim(trim.Bytes);
                    Assert.Equal(freed, window.Trim(trim.Bytes));
                    break;
                case Event.Clear:
                    reference = reference.Clear();
                    window.Clear();
                    break;
                default:
                    reference = reference with { Dropped = [] };
                    break;
            }

            ConversationSnapshot<Said> snapshot = window.Snapshot();
            Assert.Equal(reference.Snapshot.Select(m => m.Message), snapshot);
            Assert.Equal(reference.Snapshot.Select(m => m.Metadata), snapshot.Metadata.ToArray());
            Assert.Equal((reference.Snapshot.Sum(m => m.Bytes), options.TokenCounter is null ? null : reference.Snapshot.Sum(m => m.Tokens)), (snapshot.Bytes, snapshot.Tokens));
            Assert.Equal(reference.Messages.Select(m => m.Metadata), window.Retained());
            Assert.Equal(reference.Statistics, window.Statistics);
            Assert.Equal(reference.Dropped, dropped);
            Assert.Equal((reference.Count, reference.Bytes, reference.Next), (window.Count, window.Bytes, window.NextSequence));
        }
    });

    [Fact]
    public void AnyHistory_AfterEveryOperationAndInMidStream_IsWithinAllCaps() => Histories.Check(Dialogues, static c =>
    {
        (ConversationWindowOptions<Said> options, Event[] events) = c;
        using var window = new ConversationWindow<Said>(options);
        void Look()
        {
            Assert.InRange(window.Count, 0, options.MaxMessages);
            Assert.InRange(window.Bytes, 1, options.MaxBytes);
            Assert.InRange(window.Tokens ?? 0, 0, options.MaxTokens ?? int.MaxValue);
            Assert.True(window.Snapshot().Count <= options.MaxMessages && window.Snapshot().Bytes < window.Bytes);
        }

        foreach (Event e in events)
        {
            Play(window, e, Look);
            Look();
        }
    });

    [Fact]
    public void AnyHistory_EveryResult_HasItsCallBeforeItInItsGroup_AndNoClosedGroupIsPartial() => Histories.Check(Conversations, static c =>
    {
        (ConversationWindowOptions<Said> options, Said[] messages) = c;
        using var window = new ConversationWindow<Said>(options);
        foreach (Said message in messages)
        {
            window.Append(message);
            var waiting = new List<string?>();
            bool isPinnedIncomplete = options.IncompleteGroup == IncompleteGroup.Keep || messages.Any(m => m.IsPinned);
            foreach (MessageMetadata m in window.Retained())
            {
                string?[] ids = m.Description.ToolCalls is { Count: > 0 } calls ? [.. calls.Select(call => call.Id)] : [null];
                switch (m.Description.Kind)
                {
                    case MessageKind.Call:
                        Assert.True(isPinnedIncomplete || waiting.Count == 0 || m.Description.Role == MessageRole.Assistant);
                        waiting.AddRange(ids);
                        break;
                    case MessageKind.Result:
                        Assert.All(ids, id => Assert.True(waiting.Remove(id), $"{id} is a result of no call."));
                        break;
                    case MessageKind.Text when m.Description.Role == MessageRole.User && !isPinnedIncomplete:
                        // All that was called before the user spoke has been answered, or is gone.
                        Assert.Empty(waiting);
                        break;
                }
            }
        }
    });

    [Fact]
    public void AnyHistory_OfWhatIsKept_IsASubsequenceOfWhatCame_InOrder() => Histories.Check(Conversations, static c =>
    {
        (ConversationWindowOptions<Said> options, Said[] messages) = c;
        using var window = new ConversationWindow<Said>(options);
        var came = new Dictionary<long, Said>();
        foreach (Said message in messages)
        {
            if (window.Append(message, out long sequence) == AppendResult.Appended)
            {
                came.Add(sequence, message);
            }

            ConversationSnapshot<Said> snapshot = window.Snapshot();
            long last = -1;
            for (int i = 0; i < snapshot.Count; i++)
            {
                MessageMetadata m = snapshot.Metadata[i];
                Assert.True(m.Sequence > last);
                last = m.Sequence;
                Said whole = came[m.Sequence];
                Assert.Equal((whole.Role, whole.Kind, whole.Calls, whole.IsPinned), (snapshot[i].Role, snapshot[i].Kind, snapshot[i].Calls, snapshot[i].IsPinned));
                bool isCut = options.Content is { } content && snapshot[i].Text == TextTruncator.Truncate(whole.Text, content);
                Assert.True(m.HasContent ? snapshot[i].Text == whole.Text || isCut : snapshot[i].Text == SaidAdapter.Empty);
            }
        }
    });

    [Fact]
    public void AnyHistory_SystemAndPinnedMessages_AreThereOnceAndWhole_OrWereRefusedWithNothingChanged() => Histories.Check(Conversations, static c =>
    {
        (ConversationWindowOptions<Said> options, Said[] messages) = c;
        using var window = new ConversationWindow<Said>(options);
        var pinned = new Dictionary<long, Said>();
        foreach (Said message in messages)
        {
            ConversationSnapshot<Said> before = window.Snapshot();
            ConversationWindowStatistics statistics = window.Statistics;
            AppendResult result = window.Append(message, out long sequence);
            if (message.IsPinned || message.Role == MessageRole.System)
            {
                if (result == AppendResult.Appended)
                {
                    pinned.Add(sequence, message);
                }
                else
                {
                    Assert.Same(before, window.Snapshot());
                    Assert.Equal(statistics with { RejectedTooLarge = statistics.RejectedTooLarge + 1 }, window.Statistics);
                }
            }

            ConversationSnapshot<Said> snapshot = window.Snapshot();
            Dictionary<long, Said> there = snapshot.Zip(snapshot.Metadata.ToArray(), (m, d) => (d.Sequence, m)).ToDictionary(x => x.Sequence, x => x.m);
            Assert.All(pinned, p => Assert.Same(p.Value, there[p.Key]));
        }
    });

    [Fact]
    public void AnyHistory_TheNewestMessage_IsThereUnlessItWasRefused() => Histories.Check(Conversations, static c =>
    {
        (ConversationWindowOptions<Said> options, Said[] messages) = c;
        using var window = new ConversationWindow<Said>(options);
        foreach (Said message in messages)
        {
            if (window.Append(message, out long sequence) == AppendResult.Appended)
            {
                Assert.Equal(sequence, window.Snapshot().Metadata[^1].Sequence);
                Assert.True(window.Snapshot().Metadata[^1].HasContent);
            }
        }
    });

    [Fact]
    public void Reduce_OfWhatItReturned_IsTheSame_AndThatOfAppends() => Histories.Check(Conversations, static c =>
    {
        (ConversationWindowOptions<Said> options, Said[] messages) = c;
        int told = 0;
        options.Dropped = _ => told++;
        ConversationSnapshot<Said> reduced = ConversationWindow.Reduce(messages, options);
        Assert.Equal(0, told);
        using var window = new ConversationWindow<Said>(options);
        foreach (Said message in messages)
        {
            window.Append(message);
        }

        Assert.Equal(window.Snapshot(), reduced);
        if (options.RetainRatio == 1)
        {
            // Nothing leaves the second time: nobody would have anything to summarise.
            told = 0;
            Assert.Equal(reduced, ConversationWindow.Reduce(reduced, options));
            using var again = new ConversationWindow<Said>(options);
            Assert.All(reduced, message => Assert.Equal(AppendResult.Appended, again.Append(message)));
            ConversationWindowStatistics s = again.Statistics;
            Assert.Equal((0L, 0L, 0L), (s.Evicted, s.Oversize, s.Incomplete));
        }
    });

    [Fact]
    public void AnyHistory_WithoutPressureOfItsNewestTurn_BeginsWithAMessageOfTheUser() => Histories.Check(Conversations, static c =>
    {
        (ConversationWindowOptions<Said> options, Said[] messages) = c;
        options.StartOn = StartOn.UserMessageIfPossible;
        options.WithoutContent = WithoutContent.Placeholder;
        using var window = new ConversationWindow<Said>(options);
        foreach (Said message in messages)
        {
            ConversationWindowStatistics before = window.Statistics;
            window.Append(message);
            bool hasEvicted = window.Statistics.Evicted > before.Evicted;
            MessageDescription[] loose = [.. window.Snapshot().Where(m => !m.IsPinned && m.Role != MessageRole.System).Select(SaidAdapter.Instance.Describe)];
            bool isGroupOfPinned = messages.Any(m => m.IsPinned);
            if (hasEvicted && !isGroupOfPinned && loose.Any(IsUser))
            {
                Assert.True(IsUser(loose[0]), $"It begins with {loose[0]}.");
            }
        }

        static bool IsUser(MessageDescription d) => d is { Role: MessageRole.User, Kind: not MessageKind.Result };
    });

    [Fact]
    public void AnyHistory_MessagesAndBytes_AddUp() => Histories.Check(Dialogues, static c =>
    {
        (ConversationWindowOptions<Said> options, Event[] events) = c;
        using var window = new ConversationWindow<Said>(options);
        Sizer<Said> sizer = ObjectSizer.For<Said>();
        foreach (Event e in events)
        {
            Play(window, e, static () => { });
            ConversationWindowStatistics s = window.Statistics;
            Assert.Equal(s.Appended, s.Count + s.Evicted + s.Oversize + s.Incomplete + s.Trimmed + s.Cleared);
            Assert.Equal(s.AppendedBytes, s.MessageBytes + s.TruncatedBytes + s.EmptiedBytes + s.DroppedBytes);
            Assert.Equal(window.Retained().Length, s.Count);
            if (options.WithoutContent == WithoutContent.Placeholder)
            {
                Assert.Equal(window.Snapshot().Sum(m => sizer.Measure(m).Bytes), s.MessageBytes + s.SummaryBytes);
            }
        }
    });

    [Fact]
    public void AnyHistory_TheNewestMessagesThatAreNotPinned_AndNoOthers_CarryContent() => Histories.Check(Conversations, static c =>
    {
        (ConversationWindowOptions<Said> options, Said[] messages) = c;
        using var window = new ConversationWindow<Said>(options);
        Said[] plain = [.. messages.Where(m => !m.IsPinned)];
        bool wasInTurn = false;
        foreach (Said message in plain)
        {
            MessageMetadata[] before = window.Retained();
            window.Append(message);
            MessageMetadata[] loose = [.. window.Retained().Where(m => m.Description.Role != MessageRole.System)];

            // Where newer ones left and older ones stayed, what the older ones had lost is lost.
            long[] left = [.. before.Select(m => m.Sequence).Except(window.Retained().Select(m => m.Sequence))];
            wasInTurn |= left.Any(s => loose.Any(m => m.Sequence < s));
            int carriers = loose.Count(m => m.HasContent);
            Assert.True(loose.TakeLast(carriers).All(m => m.HasContent));
            Assert.True(carriers <= options.FullContentCount);
            if (!wasInTurn)
            {
                Assert.Equal(Math.Min(options.FullContentCount, loose.Length), carriers);
            }
        }
    });

    [Fact]
    public void AnyText_InAnyPieces_BecomesTheMessageThatItWouldHaveBeenWhole()
    {
        int enormous = 0;
        Histories.Check(
            from c in Conversations
            from role in Gen.Elements(MessageRole.Assistant, MessageRole.Assistant, MessageRole.User, MessageRole.Tool, MessageRole.System)
            from text in Gen.Frequency((4, Histories.Contents), (2, Texts.Any), (2, Gen.Choose(1000, 60_000).Select(n => new string('t', n))))
            from pieces in Histories.Pieces(text)
            select (c.Options, c.Messages, role, text, pieces),
            c =>
            {
                (ConversationWindowOptions<Said> options, Said[] messages, MessageRole role, string text, string[] pieces) = c;
                using var streamed = new ConversationWindow<Said>(options);
                using var whole = new ConversationWindow<Said>(options);
                foreach (Said message in messages)
                {
                    streamed.Append(message);
                    whole.Append(message);
                }

                ConversationWindowStatistics before = streamed.Statistics;
                AppendResult expected = whole.Append(new Said(role, new string(text.AsSpan())));
                using MessageBuilder<Said> builder = streamed.BeginMessage(role);
                AppendResult sent = AppendResult.Appended;
                foreach (string piece in pieces)
                {
                    sent = builder.Append(piece);
                    Assert.InRange(streamed.Bytes, 1, options.MaxBytes);
                }

                AppendResult result = builder.Complete(out _);
                Assert.InRange(streamed.Bytes, 1, options.MaxBytes);
                Assert.True(sent == AppendResult.Appended || sent == result);
                if (result == AppendResult.Appended)
                {
                    Said last = streamed.Snapshot()[^1];
                    Assert.True(last.Text == text || last.Text == TextTruncator.Truncate(text, options.Content!.Value));
                }

                // What is streamed counts with the buffer it is in. Where that had to make room for itself, more may have left than for the message alone; where not even
                // the text alone would fit, all that may leave has left in both, and what the truncation needs is kept, if that fits with what stays.
                long most = 4096 + (options.Content is { } content ? StreamedText.MostBytes(content) : Histories.Ample);
                bool fitsWhole = before.Bytes + (2.1 * text.Length) + 4096 <= options.MaxBytes;
                bool fitsCut = expected == AppendResult.Appended && Math.Max(before.Bytes, whole.Bytes) + most <= options.MaxBytes;
                if (fitsWhole || (fitsCut && (options.TruncateNewestGroup || HeapLayout.StringBytes(text.Length) > options.MaxBytes)))
                {
                    Assert.Equal(expected, result);
                    Assert.Equal(whole.Snapshot(), streamed.Snapshot());
                    Assert.Equal(whole.Statistics, streamed.Statistics);
                    enormous += fitsWhole || options.TruncateNewestGroup ? 0 : 1;
                }
            });
        Assert.True(enormous > 0, "No text was too large for its window.");
    }

    [Fact]
    public void AnyConversation_RestoredFromWhatItRetained_IsWhatItWas() => Histories.Check(Conversations, static c =>
    {
        (ConversationWindowOptions<Said> options, Said[] messages) = c;
        options.RetainRatio = 1;
        using var window = new ConversationWindow<Said>(options);
        var saved = new Dictionary<long, Said>();
        foreach (Said message in messages)
        {
            if (window.Append(message, out long sequence) == AppendResult.Appended)
            {
                saved.Add(sequence, message);
            }
        }

        MessageMetadata[] retained = window.Retained();
        using var restored = new ConversationWindow<Said>(options);
        restored.Restore(retained, [.. retained.Select(m => m.HasContent ? saved[m.Sequence] : null!)], window.NextSequence);
        Assert.Equal(window.Retained(), restored.Retained());
        Assert.Equal(window.Snapshot(), restored.Snapshot());
        Assert.Equal((window.Count, window.Bytes, window.Tokens, window.NextSequence), (restored.Count, restored.Bytes, restored.Tokens, restored.NextSequence));
    });

    /// <summary>Lets something happen, and looks on after each piece of a message that streams.</summary>
    private static void Play(ConversationWindow<Said> window, Event e, Action look)
    {
        switch (e)
        {
            case Event.Append append:
                window.Append(append.Message);
                break;
            case Event.Stream stream:
                using (MessageBuilder<Said> builder = window.BeginMessage(stream.Role))
                {
                    foreach (string piece in stream.Pieces)
                    {
                        builder.Append(piece);
                        look();
                    }

                    if (stream.IsComplete)
                    {
                        builder.Complete(out _);
                    }
                }

                break;
            case Event.Summary summary when window.NextSequence > 0:
                window.SetSummary(Said.Assistant(summary.Text), Math.Max(0, window.NextSequence - 1 - summary.But));
                break;
            case Event.Trim trim:
                window.Trim(trim.Bytes);
                break;
            case Event.Clear:
                window.Clear();
                break;
        }
    }

    private static AppendResult Send(ConversationWindow<Said> window, Event.Stream stream)
    {
        using MessageBuilder<Said> builder = window.BeginMessage(stream.Role);
        foreach (string piece in stream.Pieces)
        {
            builder.Append(piece);
        }

        return builder.Complete(out _);
    }
}
