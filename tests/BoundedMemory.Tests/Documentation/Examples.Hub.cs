using System.Net.ServerSentEvents;
using System.Text.Json.Serialization;

namespace BoundedMemory.Tests.Documentation;

internal static partial class Examples
{
    private static async Task Hub()
    {
        await Quotes();
        await Events("0", () => { });
    }

    private static async Task Quotes()
    {
        using var cancellation = new CancellationTokenSource();
        CancellationToken stopping = cancellation.Token;
        var shown = new List<string>();
        void Show(string quote, long missed)
        {
            shown.Add(quote);
            cancellation.Cancel();
        }

        async Task Run()
        {
            using var quotes = new BroadcastHub<string>(new() { MaxCount = 100 });
            using HubSubscription<string> subscription = quotes.Subscribe();
            quotes.Publish("ABC 12.30");
            await foreach (HubMessage<string> message in subscription.WithCancellation(stopping))
            {
                Show(message.Value, message.Missed);
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(Run);
        Assert.Equal(["ABC 12.30"], shown);
    }

    private static async Task Events(string lastEventId, Action abort)
    {
        CancellationToken requestAborted = CancellationToken.None;
        using var hub = new BroadcastHub<EventPayload>(new());
        var quote = new Quote("ABC", 12.3m);

        EventPayload payload = EventPayload.FromJson(quote, QuoteJson.Default.Quote, "quote");
        hub.Publish(payload);

        HubSubscription<EventPayload> subscription = hub.Subscribe(new() { After = HubEvents.ParseEventId(lastEventId) });
        subscription.Closed.Register(abort); // context.Abort
        IAsyncEnumerable<SseItem<byte[]>> events = subscription.ReadEventsAsync(cancellationToken: requestAborted); // TypedResults.ServerSentEvents(events)

        hub.Complete();
        Assert.Equal(["heartbeat", "quote"], await events.Select(e => e.EventType).ToListAsync());
    }

    internal sealed record Quote(string Symbol, decimal Price);

    [JsonSerializable(typeof(Quote))]
    internal sealed partial class QuoteJson : JsonSerializerContext;
}
