namespace BoundedMemory;

/// <content>Broadcast hubs.</content>
public static partial class BoundedMemoryInstruments
{
    /// <summary>Messages published, <c>{message}</c>, by <see cref="HubName"/>. Counter.</summary>
    public const string HubPublished = "bounded_memory.hub.published";

    /// <summary>Messages that have left the hub, <c>{message}</c>, by <see cref="HubName"/> and <see cref="Cause"/>. Counter.</summary>
    public const string HubDropped = "bounded_memory.hub.dropped";

    /// <summary>Messages refused, <c>{message}</c>, by <see cref="HubName"/> and <see cref="Reason"/> (also <c>completed</c>). Counter.</summary>
    public const string HubRejections = "bounded_memory.hub.rejections";

    /// <summary>Messages read by subscribers, <c>{message}</c>, by <see cref="HubName"/>. Counter.</summary>
    public const string HubDelivered = "bounded_memory.hub.delivered";

    /// <summary>Messages held back by filters of subscribers, <c>{message}</c>, by <see cref="HubName"/>. Counter.</summary>
    public const string HubFiltered = "bounded_memory.hub.filtered";

    /// <summary>Messages that left before a subscriber read them, <c>{message}</c>, by <see cref="HubName"/>. Counter.</summary>
    public const string HubMissed = "bounded_memory.hub.missed";

    /// <summary>Messages unread when subscriptions ended, <c>{message}</c>, by <see cref="HubName"/>. Counter.</summary>
    public const string HubUnread = "bounded_memory.hub.unread";

    /// <summary>Messages by which the subscriber furthest behind is behind, <c>{message}</c>, by <see cref="HubName"/>. Gauge.</summary>
    public const string HubLag = "bounded_memory.hub.lag";

    /// <summary>Subscribers, <c>{subscriber}</c>, by <see cref="HubName"/>. UpDownCounter.</summary>
    public const string HubSubscribers = "bounded_memory.hub.subscribers";

    /// <summary>Subscriptions that have ended, <c>{subscriber}</c>, by <see cref="HubName"/> and <see cref="Cause"/>: <c>unsubscribed</c>, <c>idle</c>,
    /// <c>lagged</c>, <c>completed</c>, <c>disposed</c>. Counter.</summary>
    public const string HubSubscribersClosed = "bounded_memory.hub.subscribers.closed";

    /// <summary>Subscribers refused, <c>{subscriber}</c>, by <see cref="HubName"/>. Counter.</summary>
    public const string HubSubscribersRejected = "bounded_memory.hub.subscribers.rejected";

    /// <summary>Exceptions of filters and of what is called when subscriptions end, <c>{failure}</c>, by <see cref="HubName"/>. Counter.</summary>
    public const string HubCallbackFailures = "bounded_memory.hub.callback.failures";

    /// <summary>Messages held, <c>{message}</c>, by <see cref="HubName"/>. UpDownCounter.</summary>
    public const string HubMessageCount = "bounded_memory.hub.message.count";

    /// <summary>Limit in messages, <c>{message}</c>, by <see cref="HubName"/>; absent without one. UpDownCounter.</summary>
    public const string HubMessageLimit = "bounded_memory.hub.message.limit";

    /// <summary>Bytes in use, <c>By</c>, by <see cref="HubName"/>; absent where they are not counted. UpDownCounter.</summary>
    public const string HubUsage = "bounded_memory.hub.usage";

    /// <summary>Limit in bytes, <c>By</c>, by <see cref="HubName"/>; absent without one. UpDownCounter.</summary>
    public const string HubLimit = "bounded_memory.hub.limit";

    /// <summary>How full the fullest limit is, <c>1</c>, from 0 to 1, by <see cref="HubName"/>. Gauge.</summary>
    public const string HubUtilization = "bounded_memory.hub.utilization";

    /// <summary>Tag: name of the hub.</summary>
    public const string HubName = "hub.name";
}
