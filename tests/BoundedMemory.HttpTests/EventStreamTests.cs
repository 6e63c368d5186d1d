using BoundedMemory.Tests.Support;

namespace BoundedMemory.HttpTests;

/// <summary>Server-sent events out of a hub, over Kestrel and sockets.</summary>
public class EventStreamTests
{
    public static TheoryData<string> Paths => new("/ours", "/typed");

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Headers_BeforeTheFirstEvent_AreThere(string path)
    {
        await using EventServer server = await EventServer.StartAsync();
        using EventClient client = await server.ConnectAsync(path);
        string received = await client.ReadUntilAsync("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", received, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/event-stream", received, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Cache-Control: no-cache", received, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, server.Hub.Statistics.Published);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Events_Published_ComeWithIdTypeAndData(string path)
    {
        await using EventServer server = await EventServer.StartAsync();
        using EventClient client = await server.ConnectAsync(path);
        server.Hub.Publish(EventPayload.FromText("""{"price":1}""", "quote"));
        server.Hub.Publish(EventPayload.FromText("zwei\nZeilen ä"));
        string received = await client.ReadUntilAsync("id: 2");
        received = await client.ReadUntilAsync("ä\n");

        Assert.Contains("event: quote\n", received, StringComparison.Ordinal);
        Assert.Contains("data: {\"price\":1}\n", received, StringComparison.Ordinal);
        Assert.Contains("id: 1\n", received, StringComparison.Ordinal);
        Assert.Contains("data: zwei\ndata: Zeilen ä\n", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Framing_OfOurResult_IsExact()
    {
        await using EventServer server = await EventServer.StartAsync(events: new() { ReconnectAfter = TimeSpan.FromSeconds(2) });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        Task<string> body = http.GetStringAsync("/ours");
        Patience.Until(() => server.Hub.Subscribers == 1);
        server.Hub.Publish(EventPayload.FromText("one", "a"));
        server.Hub.Publish(EventPayload.FromText("two\r\nthree\rfour\nfive\n"));
        server.Hub.Publish(EventPayload.FromText(""));
        server.Hub.Complete();
        Assert.Equal(
            "retry: 2000\n:\n\nid: 1\nevent: a\ndata: one\n\nid: 2\ndata: two\ndata: three\ndata: four\ndata: five\ndata: \n\nid: 3\ndata: \n\n",
            await body.Soon());
        using HttpResponseMessage late = await http.GetAsync("/ours");
        Assert.Equal(System.Net.HttpStatusCode.NoContent, late.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Heartbeat_AfterEachInterval_IsSent(string path)
    {
        await using EventServer server = await EventServer.StartAsync(events: new() { HeartbeatInterval = TimeSpan.FromSeconds(5), HeartbeatEventType = "beat" });
        using EventClient client = await server.ConnectAsync(path);
        string beat = path == "/ours" ? ":\n\n" : "event: beat\n";
        await client.ReadUntilAsync(beat);
        for (int i = 2; i <= 4; i++)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(5));
            string received = client.Received;
            int expected = i;
            while (Count(received, beat) < expected)
            {
                received = await client.ReadMoreAsync();
            }
        }

        Assert.Equal(1, server.Hub.Subscribers);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task LastEventId_StillHeld_ContinuesAfterIt(string path)
    {
        await using EventServer server = await EventServer.StartAsync();
        Publish(server, 1, 5);
        using EventClient client = await server.ConnectAsync(path, lastEventId: "3");
        string received = await client.ReadUntilAsync("data: 5\n");
        Assert.Contains("data: 4\n", received, StringComparison.Ordinal);
        Assert.DoesNotContain("data: 3\n", received, StringComparison.Ordinal);
        Assert.DoesNotContain("missed", received, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task LastEventId_NotHeldAnyMore_GetsANoticeOfTheGap(string path)
    {
        await using EventServer server = await EventServer.StartAsync(o => o.MaxCount = 3);
        Publish(server, 1, 10);
        using EventClient client = await server.ConnectAsync(path, lastEventId: "4");
        string received = await client.ReadUntilAsync("data: 10\n");
        Assert.Contains("event: gap\ndata: {\"missed\":3}\n", received, StringComparison.Ordinal);
        Assert.True(received.IndexOf("missed", StringComparison.Ordinal) < received.IndexOf("data: 8\n", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task LastEventId_OfAnotherLifeOfTheHub_GetsANoticeAndWhatThereIs(string path)
    {
        await using EventServer server = await EventServer.StartAsync();
        Publish(server, 1, 2);
        using EventClient client = await server.ConnectAsync(path, lastEventId: "5000");
        string received = await client.ReadUntilAsync("data: 2\n");
        Assert.Contains("event: gap\ndata: {\"missed\":null}\n", received, StringComparison.Ordinal);
        Assert.Contains("data: 1\n", received, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Client_Slow_SeesTheNewestAndANoticeOfWhatItMissed(string path)
    {
        await using EventServer server = await EventServer.StartAsync(o => o.MaxCount = 20);
        using EventClient slow = await server.ConnectAsync(path);
        using EventClient normal = await server.ConnectAsync(path);
        Task<string> normalRead = normal.ReadUntilAsync("data: last\n");
        server.PublishUntilStuck();
        server.Hub.Publish(EventPayload.FromText("last"));
        string received = await slow.ReadUntilAsync("data: last\n");
        Assert.Contains("event: gap\ndata: {\"missed\":", received, StringComparison.Ordinal);
        await normalRead;
        Assert.Equal(2, server.Hub.Subscribers);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Client_ThatNeverReads_IsClosedAsIdleAndItsConnectionAborted(string path)
    {
        await using EventServer server = await EventServer.StartAsync(o => o.MaxCount = 20);
        using EventClient silent = await server.ConnectAsync(path);
        server.PublishUntilStuck();
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, server.Hub.Subscribers);
        server.Clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal((0, 1), (server.Hub.Subscribers, server.Hub.Statistics.ClosedIdle));
        string received = await silent.ReadToEndAsync();
        Assert.False(received.EndsWith("0\r\n\r\n", StringComparison.Ordinal), "It is aborted, not ended as if it were complete.");
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Client_ThatReadsNothingBecauseThereIsNothing_Stays(string path)
    {
        await using EventServer server = await EventServer.StartAsync();
        using EventClient client = await server.ConnectAsync(path);
        await client.ReadUntilAsync("\n\n");
        for (int i = 0; i < 60; i++)
        {
            // Not while it writes the heartbeat: that takes no time, but the clock would not wait for it.
            Patience.Until(() => server.Hub.Waiting == 1);
            server.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        server.Hub.Publish(EventPayload.FromText("at last"));
        await client.ReadUntilAsync("data: at last\n");
        Assert.Equal(0, server.Hub.Statistics.ClosedIdle);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Client_ThatVanishes_EndsItsSubscriptionWithoutAnotherEvent(string path)
    {
        await using EventServer server = await EventServer.StartAsync();
        EventClient client = await server.ConnectAsync(path);
        await client.ReadUntilAsync("\n\n");
        client.Vanish();
        Patience.Until(() => server.Hub.Subscribers == 0);
        Assert.Equal((0, 1), (server.Hub.Statistics.Published, server.Hub.Statistics.ClosedUnsubscribed));
    }

    [Fact]
    public async Task Subscribers_TooMany_Get503()
    {
        await using EventServer server = await EventServer.StartAsync(o => o.MaxSubscribers = 1);
        using EventClient first = await server.ConnectAsync("/ours");
        using EventClient second = await EventClient.ConnectAsync(server.Port, "/ours");
        Assert.StartsWith("HTTP/1.1 503", await second.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Hub_Disposed_EndsTheResponse(string path)
    {
        await using EventServer server = await EventServer.StartAsync();
        using EventClient client = await server.ConnectAsync(path);
        await client.ReadUntilAsync("\n\n");
        server.Hub.Dispose();
        if (path == "/ours")
        {
            // The chunk that ends a response: the client knows that it has all of it.
            await client.ReadUntilAsync("\r\n0\r\n\r\n");
        }
        else
        {
            await client.ReadToEndAsync();
        }
    }

    [Fact]
    public async Task ThousandClients_ThatNeverRead_RetainedMemoryStaysFlatAndIdleOnesGo()
    {
        const int Clients = 1000;
        await using EventServer server = await EventServer.StartAsync(o => (o.MaxCount, o.MaxBytes) = (100, 4_000_000), smallBuffers: true);
        var clients = new List<EventClient>();
        for (int i = 0; i < Clients; i++)
        {
            clients.Add(await server.ConnectAsync("/ours"));
        }

        PublishUntilNobodyReads(server);
        long before = RetainedBytes();
        long delivered = server.Hub.Statistics.Delivered;
        for (int i = 0; i < 5000; i++)
        {
            Assert.Equal(AddResult.Added, server.Hub.Publish(EventPayload.FromText(new string('y', 10_000))));
            Assert.InRange(server.Hub.Bytes, 0, 4_000_000);
        }

        // 50 MB have passed; all of it would be there a thousand times if each had a queue without a bound.
        long grown = RetainedBytes() - before;
        Assert.InRange(grown, -100_000_000, 1_000_000);
        Assert.InRange(server.Hub.Statistics.Delivered - delivered, 0, Clients);
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        Patience.Until(() => server.Hub.Subscribers == 0);
        Assert.Equal(Clients, server.Hub.Statistics.ClosedIdle);
        clients.ForEach(client => client.Dispose());
    }

    private static void PublishUntilNobodyReads(EventServer server)
    {
        int quiet = 0;
        Patience.Until(() =>
        {
            long delivered = server.Hub.Statistics.Delivered;
            for (int i = 0; i < 20; i++)
            {
                server.Hub.Publish(EventPayload.FromText(new string('x', 10_000)));
            }

            Thread.Yield();
            quiet = server.Hub.Statistics.Delivered == delivered ? quiet + 1 : 0;
            return quiet == 200;
        });
    }

    private static long RetainedBytes()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static void Publish(EventServer server, int first, int last)
    {
        for (int i = first; i <= last; i++)
        {
            server.Hub.Publish(EventPayload.FromText($"{i}"));
        }
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
