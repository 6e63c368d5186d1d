using System.Net.Sockets;
using BoundedMemory.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BoundedMemory.HttpTests;

/// <summary>Kestrel on loopback that serves a hub at <c>/ours</c> by our result and at <c>/typed</c> by <c>TypedResults.ServerSentEvents</c>.</summary>
internal sealed class EventServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EventServer(WebApplication app, BroadcastHub<EventPayload> hub, ManualTimeProvider clock)
    {
        _app = app;
        Hub = hub;
        Clock = clock;
    }

    public BroadcastHub<EventPayload> Hub { get; }

    public ManualTimeProvider Clock { get; }

    public int Port { get; private set; }

    public static async Task<EventServer> StartAsync(Action<BroadcastHubOptions<EventPayload>>? configure = null, HubEventOptions? events = null, bool smallBuffers = false)
    {
        var clock = new ManualTimeProvider();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        if (smallBuffers)
        {
            // The system's buffers are not what is tested, and there are not enough of them for a thousand clients.
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxResponseBufferSize = 16 * 1024);
            builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint =>
            {
                Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                socket.SendBufferSize = 4096;
                return socket;
            });
        }

        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddBroadcastHub<EventPayload>("events", options =>
        {
            options.IdleTimeout = TimeSpan.FromMinutes(1);
            options.SweepInterval = TimeSpan.FromSeconds(10);
            configure?.Invoke(options);
        });
        WebApplication app = builder.Build();
        app.MapGet("/ours", (BroadcastHub<EventPayload> hub) => HubResults.EventStream(hub, events: events));
        app.MapGet("/typed", (HttpContext context, BroadcastHub<EventPayload> hub) =>
        {
            HubSubscription<EventPayload> subscription = hub.Subscribe(new() { After = HubEvents.ParseEventId(context.Request.Headers["Last-Event-ID"]) });
            subscription.Closed.Register(context.Abort);
            return TypedResults.ServerSentEvents(subscription.ReadEventsAsync(events, context.RequestAborted));
        });
        await app.StartAsync();
        var server = new EventServer(app, app.Services.GetRequiredService<BroadcastHub<EventPayload>>(), clock);
        server.Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return server;
    }

    /// <summary>A client whose subscription is there.</summary>
    public async Task<EventClient> ConnectAsync(string path, string? lastEventId = null, int receiveBuffer = 2048)
    {
        long subscribed = Hub.Statistics.Subscribed;
        EventClient client = await EventClient.ConnectAsync(Port, path, lastEventId, receiveBuffer);
        Patience.Until(() => Hub.Statistics.Subscribed > subscribed);
        return client;
    }

    /// <summary>Publishes until a subscriber that does not read is stuck: it has fallen out of the ring.</summary>
    public void PublishUntilStuck(int bytes = 10_000)
    {
        EventPayload payload = EventPayload.FromText(new string('x', bytes));
        long missed = 3 * Hub.MaxCount!.Value;
        Patience.Until(() =>
        {
            Hub.Publish(payload);
            return Hub.Statistics.Lag > missed;
        });
    }

    public async ValueTask DisposeAsync()
    {
        Hub.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
