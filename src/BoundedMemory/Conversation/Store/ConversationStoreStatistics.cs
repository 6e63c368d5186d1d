using System.Text.Json.Serialization;

namespace BoundedMemory;

/// <summary>What a store has done and what it holds. Counts are exact.</summary>
/// <remarks>
/// <para>Conversations: <c>Added = Count + EvictedIdle + EvictedCapacity + EvictedTrimmed + Removed + Cleared + Disposed</c>.</para>
/// <para>Messages: <c>MessagesAppended + MessagesLoaded = Messages + MessagesEvicted + MessagesOversize + MessagesIncomplete + MessagesTrimmed + MessagesCleared +
/// MessagesLeft</c>; summaries are not counted.</para>
/// <para>Of a store with a sink: <c>MessagesAppended = SinkWritten + SinkPending + Lost</c>. While nothing is under way.</para>
/// </remarks>
public readonly record struct ConversationStoreStatistics
{
    /// <summary>Leases begun on conversations that were there.</summary>
    public long Hits { get; init; }

    /// <summary>Conversations asked for that were not there, and had to be loaded or begun, or waited for.</summary>
    public long Misses { get; init; }

    /// <summary>Conversations that came in, loaded or begun.</summary>
    public long Added { get; init; }

    /// <summary>Loads from the source.</summary>
    public long Loads { get; init; }

    /// <summary>Of these, those that failed, were cancelled, or whose result was refused.</summary>
    public long LoadFailures { get; init; }

    /// <summary>Conversations refused because those that may not leave fill the store, or others its budget.</summary>
    public long RejectedConversations { get; init; }

    /// <summary>Conversations that left because nobody used them.</summary>
    public long EvictedIdle { get; init; }

    /// <summary>Conversations that made room, the least recently used first.</summary>
    public long EvictedCapacity { get; init; }

    /// <summary>Conversations that left because memory was asked back or a limit was lowered.</summary>
    public long EvictedTrimmed { get; init; }

    /// <summary>Conversations removed by their key.</summary>
    public long Removed { get; init; }

    /// <summary>Conversations that left by <c>Clear</c>.</summary>
    public long Cleared { get; init; }

    /// <summary>Conversations that left by <c>Dispose</c>.</summary>
    public long Disposed { get; init; }

    /// <summary>Conversations held now.</summary>
    public long Count { get; init; }

    /// <summary>Leases held now.</summary>
    public long Leases { get; init; }

    /// <summary>Conversations that may not leave now because they have unsaved messages.</summary>
    public long Unsaved { get; init; }

    /// <summary>Messages appended.</summary>
    public long MessagesAppended { get; init; }

    /// <summary>Messages loaded from the source into conversations, with or without content.</summary>
    public long MessagesLoaded { get; init; }

    /// <summary>Messages that made room in their conversation.</summary>
    public long MessagesEvicted { get; init; }

    /// <summary>Messages whose group did not fit though everything else had left.</summary>
    public long MessagesOversize { get; init; }

    /// <summary>Messages whose group was closed while calls had no answer.</summary>
    public long MessagesIncomplete { get; init; }

    /// <summary>Messages dropped from a conversation because memory was asked back.</summary>
    public long MessagesTrimmed { get; init; }

    /// <summary>Messages dropped because their conversation was cleared.</summary>
    public long MessagesCleared { get; init; }

    /// <summary>Messages that left together with their conversation.</summary>
    public long MessagesLeft { get; init; }

    /// <summary>Messages held now, with or without content; not those that only wait to be written.</summary>
    public long Messages { get; init; }

    /// <summary>Messages whose texts were truncated.</summary>
    public long MessagesTruncated { get; init; }

    /// <summary>Messages that lost their content and stayed.</summary>
    public long MessagesEmptied { get; init; }

    /// <summary>Messages refused because they do not fit into their conversation.</summary>
    public long RejectedTooLarge { get; init; }

    /// <summary>Messages refused because those that may not leave fill the store, or others its budget.</summary>
    public long RejectedOverBudget { get; init; }

    /// <summary>Messages refused because they could not be measured.</summary>
    public long RejectedSizeUnknown { get; init; }

    /// <summary>Results refused because no call waits for them.</summary>
    public long RejectedOrphans { get; init; }

    /// <summary>Messages refused because too many wait for the sink.</summary>
    public long RejectedBacklogged { get; init; }

    /// <summary>Messages refused because their conversation had left the store.</summary>
    public long RejectedClosed { get; init; }

    /// <summary>Messages the sink has written.</summary>
    public long SinkWritten { get; init; }

    /// <summary>Calls of the sink that failed.</summary>
    public long SinkFailures { get; init; }

    /// <summary>Messages that wait for the sink, or that it is writing.</summary>
    public long SinkPending { get; init; }

    /// <summary>What the last call of the sink threw; null if it succeeded. No part of it as JSON: an exception may tell what was to be written.</summary>
    [JsonIgnore]
    public Exception? SinkFault { get; init; }

    /// <summary>Messages that were unsaved when their conversation was removed or cleared, or the store disposed, and have not been written since.</summary>
    public long Lost { get; init; }

    /// <summary>Exceptions thrown by callbacks.</summary>
    public long CallbackFailures { get; init; }

    /// <summary>Bytes in use now, everything the store consists of included; 0 in a store that does not count bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Of these, bytes that belong to no conversation.</summary>
    public long OverheadBytes { get; init; }

    /// <summary>Limit in bytes; null if there is none.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Limit in conversations; null if there is none.</summary>
    public long? MaxConversations { get; init; }

    /// <summary>How full the fullest limit is, from 0 to 1.</summary>
    public double Utilization => Math.Max(Fullness.Of(Bytes, MaxBytes), Fullness.Of(Count, MaxConversations));

    /// <summary>A window of its own as its meter reports it: one conversation.</summary>
    internal static ConversationStoreStatistics Of(in ConversationWindowStatistics window) => new()
    {
        Added = 1,
        Count = 1,
        MessagesAppended = window.Appended,
        MessagesEvicted = window.Evicted,
        MessagesOversize = window.Oversize,
        MessagesIncomplete = window.Incomplete,
        MessagesTrimmed = window.Trimmed,
        MessagesCleared = window.Cleared,
        Messages = window.Count,
        MessagesTruncated = window.Truncated,
        MessagesEmptied = window.Emptied,
        RejectedTooLarge = window.RejectedTooLarge,
        RejectedOverBudget = window.RejectedOverBudget,
        RejectedSizeUnknown = window.RejectedSizeUnknown,
        RejectedOrphans = window.RejectedOrphans,
        CallbackFailures = window.CallbackFailures,
        Bytes = window.Bytes,
        MaxBytes = window.MaxBytes,
    };
}
