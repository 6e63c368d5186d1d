using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace BoundedMemory;

/// <summary>A hub's messages as server-sent events to one client.</summary>
/// <remarks>
/// <para><b>Encoded once.</b> A payload's bytes are copied from the one array that all subscribers share into the response's buffer; only id and framing are written
/// for each client.</para>
/// <para><b>A client that does not read.</b> The server's buffer for it fills up (64 KB by default), and the write that waits for room is no read of the
/// subscription: the hub closes it after its <see cref="BroadcastHubOptions{T}.IdleTimeout"/>, and the connection is aborted. A client that is gone ends it at
/// once where the connection says so, else that way.</para>
/// <para><b>Headers and heartbeats.</b> Headers are sent before the first event, with a comment; a comment follows after each
/// <see cref="HubEventOptions.HeartbeatInterval"/>.</para>
/// <para><b>Coming back.</b> Event ids are sequence numbers. A client that sends its last one gets what the hub still holds after it, and an event of
/// <see cref="HubEventOptions.GapEventType"/> where something is missing.</para>
/// <para><b>Refused.</b> 503 where the hub takes no more subscribers, 204 where it was completed: a browser does not come back then.</para>
/// </remarks>
public sealed class HubEventStreamResult : IResult
{
    private static readonly HubEventOptions DefaultEvents = new();

    private readonly BroadcastHub<EventPayload> _hub;
    private readonly HubSubscriptionOptions<EventPayload> _subscription;
    private readonly HubEventOptions _events;

    internal HubEventStreamResult(BroadcastHub<EventPayload> hub, HubSubscriptionOptions<EventPayload>? subscription, HubEventOptions? events)
    {
        _hub = hub;
        _subscription = subscription ?? new();
        _events = events ?? DefaultEvents;
    }

    /// <summary>Streams until the client is gone or the subscription has ended.</summary>
    /// <param name="httpContext">The request.</param>
    /// <exception cref="ArgumentNullException"><paramref name="httpContext"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        OptionErrors.ThrowFirst(HubEventOptions.FindErrors(_events));
        HttpResponse response = httpContext.Response;
        HubSubscribeResult result = _hub.TrySubscribe(OptionsFor(httpContext.Request), out HubSubscription<EventPayload>? subscription);
        if (result != HubSubscribeResult.Subscribed)
        {
            response.StatusCode = result == HubSubscribeResult.Completed ? StatusCodes.Status204NoContent : StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using (subscription)
        {
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache,no-store";
            response.Headers.Pragma = "no-cache";
            response.Headers.ContentEncoding = "identity";
            response.Headers["X-Accel-Buffering"] = "no";
            httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            var stream = new HubEventStream(subscription!, response.BodyWriter, httpContext.Abort);
            try
            {
                await stream.RunAsync(_events, httpContext.RequestAborted).ConfigureAwait(false);
            }
            catch (Exception) when (httpContext.RequestAborted.IsCancellationRequested || subscription!.CloseCause is not null)
            {
                // The client is gone, or was sent away: the write that was under way has nowhere to go. The subscription's cause says which.
            }
        }
    }

    /// <summary>A copy for one request, which continues where the client was.</summary>
    private HubSubscriptionOptions<EventPayload> OptionsFor(HttpRequest request) => new()
    {
        Filter = _subscription.Filter,
        MaxLag = _subscription.MaxLag,
        MaxMissed = _subscription.MaxMissed,
        PrivateCount = _subscription.PrivateCount,
        After = _subscription.After ?? (_subscription.PrivateCount is null ? HubEvents.ParseEventId(request.Headers["Last-Event-ID"]) : null),
    };
}
