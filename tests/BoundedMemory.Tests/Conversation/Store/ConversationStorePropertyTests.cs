using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Conversation.Store;

public class ConversationStorePropertyTests
{
    public enum Act
    {
        System,
        User,
        Assistant,
        Reasoning,
        Call,
        ParallelCall,
        Result,
        Pinned,
        Summary,
        Stream,
        Reload,
    }

    private static readonly Gen<Op> Ops =
        from act in Gen.Frequency(
            (1, Gen.Constant(Act.System)), (6, Gen.Constant(Act.User)), (4, Gen.Constant(Act.Assistant)), (1, Gen.Constant(Act.Reasoning)), (4, Gen.Constant(Act.Call)),
            (2, Gen.Constant(Act.ParallelCall)), (8, Gen.Constant(Act.Result)), (1, Gen.Constant(Act.Pinned)), (1, Gen.Constant(Act.Summary)), (2, Gen.Constant(Act.Stream)),
            (5, Gen.Constant(Act.Reload)))
        from id in Gen.Choose(0, 3)
        from size in Gen.Frequency((6, Gen.Choose(0, 60)), (2, Gen.Choose(100, 400)), (1, Gen.Choose(1000, 3000)))
        select new Op(act, id, size);

    private static readonly Gen<Limits> AllLimits =
        from messages in Gen.Choose(1, 12)
        from full in Gen.Choose(1, 8)
        from bytes in Gen.Elements(4096L, 8192L, 64_000L)
        from ratio in Gen.Elements(1.0, 0.8, 0.5)
        from content in Gen.Elements<TextTruncation?>(null, new TextTruncation(40), new TextTruncation(300, TruncationUnit.Utf8Byte, TruncationPosition.Middle))
        from tokens in Gen.Elements<int?>(null, 600)
        from flags in Gen.Choose(0, 31)
        select new Limits(messages, full, bytes, ratio, content, tokens, flags);

    private static readonly Gen<(int Act, int Key, int Size)> Uses =
        from act in Gen.Choose(0, 99)
        from key in Gen.Choose(0, 25)
        from size in Gen.Choose(0, 1500)
        select (act, key, size);

    /// <summary>Property 14, and 12: whatever is appended, and whenever it is evicted and loaded again, the window is what it would have been had it stayed.</summary>
    [Fact]
    public void EvictAndReload_RandomHistories_GiveTheSnapshotOfOneThatStayed() => Prop.ForAll(
        Ops.ArrayOf().ToArbitrary(),
        AllLimits.ToArbitrary(),
        (steps, limits) =>
        {
            var clock = new ManualTimeProvider();
            var storage = new RecordingStorage<string, ConversationMessage>();
            using ConversationStore<string, ConversationMessage> staying = Create(clock, limits, storage: null);
            using ConversationStore<string, ConversationMessage> leaving = Create(clock, limits, storage);
            int number = 0;
            foreach (Op step in steps)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                if (step.Act == Act.Reload)
                {
                    leaving.FlushAsync().Soon().GetAwaiter().GetResult();
                    leaving.Trim(long.MaxValue);
                    Assert.Equal(0, leaving.Count);
                    int fetches = storage.Fetched.Count;
                    AssertSame(staying, leaving);
                    AssertFetched(storage, leaving, fetches);
                    continue;
                }

                number++;
                Assert.Equal(Apply(staying, step, number), Apply(leaving, step, number));
                AssertSame(staying, leaving);
            }

            leaving.FlushAsync().Soon().GetAwaiter().GetResult();
            leaving.Verify(hasSink: true);
            staying.Verify();
            Assert.Equal(staying.Statistics.MessagesAppended, storage.MessagesOf("key").Count);
        }).Check(Stress.Config(endSize: 80));

    /// <summary>Property 13: who makes room is the least recently used that is not leased; nothing is ever over; what is counted adds up.</summary>
    [Fact]
    public void Evictions_RandomUse_AreInTheOrderOfAReferenceLru() => Prop.ForAll(
        Uses.ArrayOf().ToArbitrary(),
        history =>
        {
            var reference = new List<string>();
            var leases = new Dictionary<string, ConversationLease<ConversationMessage>>();
            using ConversationStore<string, ConversationMessage> store = Stores.Create(o =>
            {
                (o.MaxBytes, o.MaxConversations, o.Window.MaxBytes, o.Window.MaxMessages) = (40_000, 12, 12_000, 5);
                o.Evicted = e =>
                {
                    Assert.Equal(reference.First(key => !leases.ContainsKey(key)), e.Key);
                    reference.Remove(e.Key);
                };
            });

            void Use(string key)
            {
                reference.Remove(key);
                reference.Add(key);
            }

            foreach ((int act, int number, int size) in history)
            {
                string key = $"{number}";
                if (leases.TryGetValue(key, out ConversationLease<ConversationMessage>? lease))
                {
                    lease.Append(Stores.User(new string('x', size)));
                    lease.Dispose();
                    leases.Remove(key);
                    Use(key);
                }
                else if (act < 10 && store.TryAcquire(key, out lease))
                {
                    Use(key);
                    lease.Dispose();
                }
                else if (act < 15)
                {
                    store.Trim(size * 4);
                }
                else
                {
                    try
                    {
                        lease = store.Acquire(key);
                    }
                    catch (MemoryBudgetExceededException)
                    {
                        Assert.True(leases.Count > 2);
                        continue;
                    }

                    Use(key);
                    leases[key] = lease;
                    AppendResult result = lease.Append(Stores.User(new string('x', size)));
                    Assert.True(result == AppendResult.Appended || leases.Count > 2);
                    if (act < 80)
                    {
                        leases.Remove(key);
                        lease.Dispose();
                    }
                }

                Assert.Equal(reference.Order(), store.Cache.Select(entry => entry.Key).Order());
                Assert.InRange(store.Bytes, 0, 40_000);
                Assert.InRange(store.Count, 0, 12);
                Assert.All(leases.Keys, leased => Assert.True(store.Cache.ContainsKey(leased)));
            }

            Assert.Equal(leases.Count, store.Verify().Leases);
            foreach ((string key, ConversationLease<ConversationMessage> lease) in leases)
            {
                lease.Dispose();
                Use(key);
            }

            leases.Clear();
            store.Trim(long.MaxValue);
            Assert.Empty(reference);
            Assert.Equal(0, store.Statistics.CallbackFailures);
            Assert.Equal((store.Verify().OverheadBytes, 0), (store.Bytes, store.Statistics.Leases));
        }).Check(Stress.Config(endSize: 200));

    private static AppendResult Apply(ConversationStore<string, ConversationMessage> store, Op step, int number)
    {
        using ConversationLease<ConversationMessage> lease = store.Acquire("key");
        string text = $"{number} {new string((char)('a' + step.Id), step.Size)}";
        switch (step.Act)
        {
            case Act.Summary:
                long through = lease.NextSequence - 1 - step.Id;
                return through < 0 ? AppendResult.Appended : lease.SetSummary(new ConversationMessage(MessageRole.System, "summary " + text), through);
            case Act.Stream:
                using (MessageBuilder<ConversationMessage> builder = lease.BeginMessage(MessageRole.Assistant))
                {
                    foreach (char[] piece in text.Chunk(50))
                    {
                        if (builder.Append(piece) is var refused && refused != AppendResult.Appended)
                        {
                            return refused;
                        }
                    }

                    return builder.Complete(out _);
                }

            default:
                return lease.Append(step.Act switch
                {
                    Act.System => new ConversationMessage(MessageRole.System, text),
                    Act.User => Stores.User(text),
                    Act.Pinned => Stores.User(text) with { IsPinned = true },
                    Act.Reasoning => Stores.Assistant("reasoning " + text),
                    Act.Call => Stores.Assistant(text) with { ToolCalls = [new ToolCall($"{step.Id}", "f")] },
                    Act.ParallelCall => Stores.Assistant(text) with { ToolCalls = [new ToolCall($"{step.Id}", "f"), new ToolCall($"{(step.Id + 1) % 4}", "g"), new ToolCall(null, "h")] },
                    Act.Result => new ConversationMessage(MessageRole.Tool, text) { ToolCalls = [new ToolCall(step.Size % 5 == 0 ? null : $"{step.Id}")] },
                    _ => Stores.Assistant(text),
                });
        }
    }

    private static void AssertSame(ConversationStore<string, ConversationMessage> staying, ConversationStore<string, ConversationMessage> leaving)
    {
        using ConversationLease<ConversationMessage> expected = staying.Acquire("key");
        using ConversationLease<ConversationMessage> actual = leaving.Acquire("key");
        ConversationSnapshot<ConversationMessage> x = expected.Snapshot();
        ConversationSnapshot<ConversationMessage> y = actual.Snapshot();
        Assert.Equal(x.Select(m => (m.Role, m.Text, m.IsPinned)), y.Select(m => (m.Role, m.Text, m.IsPinned)));
        Assert.Equal(x.Metadata.ToArray().Select(m => (m.Sequence, m.HasContent, m.IsTruncated, m.ContentBytes)), y.Metadata.ToArray().Select(m => (m.Sequence, m.HasContent, m.IsTruncated, m.ContentBytes)));
        Assert.Equal((x.Bytes, x.Tokens, expected.NextSequence), (y.Bytes, y.Tokens, actual.NextSequence));
    }

    /// <summary>Those contents were fetched that the window has.</summary>
    private static void AssertFetched(RecordingStorage<string, ConversationMessage> storage, ConversationStore<string, ConversationMessage> store, int before)
    {
        using ConversationLease<ConversationMessage> lease = store.Acquire("key");
        long[] fetched = [.. storage.Fetched.Skip(before).SelectMany(f => f.Sequences)];
        lock (store.Cache.Single().Value.Window.Gate)
        {
            Assert.Equal(store.Cache.Single().Value.Window.Retained().Where(m => m.HasContent).Select(m => m.Sequence), fetched);
        }
    }

    private static ConversationStore<string, ConversationMessage> Create(ManualTimeProvider clock, Limits limits, RecordingStorage<string, ConversationMessage>? storage) =>
        new(new()
        {
            MaxBytes = 10_000_000,
            TimeProvider = clock,
            Source = storage,
            Sink = storage,
            Window = new()
            {
                Adapter = new ReasoningAdapter(),
                MaxMessages = limits.Messages,
                FullContentCount = limits.Full,
                MaxBytes = limits.Bytes,
                RetainRatio = limits.Ratio,
                Content = limits.Content,
                MaxTokens = limits.Tokens,
                TokenCounter = text => text.Length / 4,
                TruncateNewestGroup = (limits.Flags & 1) != 0,
                StartOn = (limits.Flags & 2) != 0 ? StartOn.AnyMessage : StartOn.UserMessageIfPossible,
                IncompleteGroup = (limits.Flags & 4) != 0 ? IncompleteGroup.Keep : IncompleteGroup.Drop,
                OversizeGroup = (limits.Flags & 8) != 0 ? OversizeGroup.Reject : OversizeGroup.TruncateThenDrop,
                WithoutContent = (limits.Flags & 16) != 0 ? WithoutContent.Omit : WithoutContent.Placeholder,
            },
        });

    public sealed record Op(Act Act, int Id, int Size);

    public sealed record Limits(int Messages, int Full, long Bytes, double Ratio, TextTruncation? Content, int? Tokens, int Flags);

    /// <summary>Takes texts that say so for the model's reasoning.</summary>
    private sealed class ReasoningAdapter : IMessageAdapter<ConversationMessage>
    {
        public MessageDescription Describe(ConversationMessage message) => message.Text.StartsWith("reasoning", StringComparison.Ordinal)
            ? new MessageDescription(MessageRole.Assistant, MessageKind.Reasoning)
            : ConversationMessage.Adapter.Describe(message);

        public int CountTokens(ConversationMessage message, TokenCounter counter) => ConversationMessage.Adapter.CountTokens(message, counter);

        public ConversationMessage Truncate(ConversationMessage message, in TextTruncation truncation) => ConversationMessage.Adapter.Truncate(message, truncation);

        public ConversationMessage CreatePlaceholder(in MessageMetadata metadata) => ConversationMessage.Adapter.CreatePlaceholder(metadata);

        public ConversationMessage Create(MessageRole role, string text) => ConversationMessage.Adapter.Create(role, text);
    }
}
