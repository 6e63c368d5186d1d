using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace BoundedMemory.HttpTests.Admin;

/// <summary>What <c>POST</c> does, and what it refuses without having done anything.</summary>
public class AdminCommandTests
{
    public static TheoryData<string> Addresses => new("cache/a cache", "sse/hub", "queues/queue", "rings/ring", "sessions/sessions", "conversations/store", "conversations/a window");

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Clear_OfOnePart_EmptiesItAndNoOther(string part)
    {
        await using AdminServer server = await AdminServer.StartAsync(Everything.Add);
        var all = new Everything(server.Services);
        Dictionary<string, long> before = all.Items;
        JsonElement answer = await server.PostAsync($"clear?part={Uri.EscapeDataString(part)}");
        Dictionary<string, long> after = all.Items;

        Assert.All(after, item => Assert.Equal((item.Key, item.Key == part ? 0 : before[item.Key]), (item.Key, item.Value)));
        Assert.Equal(("clear", part, JsonValueKind.Null, 1), (
            answer.GetProperty("action").GetString(), answer.GetProperty("part").GetString(), answer.GetProperty("bytes").ValueKind, answer.GetProperty("count").GetInt32()));
        JsonElement given = Assert.Single(answer.GetProperty("parts").EnumerateArray());
        Assert.Equal((part, before[part], 0), (
            given.GetProperty("part").GetString(), given.GetProperty("items_before").GetInt64(), given.GetProperty("items_after").GetInt64()));
        long bytes = given.GetProperty("bytes_before").GetInt64() - given.GetProperty("bytes_after").GetInt64();
        Assert.Equal((bytes, bytes), (given.GetProperty("given_bytes").GetInt64(), answer.GetProperty("given_bytes").GetInt64()));
        Assert.True(bytes > 0);
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("clear?part=all")]
    public async Task Clear_OfAll_EmptiesAllButWhatBelongsToOneThread(string request)
    {
        await using AdminServer server = await AdminServer.StartAsync(Everything.Add);
        var all = new Everything(server.Services);
        JsonElement answer = await server.PostAsync(request);
        Assert.All(all.Items, item => Assert.Equal((item.Key, item.Key == "rings/own ring" ? 10 : 0), (item.Key, item.Value)));
        Assert.Equal(["rings/own ring"], answer.GetProperty("left_out").EnumerateArray().Select(part => part.GetString()!));
        Assert.Equal((7, 0), (answer.GetProperty("count").GetInt32(), answer.GetProperty("omitted").GetInt32()));
        Assert.Equal(
            ["cache/a cache", "conversations/a window", "conversations/store", "queues/queue", "rings/ring", "sessions/sessions", "sse/hub"],
            answer.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("part").GetString()!));
    }

    [Fact]
    public async Task Clear_OfAKind_EmptiesThoseOfTheKind()
    {
        await using AdminServer server = await AdminServer.StartAsync(Everything.Add);
        var all = new Everything(server.Services);
        await server.PostAsync("clear?part=conversations");
        Assert.All(all.Items, item => Assert.Equal(item.Key.StartsWith("conversations/", StringComparison.Ordinal), item.Value == 0));
    }

    [Fact]
    public async Task Clear_OfWhatIsNamedInTheReport_FindsIt()
    {
        await using AdminServer server = await AdminServer.StartAsync(Everything.Add);
        var all = new Everything(server.Services);
        using var odd = new BoundedCache<int, int>(new() { Name = "s\u00f6 & od?d #1 + \u732b", MaxCount = 10, MeterFactory = server.Meters });
        odd.Set(1, 1);
        JsonElement report = await server.GetAsync();
        foreach (string section in (string[])["cache", "sse", "conversations.stores", "conversations.sessions", "queues", "rings"])
        {
            foreach (JsonElement part in AdminReportTests.Section(report, section).GetProperty("parts").EnumerateArray().Where(part => part.GetProperty("trimmable").GetBoolean()))
            {
                string name = part.GetProperty("part").GetString()!;
                JsonElement answer = await server.PostAsync($"clear?part={Uri.EscapeDataString(name)}");
                Assert.Equal((name, 1), (answer.GetProperty("part").GetString(), answer.GetProperty("count").GetInt32()));
            }
        }

        Assert.Equal(0, odd.Count);
        GC.KeepAlive(all);
    }

    [Fact]
    public async Task Trim_WithoutBytes_TakesAllThatMayGo()
    {
        await using AdminServer server = await AdminServer.StartAsync(Everything.Add);
        var all = new Everything(server.Services);
        Assert.True(all.Cache.TryAcquire("text 19", out Lease<string>? lease));
        JsonElement answer = await server.PostAsync("trim");
        Assert.Equal(1, all.Cache.Count);
        Assert.Equal((19, 0), (all.Cache.Statistics.Trimmed, all.Cache.Statistics.Cleared));
        Assert.Equal((0, 0, 0, 0), (all.Hub.Count, all.Queue.Count, all.Ring.Count, all.Sessions.Count));
        Assert.Equal((0, 10), (all.Conversations.Count, all.OwnRing.Count));

        // A window never gives its newest message.
        Assert.Equal(1, all.Window.Count);
        Assert.Equal(
            answer.GetProperty("parts").EnumerateArray().Sum(part => part.GetProperty("given_bytes").GetInt64()), answer.GetProperty("given_bytes").GetInt64());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("bytes").ValueKind);
        lease.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Trim_OfBytesOfOnePart_GivesWhatItsTrimGives(bool inBody)
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using BoundedCache<int, byte[]> asked = Filled(server, "asked");
        using BoundedCache<int, byte[]> other = Filled(server, "other");
        using BoundedCache<int, byte[]> reference = Filled(server, "reference");
        long expected = reference.Trim(30_000);

        JsonElement answer = await (inBody
            ? server.PostAsync("trim", Json("""{"part":"cache/asked","bytes":30000}"""))
            : server.PostAsync("trim?part=cache/asked&bytes=30000"));
        JsonElement given = Assert.Single(answer.GetProperty("parts").EnumerateArray());
        Assert.Equal((30_000, expected, expected), (
            answer.GetProperty("bytes").GetInt64(), answer.GetProperty("given_bytes").GetInt64(), given.GetProperty("given_bytes").GetInt64()));
        Assert.InRange(expected, 30_000, 60_000);
        Assert.Equal((reference.Bytes, reference.Count), (asked.Bytes, asked.Count));
        Assert.Equal((asked.Bytes, asked.Count), (given.GetProperty("bytes_after").GetInt64(), given.GetProperty("items_after").GetInt64()));
        Assert.Equal((other.Bytes, 20), (given.GetProperty("bytes_before").GetInt64(), other.Count));
    }

    [Fact]
    public async Task Trim_OfBytesOfAll_AsksCachesBeforeConversationsAndTheLargestFirst()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using BoundedCache<int, byte[]> large = Filled(server, "large");
        using BoundedCache<int, byte[]> small = Filled(server, "small", count: 5);
        using var ring = new ConcurrentRingBuffer<byte[]>(new() { Name = "ring", MaxBytes = 1_000_000, MeterFactory = server.Meters });
        ring.Add(new byte[500_000]);

        JsonElement answer = await server.PostAsync("trim?bytes=50000");
        Assert.Equal((5, 1), (small.Count, ring.Count));
        Assert.InRange(answer.GetProperty("given_bytes").GetInt64(), 50_000, 70_000);

        // More than the caches have: they give all of it first.
        await server.PostAsync("trim?bytes=400000");
        Assert.Equal((0, 0, 0), (large.Count, small.Count, ring.Count));
    }

    [Fact]
    public async Task Trim_WhereSomebodyFails_TheOthersGiveWhatIsMissing()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        var broken = new BrokenCache("broken", new InvalidOperationException("secret"));
        var gone = new BrokenCache("gone", new ObjectDisposedException("gone"));
        CacheMeter.For(server.Meters).Add(broken);
        CacheMeter.For(server.Meters).Add(gone);
        using BoundedCache<int, byte[]> cache = Filled(server, "working");
        foreach (string action in (string[])["trim?bytes=50000", "trim", "clear"])
        {
            JsonElement answer = await server.PostAsync(action);
            Assert.Equal(2, answer.GetProperty("count").GetInt32());
            JsonElement[] parts = [.. answer.GetProperty("parts").EnumerateArray()];
            Assert.Equal(["cache/broken", "cache/working"], parts.Select(part => part.GetProperty("part").GetString()!));
            Assert.Equal(("InvalidOperationException", 0), (parts[0].GetProperty("error").GetString(), parts[0].GetProperty("given_bytes").GetInt64()));
            Assert.Equal(JsonValueKind.Null, parts[1].GetProperty("error").ValueKind);
            Assert.DoesNotContain("secret", answer.ToString(), StringComparison.Ordinal);
            if (action == "trim?bytes=50000")
            {
                Assert.InRange(cache.Count, 1, 15);
                Assert.InRange(answer.GetProperty("given_bytes").GetInt64(), 50_000, 70_000);
            }
        }

        Assert.Equal(0, cache.Count);
        GC.KeepAlive(broken);
        GC.KeepAlive(gone);
    }

    [Fact]
    public async Task Ring_OfOneThread_IsLeftOutAndSaidSo()
    {
        await using AdminServer server = await AdminServer.StartAsync(Everything.Add);
        var all = new Everything(server.Services);
        JsonElement answer = await server.PostAsync("trim?part=rings");
        Assert.Equal("rings/own ring", Assert.Single(answer.GetProperty("left_out").EnumerateArray()).GetString());
        Assert.Equal("rings/ring", Assert.Single(answer.GetProperty("parts").EnumerateArray()).GetProperty("part").GetString());
        foreach (string action in (string[])["trim", "clear"])
        {
            Assert.Contains("'rings/own ring'", await server.PostRefusedAsync(HttpStatusCode.Conflict, $"{action}?part=rings/own%20ring"), StringComparison.Ordinal);
        }

        Assert.Equal(10, all.OwnRing.Count);
    }

    [Theory]
    [InlineData("cache/nothing")]
    [InlineData("cache/")]
    [InlineData("CACHE")]
    [InlineData("caches")]
    [InlineData("budgets/all")]
    [InlineData("all/a cache")]
    [InlineData("a cache")]
    [InlineData("")]
    public async Task Part_Unknown_IsToldAndNothingIsDone(string part)
    {
        await RequireNothingDone(async server =>
        {
            foreach (string action in (string[])["trim", "clear"])
            {
                Assert.Contains($"'{part}'", await server.PostRefusedAsync(HttpStatusCode.NotFound, $"{action}?part={Uri.EscapeDataString(part)}"), StringComparison.Ordinal);
            }
        });
    }

    [Fact]
    public async Task Part_UnknownAndLong_IsToldShortened()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        string detail = await server.PostRefusedAsync(HttpStatusCode.NotFound, $"trim?part={new string('x', 4000)}");
        Assert.Contains($"'{new string('x', 100)}...'", detail, StringComparison.Ordinal);
        Assert.InRange(detail.Length, 100, 400);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1e6")]
    [InlineData("9223372036854775808")]
    [InlineData("null")]
    [InlineData("\"17\"")]
    [InlineData("true")]
    public async Task Bytes_OutOfRangeOrNoNumber_AreRefusedWithNameValueAndRange(string bytes)
    {
        string expected = $"'bytes' must be a whole number from 1 to 9223372036854775807; it is '{bytes}'.";
        await RequireNothingDone(async server =>
        {
            Assert.Equal(expected, await server.PostRefusedAsync(HttpStatusCode.BadRequest, $"trim?bytes={Uri.EscapeDataString(bytes)}"));
            Assert.Equal(expected, await server.PostRefusedAsync(HttpStatusCode.BadRequest, "trim", Json($$"""{"bytes":{{bytes}}}""")));
        });
    }

    [Theory]
    [InlineData("trim?byte=1", null, "There is no parameter 'byte'; there are 'part' and 'bytes'.")]
    [InlineData("trim?admin_token=x", null, "There is no parameter 'admin_token'; there are 'part' and 'bytes'.")]
    [InlineData("clear?bytes=1", null, "There is no parameter 'bytes'; there is 'part'.")]
    [InlineData("clear", """{"bytes":1}""", "There is no parameter 'bytes'; there is 'part'.")]
    [InlineData("trim?bytes=1&bytes=2", null, "'bytes' is given more than once.")]
    [InlineData("trim?part=all&part=cache", null, "'part' is given more than once.")]
    [InlineData("trim?part=all", """{"part":"cache"}""", "'part' is given more than once.")]
    [InlineData("trim?bytes=1", """{"bytes":1}""", "'bytes' is given more than once.")]
    [InlineData("trim?bytes=", null, "'bytes' must be a whole number from 1 to 9223372036854775807; it is ''.")]
    [InlineData("clear", """{"part":17}""", "'part' must be a string; it is '17'.")]
    [InlineData("clear", """{"part":null}""", "'part' must be a string; it is 'null'.")]
    public Task Parameters_UnknownOrTwice_AreRefused(string request, string? body, string expected) => RequireNothingDone(
        async server => Assert.Equal(expected, await server.PostRefusedAsync(HttpStatusCode.BadRequest, request, body is null ? null : Json(body))));

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("17")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("""{"byte":1}""")]
    [InlineData("""{"part":"all","part":"cache"}""")]
    public Task Body_ThatIsNotTheObjectExpected_IsRefused(string body) => RequireNothingDone(
        async server => Assert.StartsWith(
            "The body must be one JSON object", await server.PostRefusedAsync(HttpStatusCode.BadRequest, "clear", Json(body)), StringComparison.Ordinal));

    [Fact]
    public async Task Body_Empty_CountsAsNone()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using BoundedCache<int, byte[]> cache = Filled(server, "cache");
        await server.PostAsync("clear", new StringContent("", Encoding.UTF8, "text/plain"));
        Assert.Equal(0, cache.Count);
        Assert.StartsWith(
            "HTTP/1.1 200", await server.SendAsync(
                $"POST {AdminServer.Path}/clear HTTP/1.1\nHost: localhost\nConnection: close\nAuthorization: Bearer {AdminServer.Token}\nTransfer-Encoding: chunked\n\n0\n\n"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_OfAnotherType_IsRefused()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using BoundedCache<int, byte[]> cache = Filled(server, "cache");
        await server.PostRefusedAsync(HttpStatusCode.UnsupportedMediaType, "clear", new StringContent("part=all", Encoding.UTF8, "application/x-www-form-urlencoded"));
        Assert.Equal(20, cache.Count);
    }

    [Theory]
    [InlineData("Content-Length: 5000", "")]
    [InlineData("Content-Length: 1000000000", "")]
    [InlineData("Transfer-Encoding: chunked", "2000")]
    public async Task Body_TooLarge_IsRefusedBeforeItIsRead(string length, string chunkSize)
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using BoundedCache<int, byte[]> cache = Filled(server, "cache");
        string chunk = chunkSize.Length == 0 ? "" : $"{chunkSize}\n{new string(' ', 0x2000)}\n0\n\n";
        string answer = await server.SendAsync(
            $"POST {AdminServer.Path}/clear HTTP/1.1\nHost: localhost\nAuthorization: Bearer {AdminServer.Token}\nContent-Type: application/json\n{length}\n\n{chunk}");
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.Contains("must not exceed 4096 bytes", answer, StringComparison.Ordinal);
        Assert.Equal(20, cache.Count);
    }

    [Fact]
    public async Task Body_OfTheMostThereMayBe_IsRead()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using BoundedCache<int, byte[]> cache = Filled(server, "cache");
        await server.PostAsync("clear", Json("""{"part":"all"}""".PadRight(4096)));
        Assert.Equal(0, cache.Count);
        await server.PostRefusedAsync(HttpStatusCode.RequestEntityTooLarge, "clear", Json("""{"part":"all"}""".PadRight(4097)));
    }

    [Fact]
    public async Task WhatWasDone_IsLogged()
    {
        using var log = new LogCapture();
        await using AdminServer server = await AdminServer.StartAsync(logging: logging => logging.AddProvider(log));
        using BoundedCache<int, byte[]> cache = Filled(server, "cache");
        JsonElement answer = await server.PostAsync("trim?part=cache/cache&bytes=1000");
        Assert.Contains($"trim of cache/cache: 1 asked, {answer.GetProperty("given_bytes").GetInt64()} bytes given. ", log.Lines.Items);
    }

    private static async Task RequireNothingDone(Func<AdminServer, Task> requests)
    {
        await using AdminServer server = await AdminServer.StartAsync(Everything.Add);
        var all = new Everything(server.Services);
        Dictionary<string, long> before = all.Items;
        await requests(server);
        Assert.Equal(before, all.Items);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static BoundedCache<int, byte[]> Filled(AdminServer server, string name, int count = 20)
    {
        var cache = new BoundedCache<int, byte[]>(new() { Name = name, MaxBytes = 1_000_000, Policy = EvictionPolicy.Lru, ConcurrencyLevel = 1, MeterFactory = server.Meters });
        for (int i = 0; i < count; i++)
        {
            cache.Set(i, new byte[10_000]);
        }

        return cache;
    }
}
