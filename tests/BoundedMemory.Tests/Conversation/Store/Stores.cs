using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Store;

/// <summary>Makes stores whose windows truncate and empty nothing, and uses them the way tests do.</summary>
internal static class Stores
{
    public static ConversationStore<string, ConversationMessage> Create(Action<ConversationStoreOptions<string, ConversationMessage>>? change = null)
    {
        var options = new ConversationStoreOptions<string, ConversationMessage>
        {
            MaxBytes = 1_000_000,
            TimeProvider = new ManualTimeProvider(),
            Window = new() { Content = null, FullContentCount = 10_000 },
        };
        change?.Invoke(options);
        return new ConversationStore<string, ConversationMessage>(options);
    }

    public static ConversationMessage User(string text) => new(MessageRole.User, text);

    public static ConversationMessage Assistant(string text) => new(MessageRole.Assistant, text);

    /// <summary>Acquires a conversation of a store whose source answers at once.</summary>
    public static ConversationLease<TMessage> Acquire<TKey, TMessage>(this ConversationStore<TKey, TMessage> store, TKey key)
        where TKey : notnull
    {
        Task<ConversationLease<TMessage>> acquiring = store.AcquireAsync(key).AsTask();
        Assert.True(acquiring.IsCompleted);
        return acquiring.GetAwaiter().GetResult();
    }

    /// <summary>Appends texts of the user to a conversation, which has to take them.</summary>
    public static void Append(this ConversationStore<string, ConversationMessage> store, string key, params string[] texts)
    {
        using ConversationLease<ConversationMessage> lease = store.Acquire(key);
        foreach (string text in texts)
        {
            Assert.Equal(AppendResult.Appended, lease.Append(User(text)));
        }
    }

    public static string[] TextsOf(this ConversationStore<string, ConversationMessage> store, string key)
    {
        using ConversationLease<ConversationMessage> lease = store.Acquire(key);
        return [.. lease.Snapshot().Select(message => message.Text)];
    }

    public static bool Has(this ConversationStore<string, ConversationMessage> store, string key)
    {
        bool has = store.TryAcquire(key, out ConversationLease<ConversationMessage>? lease);
        lease?.Dispose();
        return has;
    }

    /// <summary>What has been counted must add up, while nothing is under way.</summary>
    public static ConversationStoreStatistics Verify<TKey, TMessage>(this ConversationStore<TKey, TMessage> store, bool hasSink = false)
        where TKey : notnull
    {
        store.Cache.Verify();
        ConversationStoreStatistics s = store.Statistics;
        Assert.Equal(s.Added, s.Count + s.EvictedIdle + s.EvictedCapacity + s.EvictedTrimmed + s.Removed + s.Cleared + s.Disposed);
        Assert.Equal(
            s.MessagesAppended + s.MessagesLoaded,
            s.Messages + s.MessagesEvicted + s.MessagesOversize + s.MessagesIncomplete + s.MessagesTrimmed + s.MessagesCleared + s.MessagesLeft);
        if (hasSink)
        {
            Assert.Equal(s.MessagesAppended, s.SinkWritten + s.SinkPending + s.Lost);
        }

        Assert.True(s.Bytes <= (s.MaxBytes ?? long.MaxValue) && s.Count <= (s.MaxConversations ?? long.MaxValue));
        Assert.Equal(0, s.CallbackFailures);
        return s;
    }
}
