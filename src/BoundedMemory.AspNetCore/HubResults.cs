namespace BoundedMemory;

/// <summary>Results of endpoints that stream from a <see cref="BroadcastHub{T}"/>.</summary>
public static class HubResults
{
    /// <summary>Subscribes whoever made the request to a hub, and streams its messages as server-sent events for as long as client, connection and hub last.</summary>
    /// <param name="hub">The hub.</param>
    /// <param name="subscription">What to subscribe to; read when the result is executed. <see cref="HubSubscriptionOptions{T}.After"/> is taken from the request's
    /// <c>Last-Event-ID</c>, unless it is set or there is a private queue. Null: everything.</param>
    /// <param name="events">Heartbeats and names; read when the result is executed. Null: the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="hub"/> is null.</exception>
    /// <example>
    /// <code>
    /// app.MapGet("/quotes", (BroadcastHub&lt;EventPayload&gt; hub) => HubResults.EventStream(hub));
    /// </code>
    /// </example>
    public static HubEventStreamResult EventStream(
        BroadcastHub<EventPayload> hub, HubSubscriptionOptions<EventPayload>? subscription = null, HubEventOptions? events = null)
    {
        ArgumentNullException.ThrowIfNull(hub);
        return new HubEventStreamResult(hub, subscription, events);
    }
}
