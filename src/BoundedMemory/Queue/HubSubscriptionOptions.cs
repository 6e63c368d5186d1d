namespace BoundedMemory;

/// <summary>What one subscriber wants of a <see cref="BroadcastHub{T}"/>. Copied when it subscribes.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
public sealed class HubSubscriptionOptions<T>
{
    /// <summary>Which messages the subscriber wants. Evaluated when it reads, or, with a private queue, when a message is published; under no lock in
    /// either case. A message about which it throws is delivered, and the exception counted (<see cref="HubStatistics.CallbackFailures"/>).</summary>
    /// <value>Default null: all.</value>
    public Predicate<T>? Filter { get; set; }

    /// <summary>Messages the subscriber may be behind: of those that it has not read it sees the newest so many.</summary>
    /// <value>Default null: as many as the hub holds. 1 to 1,000,000,000. Not together with <see cref="PrivateCount"/>.</value>
    public long? MaxLag { get; set; }

    /// <summary>Messages in one gap beyond which the subscription is closed as <see cref="HubCloseCause.Lagged"/>, for readers that start anew rather than
    /// go on with a gap. Noticed when it reads, and by the sweep.</summary>
    /// <value>Default null: any gap is only reported. 0 to <see cref="long.MaxValue"/>.</value>
    public long? MaxMissed { get; set; }

    /// <summary>Continues after the message of this sequence number, from what the hub still holds: the last event id of a client that comes back. 0 begins
    /// with the oldest message there is.</summary>
    /// <value>Default null: begins with what is published next. At least 0. Not together with <see cref="PrivateCount"/>.</value>
    public long? After { get; set; }

    /// <summary>Gives the subscriber a queue of its own, which keeps the newest so many messages that pass its <see cref="Filter"/>, though the hub may have
    /// moved on. Each publish then costs an evaluation of the filter and, for a match, a copy into the queue. Its array and messages are charged to the hub, a
    /// message as much as in the hub itself.</summary>
    /// <value>Default null: reads from the hub's ring. 1 to 1,000,000. Not together with <see cref="After"/>.</value>
    public int? PrivateCount { get; set; }
}
