using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;

namespace BoundedMemory;

/// <summary>Server-sent events out of a hub: what <c>TypedResults.ServerSentEvents</c> takes.</summary>
/// <remarks>
/// <para>Event ids are sequence numbers: a client that comes back sends the last one it saw, which goes into <see cref="HubSubscriptionOptions{T}.After"/>
/// (<see cref="ParseEventId"/>). What it missed is an event of its own, sent before the event that follows the gap.</para>
/// <para>The first event is a heartbeat: headers are sent with it, not with the first message. Another follows after each
/// <see cref="HubEventOptions.HeartbeatInterval"/>.</para>
/// <para>A consumer that is stuck in a write does not read, so the hub closes its subscription as idle; the stream cannot notice while it is stuck. Register what
/// aborts the connection with <see cref="HubSubscription{T}.Closed"/>, or use the result in the package BoundedMemory.AspNetCore, which does all of this.</para>
/// </remarks>
/// <example>
/// <code>
/// HubSubscription&lt;EventPayload&gt; subscription = hub.Subscribe(new() { After = HubEvents.ParseEventId(lastEventId) });
/// subscription.Closed.Register(abort); // context.Abort
/// IAsyncEnumerable&lt;SseItem&lt;byte[]&gt;&gt; events = subscription.ReadEventsAsync(cancellationToken: requestAborted); // TypedResults.ServerSentEvents(events)
/// </code>
/// </example>
public static class HubEvents
{
    private static readonly HubEventOptions Defaults = new();

    /// <summary>The messages of a hub of encoded payloads; the data are the array that all subscribers share, not a copy.</summary>
    /// <param name="subscription">The subscription; disposed when the enumeration ends.</param>
    /// <param name="options">Heartbeats and names; read when the enumeration begins. Null: the defaults.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="ArgumentNullException"><paramref name="subscription"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IAsyncEnumerable<SseItem<byte[]>> ReadEventsAsync(
        this HubSubscription<EventPayload> subscription, HubEventOptions? options = null, CancellationToken cancellationToken = default) =>
        ReadEventsAsync(subscription, static payload => (payload.Array, payload.EventType), static notice => Encoding.UTF8.GetBytes(notice), options, cancellationToken);

    /// <summary>The messages of any hub, made into data for this one subscriber.</summary>
    /// <typeparam name="T">Type of the messages.</typeparam>
    /// <typeparam name="TData">Type of the data.</typeparam>
    /// <param name="subscription">The subscription; disposed when the enumeration ends.</param>
    /// <param name="toEvent">Makes data and an event type, or null, of a message. What it throws ends the enumeration.</param>
    /// <param name="toNotice">Makes data of the text of a notice: the JSON of a gap, or nothing for a heartbeat.</param>
    /// <param name="options">Heartbeats and names; read when the enumeration begins. Null: the defaults.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IAsyncEnumerable<SseItem<TData>> ReadEventsAsync<T, TData>(
        this HubSubscription<T> subscription,
        Func<T, (TData Data, string? EventType)> toEvent,
        Func<string, TData> toNotice,
        HubEventOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(toEvent);
        ArgumentNullException.ThrowIfNull(toNotice);
        options ??= Defaults;
        OptionErrors.ThrowFirst(HubEventOptions.FindErrors(options));
        return Enumerate(subscription, toEvent, toNotice, options, cancellationToken);
    }

    /// <summary>The sequence number in a <c>Last-Event-ID</c>; null if there is none that a hub has given out.</summary>
    /// <param name="lastEventId">The header's value.</param>
    public static long? ParseEventId(string? lastEventId) =>
        long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence) ? sequence : null;

    /// <summary>The id of the event of a message.</summary>
    internal static string IdOf(long sequence) => sequence.ToString(CultureInfo.InvariantCulture);

    /// <summary>The data of the event that tells of a gap.</summary>
    internal static string GapNotice(long? missed) => string.Create(CultureInfo.InvariantCulture, $$"""{"missed":{{(missed is { } count ? IdOf(count) : "null")}}}""");

    private static async IAsyncEnumerable<SseItem<TData>> Enumerate<T, TData>(
        HubSubscription<T> subscription,
        Func<T, (TData Data, string? EventType)> toEvent,
        Func<string, TData> toNotice,
        HubEventOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var heartbeat = new HubHeartbeat<T>(subscription, options.HeartbeatInterval);
        using HubSubscription<T> ended = subscription;
        yield return new SseItem<TData>(toNotice(""), options.HeartbeatEventType) { ReconnectionInterval = options.ReconnectAfter };
        if (subscription.Resume == HubResume.Unknown)
        {
            yield return new SseItem<TData>(toNotice(GapNotice(missed: null)), options.GapEventType);
        }

        do
        {
            while (subscription.TryRead(out HubMessage<T> message))
            {
                if (message.Missed > 0)
                {
                    yield return new SseItem<TData>(toNotice(GapNotice(message.Missed)), options.GapEventType) { EventId = IdOf(message.Sequence - 1) };
                }

                (TData data, string? eventType) = toEvent(message.Value);
                yield return new SseItem<TData>(data, eventType) { EventId = IdOf(message.Sequence) };
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (heartbeat.TakeDue())
            {
                yield return new SseItem<TData>(toNotice(""), options.HeartbeatEventType);
            }
        }
        while (await subscription.WaitAsync(forNudge: true, cancellationToken).ConfigureAwait(false));
    }
}
