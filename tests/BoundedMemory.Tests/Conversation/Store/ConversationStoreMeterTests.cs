using System.Runtime.CompilerServices;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Store;

public class ConversationStoreMeterTests
{
    private const string Prefix = "bounded_memory.conversation.";

    private static readonly string[] Instruments =
    [
        "requests {request} ObservableCounter", "loads {load} ObservableCounter", "load.failures {load} ObservableCounter",
        "evictions {conversation} ObservableCounter", "refusals {conversation} ObservableCounter", "messages.appended {message} ObservableCounter",
        "messages.loaded {message} ObservableCounter", "messages.dropped {message} ObservableCounter", "messages.truncated {message} ObservableCounter",
        "messages.emptied {message} ObservableCounter", "messages.lost {message} ObservableCounter", "rejections {message} ObservableCounter",
        "sink.writes {message} ObservableCounter", "sink.failures {failure} ObservableCounter", "sink.pending {message} ObservableUpDownCounter",
        "callback.failures {failure} ObservableCounter", "count {conversation} ObservableUpDownCounter", "count.limit {conversation} ObservableUpDownCounter",
        "unsaved.count {conversation} ObservableUpDownCounter", "lease.count {lease} ObservableUpDownCounter", "message.count {message} ObservableUpDownCounter",
        "usage By ObservableUpDownCounter", "limit By ObservableUpDownCounter", "utilization 1 ObservableGauge",
    ];

    [Fact]
    public void Instruments_OfTheMeter_AreThoseThatAreDocumented()
    {
        using var meters = new OwnMeters();
        using ConversationStore<string, ConversationMessage> store = Stores.Create(o => o.MeterFactory = meters.Factory);
        using var reading = new MeterReading(meters.Factory);
        reading.RequireInstruments(Prefix, Instruments);
    }

    [Fact]
    public async Task Values_AfterAHistory_AreThoseOfTheStatistics()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        var storage = new RecordingStorage<string, ConversationMessage>();
        using ConversationStore<string, ConversationMessage> store = Stores.Create(o =>
        {
            (o.Name, o.MeterFactory, o.Source, o.Sink, o.MaxConversations, o.MaxPendingMessages) = ("s", meters.Factory, storage, storage, 3, 4);
            o.Evicted = _ => throw new InvalidOperationException();
            o.Window = new() { MaxMessages = 3, FullContentCount = 2, Content = new(10), MaxBytes = 20_000 };
        });
        using ConversationLease<ConversationMessage> lease = await Use(store, storage);
        ConversationStoreStatistics s = store.Statistics;
        var expected = new Dictionary<string, double>
        {
            ["requests{conversation.name=s,conversation.request.type=hit}"] = s.Hits,
            ["requests{conversation.name=s,conversation.request.type=miss}"] = s.Misses,
            ["loads{conversation.name=s}"] = s.Loads,
            ["load.failures{conversation.name=s}"] = s.LoadFailures,
            ["evictions{conversation.name=s,cause=idle}"] = 0,
            ["evictions{conversation.name=s,cause=capacity}"] = s.EvictedCapacity,
            ["evictions{conversation.name=s,cause=trimmed}"] = s.EvictedTrimmed,
            ["evictions{conversation.name=s,cause=removed}"] = s.Removed,
            ["evictions{conversation.name=s,cause=cleared}"] = 0,
            ["evictions{conversation.name=s,cause=disposed}"] = 0,
            ["refusals{conversation.name=s}"] = s.RejectedConversations,
            ["messages.appended{conversation.name=s}"] = s.MessagesAppended,
            ["messages.loaded{conversation.name=s}"] = s.MessagesLoaded,
            ["messages.dropped{conversation.name=s,cause=evicted}"] = s.MessagesEvicted,
            ["messages.dropped{conversation.name=s,cause=oversize}"] = 0,
            ["messages.dropped{conversation.name=s,cause=incomplete}"] = s.MessagesIncomplete,
            ["messages.dropped{conversation.name=s,cause=trimmed}"] = 0,
            ["messages.dropped{conversation.name=s,cause=cleared}"] = 0,
            ["messages.dropped{conversation.name=s,cause=conversation_evicted}"] = s.MessagesLeft,
            ["messages.truncated{conversation.name=s}"] = s.MessagesTruncated,
            ["messages.emptied{conversation.name=s}"] = s.MessagesEmptied,
            ["messages.lost{conversation.name=s}"] = s.Lost,
            ["rejections{conversation.name=s,reason=too_large}"] = s.RejectedTooLarge,
            ["rejections{conversation.name=s,reason=over_budget}"] = 0,
            ["rejections{conversation.name=s,reason=size_unknown}"] = 0,
            ["rejections{conversation.name=s,reason=orphan}"] = s.RejectedOrphans,
            ["rejections{conversation.name=s,reason=backlogged}"] = s.RejectedBacklogged,
            ["rejections{conversation.name=s,reason=closed}"] = s.RejectedClosed,
            ["sink.writes{conversation.name=s}"] = s.SinkWritten,
            ["sink.failures{conversation.name=s}"] = s.SinkFailures,
            ["sink.pending{conversation.name=s}"] = s.SinkPending,
            ["callback.failures{conversation.name=s}"] = s.CallbackFailures,
            ["count{conversation.name=s}"] = s.Count,
            ["count.limit{conversation.name=s}"] = 3,
            ["unsaved.count{conversation.name=s}"] = s.Unsaved,
            ["lease.count{conversation.name=s}"] = 1,
            ["message.count{conversation.name=s}"] = s.Messages,
            ["usage{conversation.name=s}"] = s.Bytes,
            ["limit{conversation.name=s}"] = 1_000_000,
            ["utilization{conversation.name=s}"] = s.Utilization,
        };
        reading.RequireValues(Prefix, expected);
        double[] mustNotBeZero =
        [
            s.Hits, s.Misses, s.Loads, s.LoadFailures, s.EvictedCapacity, s.EvictedTrimmed, s.Removed, s.RejectedConversations, s.MessagesAppended, s.MessagesLoaded,
            s.MessagesEvicted, s.MessagesIncomplete, s.MessagesLeft, s.MessagesTruncated, s.MessagesEmptied, s.Lost, s.RejectedTooLarge, s.RejectedOrphans,
            s.RejectedBacklogged, s.RejectedClosed, s.SinkWritten, s.SinkFailures, s.SinkPending, s.CallbackFailures, s.Count, s.Unsaved, s.Messages, s.Bytes, s.Utilization,
        ];
        Assert.All(mustNotBeZero, value => Assert.NotEqual(0, value));
    }

    [Fact]
    public void StoresThatAreGone_AreNotReported()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        Drop(meters);
        using ConversationStore<string, ConversationMessage> disposed = Stores.Create(o => o.MeterFactory = meters.Factory);
        disposed.Dispose();
        GC.Collect();
        Assert.Empty(reading.Read());

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Drop(OwnMeters meters) => Stores.Create(o => o.MeterFactory = meters.Factory).Append("a", "1");
    }

    /// <summary>Lets everything happen that is counted.</summary>
    private static async Task<ConversationLease<ConversationMessage>> Use(
        ConversationStore<string, ConversationMessage> store, RecordingStorage<string, ConversationMessage> storage)
    {
        storage.OnReadMetadata = (_, _) => throw new IOException();
        await Assert.ThrowsAsync<IOException>(() => store.AcquireAsync("a").AsTask());
        storage.OnReadMetadata = null;
        store.Append("a", "1", "2 that is longer than that", "3");
        using (ConversationLease<ConversationMessage> a = store.Acquire("a"))
        {
            a.Append(Stores.Assistant("call") with { ToolCalls = [new ToolCall("x", "f")] });
            a.Append(new ConversationMessage(MessageRole.Tool, "r") { ToolCalls = [new ToolCall("y")] });
            await store.FlushAsync().Soon();
            a.Append(Stores.User("4"));
            a.Append(Stores.User(new string('x', 20_000)) with { IsPinned = true });
        }

        await store.FlushAsync().Soon();
        store.Trim(long.MaxValue);
        store.Append("a", "5");
        await store.FlushAsync().Soon();
        foreach (string key in new[] { "b", "c", "d" })
        {
            store.Acquire(key).Dispose();
        }

        storage.OnWrite = (_, _) => throw new IOException();
        ConversationLease<ConversationMessage> removed = store.Acquire("b");
        removed.Append(Stores.User("lost"));
        Patience.Until(() => store.Statistics.SinkFailures == 1);
        store.Remove("b");
        removed.Append(Stores.User("closed"));
        removed.Dispose();
        ConversationLease<ConversationMessage> kept = store.Acquire("c");
        for (int i = 0; kept.Append(Stores.User($"{i}")) != AppendResult.Backlogged; i++)
        {
        }

        ConversationLease<ConversationMessage>[] others = [store.Acquire("d"), store.Acquire("e")];
        await Assert.ThrowsAsync<MemoryBudgetExceededException>(() => store.AcquireAsync("f").AsTask());
        Array.ForEach(others, other => other.Dispose());
        return kept;
    }
}
