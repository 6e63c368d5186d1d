namespace BoundedMemory;

/// <summary>What a <see cref="BroadcastHub{T}"/> has done and what it holds. Taken under its lock: one moment, exact.</summary>
/// <remarks><c>Published = Count + Evicted + Trimmed + Cleared + Disposed</c>. Of each subscription: messages published since it began
/// <c>= Delivered + Filtered + Missed + Lag</c>, and what was its lag when it ended is <see cref="Unread"/>.</remarks>
public readonly record struct HubStatistics
{
    /// <summary>Messages published.</summary>
    public long Published { get; init; }

    /// <summary>Messages removed to make room for newer ones.</summary>
    public long Evicted { get; init; }

    /// <summary>Messages removed because memory was asked back.</summary>
    public long Trimmed { get; init; }

    /// <summary>Messages removed by <c>Clear</c>.</summary>
    public long Cleared { get; init; }

    /// <summary>Messages removed by <c>Dispose</c>.</summary>
    public long Disposed { get; init; }

    /// <summary>Messages refused because they alone exceed the limit in bytes.</summary>
    public long RejectedTooLarge { get; init; }

    /// <summary>Messages refused because a budget was exhausted.</summary>
    public long RejectedOverBudget { get; init; }

    /// <summary>Messages refused because they could not be measured.</summary>
    public long RejectedSizeUnknown { get; init; }

    /// <summary>Messages refused because the hub was completed.</summary>
    public long RejectedCompleted { get; init; }

    /// <summary>Messages read, by all subscribers.</summary>
    public long Delivered { get; init; }

    /// <summary>Messages that filters held back.</summary>
    public long Filtered { get; init; }

    /// <summary>Messages that left before a subscriber read them: reported to it as a gap, or ending it as <see cref="HubCloseCause.Lagged"/>. A gap that a
    /// reader has not come across yet is part of its lag.</summary>
    public long Missed { get; init; }

    /// <summary>Messages that subscriptions had not read when they ended.</summary>
    public long Unread { get; init; }

    /// <summary>Subscribers now.</summary>
    public long Subscribers { get; init; }

    /// <summary>Subscribers that have ever been.</summary>
    public long Subscribed { get; init; }

    /// <summary>Subscribers refused.</summary>
    public long SubscribersRejected { get; init; }

    /// <summary>Subscriptions their readers have disposed.</summary>
    public long ClosedUnsubscribed { get; init; }

    /// <summary>Subscriptions closed because they were idle.</summary>
    public long ClosedIdle { get; init; }

    /// <summary>Subscriptions closed because they missed too much.</summary>
    public long ClosedLagged { get; init; }

    /// <summary>Subscriptions that ended with the completed hub.</summary>
    public long ClosedCompleted { get; init; }

    /// <summary>Subscriptions that ended with the disposed hub.</summary>
    public long ClosedDisposed { get; init; }

    /// <summary>Messages by which the subscriber that is furthest behind is behind.</summary>
    public long Lag { get; init; }

    /// <summary>Exceptions thrown by filters and by what is registered with <see cref="HubSubscription{T}.Closed"/>.</summary>
    public long CallbackFailures { get; init; }

    /// <summary>Messages held now.</summary>
    public long Count { get; init; }

    /// <summary>Bytes in use now, everything the hub consists of included; 0 in a hub that does not count bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Of these, bytes that are not messages of the ring: its array, subscriptions, their private queues, and what else the hub consists of.</summary>
    public long OverheadBytes { get; init; }

    /// <summary>Limit in bytes; null if there is none.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Limit in messages; null if there is none.</summary>
    public long? MaxCount { get; init; }

    /// <summary>How full the fullest limit is, from 0 to 1.</summary>
    public double Utilization => Math.Max(Fullness.Of(Bytes, MaxBytes), Fullness.Of(Count, MaxCount));
}
