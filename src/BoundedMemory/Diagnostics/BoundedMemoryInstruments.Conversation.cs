namespace BoundedMemory;

/// <content>Conversation stores, and windows of their own, each of which is one conversation.</content>
public static partial class BoundedMemoryInstruments
{
    /// <summary>Conversations asked for, <c>{request}</c>, by <see cref="ConversationName"/> and <see cref="ConversationRequestType"/>. Counter.</summary>
    public const string ConversationRequests = "bounded_memory.conversation.requests";

    /// <summary>Loads from the source, <c>{load}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationLoads = "bounded_memory.conversation.loads";

    /// <summary>Loads that failed, were cancelled or whose result was refused, <c>{load}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationLoadFailures = "bounded_memory.conversation.load.failures";

    /// <summary>Conversations that have left, <c>{conversation}</c>, by <see cref="ConversationName"/> and <see cref="Cause"/> (a
    /// <see cref="ConversationEvictionCause"/> in lower case). Counter.</summary>
    public const string ConversationEvictions = "bounded_memory.conversation.evictions";

    /// <summary>Conversations refused because those that may not leave fill the store, <c>{conversation}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationRefusals = "bounded_memory.conversation.refusals";

    /// <summary>Messages appended, <c>{message}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationMessagesAppended = "bounded_memory.conversation.messages.appended";

    /// <summary>Messages loaded, <c>{message}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationMessagesLoaded = "bounded_memory.conversation.messages.loaded";

    /// <summary>Messages that have left, <c>{message}</c>, by <see cref="ConversationName"/> and <see cref="Cause"/> (a <see cref="DropCause"/> in lower case, or
    /// <c>conversation_evicted</c>: together with their conversation). Counter.</summary>
    public const string ConversationMessagesDropped = "bounded_memory.conversation.messages.dropped";

    /// <summary>Messages truncated, <c>{message}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationMessagesTruncated = "bounded_memory.conversation.messages.truncated";

    /// <summary>Messages that lost their content and stayed, <c>{message}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationMessagesEmptied = "bounded_memory.conversation.messages.emptied";

    /// <summary>Messages that were never saved, <c>{message}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationMessagesLost = "bounded_memory.conversation.messages.lost";

    /// <summary>Messages refused, <c>{message}</c>, by <see cref="ConversationName"/> and <see cref="Reason"/> (also <c>orphan</c>, <c>backlogged</c>,
    /// <c>closed</c>). Counter.</summary>
    public const string ConversationRejections = "bounded_memory.conversation.rejections";

    /// <summary>Messages the sink has written, <c>{message}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationSinkWrites = "bounded_memory.conversation.sink.writes";

    /// <summary>Failed calls of the sink, <c>{failure}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationSinkFailures = "bounded_memory.conversation.sink.failures";

    /// <summary>Messages that wait for the sink, <c>{message}</c>, by <see cref="ConversationName"/>. UpDownCounter.</summary>
    public const string ConversationSinkPending = "bounded_memory.conversation.sink.pending";

    /// <summary>Exceptions of callbacks, <c>{failure}</c>, by <see cref="ConversationName"/>. Counter.</summary>
    public const string ConversationCallbackFailures = "bounded_memory.conversation.callback.failures";

    /// <summary>Conversations held, <c>{conversation}</c>, by <see cref="ConversationName"/>. UpDownCounter.</summary>
    public const string ConversationCount = "bounded_memory.conversation.count";

    /// <summary>Limit in conversations, <c>{conversation}</c>, by <see cref="ConversationName"/>; absent without one. UpDownCounter.</summary>
    public const string ConversationCountLimit = "bounded_memory.conversation.count.limit";

    /// <summary>Conversations with unsaved messages, which may not leave, <c>{conversation}</c>, by <see cref="ConversationName"/>. UpDownCounter.</summary>
    public const string ConversationUnsavedCount = "bounded_memory.conversation.unsaved.count";

    /// <summary>Leases held, <c>{lease}</c>, by <see cref="ConversationName"/>. UpDownCounter.</summary>
    public const string ConversationLeaseCount = "bounded_memory.conversation.lease.count";

    /// <summary>Messages held, <c>{message}</c>, by <see cref="ConversationName"/>. UpDownCounter.</summary>
    public const string ConversationMessageCount = "bounded_memory.conversation.message.count";

    /// <summary>Bytes in use, <c>By</c>, by <see cref="ConversationName"/>; absent where they are not counted. UpDownCounter.</summary>
    public const string ConversationUsage = "bounded_memory.conversation.usage";

    /// <summary>Limit in bytes, <c>By</c>, by <see cref="ConversationName"/>; absent without one. UpDownCounter.</summary>
    public const string ConversationLimit = "bounded_memory.conversation.limit";

    /// <summary>How full the fullest limit is, <c>1</c>, from 0 to 1, by <see cref="ConversationName"/>. Gauge.</summary>
    public const string ConversationUtilization = "bounded_memory.conversation.utilization";

    /// <summary>Tag: name of the store or window.</summary>
    public const string ConversationName = "conversation.name";

    /// <summary>Tag: <c>hit</c> or <c>miss</c>.</summary>
    public const string ConversationRequestType = "conversation.request.type";
}
