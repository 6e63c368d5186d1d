using System.Text.Json;
using BoundedMemory.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.HttpTests.Admin;

/// <summary>What <c>GET</c> shows.</summary>
public class AdminReportTests
{
    /// <summary>How figures are to look: by reflection, so that nothing of what is tested is used.</summary>
    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    [Fact]
    public async Task Figures_OfEachKind_AreThoseOfThePrimitives()
    {
        await using AdminServer server = await AdminServer.StartAsync(Everything.Add);
        var all = new Everything(server.Services);
        JsonElement report = await server.GetAsync();

        RequirePart(report, "cache", "cache/a cache", all.Cache.Statistics);
        RequirePart(report, "sse", "sse/hub", all.Hub.Statistics);
        RequirePart(report, "queues", "queues/queue", all.Queue.Statistics);
        RequirePart(report, "rings", "rings/ring", all.Ring.Statistics);
        RequirePart(report, "rings", "rings/own ring", all.OwnRing.Statistics, isTrimmable: false);
        RequirePart(report, "conversations.sessions", "sessions/sessions", all.Sessions.Statistics);
        RequirePart(report, "conversations.stores", "conversations/store", all.Conversations.Statistics);
        RequirePart(report, "conversations.stores", "conversations/a window", ((IMeterSource<ConversationStoreStatistics>)all.Window).Statistics);
        RequirePart(report, "memory.budgets", "budgets/all", all.Budget.Statistics, isTrimmable: false);
        GC.KeepAlive(all);

        // Some of it in words, lest all of them be zero.
        JsonElement cache = report.GetProperty("cache");
        JsonElement statistics = cache.GetProperty("parts")[0].GetProperty("statistics");
        Assert.Equal((20, 20, 1, 1_000_000), (
            cache.GetProperty("items").GetInt64(), statistics.GetProperty("hits").GetInt64(), statistics.GetProperty("misses").GetInt64(), statistics.GetProperty("max_bytes").GetInt64()));
        Assert.Equal(JsonValueKind.Null, statistics.GetProperty("max_count").ValueKind);
        Assert.Equal((20, 10, 1), (
            Statistic(report, "sse", "published"), Statistic(report, "sse", "evicted"), Statistic(report, "sse", "subscribers")));
        Assert.Equal(all.Budget.Used, Statistic(report.GetProperty("memory"), "budgets", "used"));
        Assert.Equal(all.Cache.Bytes, cache.GetProperty("bytes").GetInt64());
        Assert.InRange(cache.GetProperty("parts")[0].GetProperty("reclaimable_bytes").GetInt64(), 1, all.Cache.Bytes);
        Assert.Equal((2, 0), (report.GetProperty("rings").GetProperty("count").GetInt32(), report.GetProperty("rings").GetProperty("omitted").GetInt32()));
        Assert.Equal(all.Ring.Count + all.OwnRing.Count, report.GetProperty("rings").GetProperty("items").GetInt64());
    }

    [Fact]
    public async Task Watchdog_OfTheContainer_IsShown()
    {
        await using AdminServer server = await AdminServer.StartAsync(Everything.Add);
        MemoryWatchdog watchdog = server.Services.GetRequiredService<MemoryWatchdog>();
        watchdog.Evaluate();
        JsonElement memory = (await server.GetAsync()).GetProperty("memory");
        JsonElement shown = Assert.Single(memory.GetProperty("watchdogs").EnumerateArray());
        Assert.Equal("normal", memory.GetProperty("level").GetString());
        Assert.Equal(("process", "normal", 1L << 40), (
            shown.GetProperty("name").GetString(), shown.GetProperty("level").GetString(), shown.GetProperty("process_limit").GetInt64()));
        RequireSame(watchdog.Sample, shown.GetProperty("sample"));
        RequireSame(watchdog.Trend, shown.GetProperty("trend"));
        RequireSame(watchdog.Statistics, shown.GetProperty("statistics"));
        Assert.False(shown.GetProperty("is_stale").GetBoolean());
        Assert.True(shown.GetProperty("sample_age_seconds").GetDouble() >= 0);
        Assert.True(shown.GetProperty("sample").GetProperty("resident_bytes").GetInt64() > 1_000_000);
    }

    [Fact]
    public async Task Watchdog_WithoutTheContainersMeter_IsShownIfItIsInTheContainer()
    {
        using var watchdog = new MemoryWatchdog(new() { Name = "without a meter" });
        await using AdminServer server = await AdminServer.StartAsync(services => services.AddSingleton(watchdog));
        JsonElement shown = Assert.Single((await server.GetAsync()).GetProperty("memory").GetProperty("watchdogs").EnumerateArray());
        Assert.Equal("without a meter", shown.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Memory_WithoutAWatchdog_IsWhatTheRuntimeKnows()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        GC.Collect();
        JsonElement memory = (await server.GetAsync()).GetProperty("memory");
        Assert.Equal(JsonValueKind.Null, memory.GetProperty("level").ValueKind);
        Assert.Empty(memory.GetProperty("watchdogs").EnumerateArray());
        JsonElement process = memory.GetProperty("process");
        foreach (string figure in (string[])["resident_bytes", "heap_bytes", "committed_bytes", "available_bytes", "allocated_bytes"])
        {
            Assert.True(process.GetProperty(figure).GetInt64() > 100_000, figure);
        }

        Assert.True(process.GetProperty("gen2_collections").GetInt64() > 0);
        Assert.True(process.GetProperty("pause_seconds").GetDouble() > 0);
        Assert.Equal(
            Math.Max(0, process.GetProperty("committed_bytes").GetInt64() - process.GetProperty("heap_bytes").GetInt64()), process.GetProperty("slack_bytes").GetInt64());
    }

    [Fact]
    public async Task Nothing_InTheContainer_AllSectionsAreThereAndEmpty()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        JsonElement report = await server.GetAsync();
        foreach (string section in (string[])["cache", "sse", "conversations.stores", "conversations.sessions", "queues", "rings", "memory.budgets"])
        {
            JsonElement found = Section(report, section);
            Assert.Equal((0, 0, 0), (found.GetProperty("count").GetInt32(), found.GetProperty("omitted").GetInt32(), found.GetProperty("parts").GetArrayLength()));
        }
    }

    [Fact]
    public async Task Primitives_OfOneName_AreListedEach()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using var one = new BoundedCache<int, int>(new() { Name = "twin", MaxCount = 10, MeterFactory = server.Meters });
        using var other = new BoundedCache<int, int>(new() { Name = "twin", MaxCount = 20, MeterFactory = server.Meters });
        JsonElement[] parts = [.. (await server.GetAsync()).GetProperty("cache").GetProperty("parts").EnumerateArray()];
        Assert.All(parts, part => Assert.Equal("cache/twin", part.GetProperty("part").GetString()));
        Assert.Equal([10, 20], parts.Select(part => part.GetProperty("statistics").GetProperty("max_count").GetInt64()).Order());
    }

    [Fact]
    public async Task Primitives_MoreThanMayBeListed_TheLargestAreAndAllAreCounted()
    {
        await using AdminServer server = await AdminServer.StartAsync(configure: options => options.MaxParts = 3);
        var caches = new List<BoundedCache<int, byte[]>>();
        for (int i = 0; i < 10; i++)
        {
            caches.Add(new(new() { Name = $"c{i}", MaxBytes = 1_000_000, MeterFactory = server.Meters }));
            caches[i].Set(1, new byte[10_000 * (1 + (i * 3 % 10))]);
        }

        JsonElement section = (await server.GetAsync()).GetProperty("cache");
        Assert.Equal((10, 7), (section.GetProperty("count").GetInt32(), section.GetProperty("omitted").GetInt32()));
        Assert.Equal((10, caches.Sum(cache => cache.Bytes)), (section.GetProperty("items").GetInt64(), section.GetProperty("bytes").GetInt64()));
        Assert.Equal(["c3", "c6", "c9"], section.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("name").GetString()!));

        JsonElement cleared = await server.PostAsync("clear");
        Assert.Equal((10, 7, 3), (
            cleared.GetProperty("count").GetInt32(), cleared.GetProperty("omitted").GetInt32(), cleared.GetProperty("parts").GetArrayLength()));
        Assert.All(caches, cache => Assert.Equal(0, cache.Count));
        caches.ForEach(cache => cache.Dispose());
    }

    [Fact]
    public async Task Primitives_WithoutAMeterFactory_AreShownAsOfTheProcessUnlessTheyAreNotToBe()
    {
        string name = $"plain {Guid.NewGuid()}";
        using var plain = new BoundedCache<int, int>(new() { Name = name, MaxCount = 10 });
        await using AdminServer with = await AdminServer.StartAsync(configure: options => options.IncludeProcessWide = true);
        await using AdminServer without = await AdminServer.StartAsync();
        using var own = new BoundedCache<int, int>(new() { Name = "own", MaxCount = 10, MeterFactory = with.Meters });

        Assert.Equal("process", Part(await with.GetAsync(), "cache", $"cache/{name}").GetProperty("scope").GetString());
        Assert.Equal("container", Part(await with.GetAsync(), "cache", "cache/own").GetProperty("scope").GetString());
        Assert.Equal(0, (await without.GetAsync()).GetProperty("cache").GetProperty("count").GetInt32());
        plain.Set(1, 1);
        await without.PostRefusedAsync(System.Net.HttpStatusCode.NotFound, $"clear?part=cache/{Uri.EscapeDataString(name)}");
        Assert.Equal(1, plain.Count);
        await with.PostAsync($"clear?part=cache/{Uri.EscapeDataString(name)}");
        Assert.Equal(0, plain.Count);
    }

    [Fact]
    public async Task Budgets_OfATree_AreListedByPathWithTheirLimits()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using var root = new MemoryBudget(1_000_000, "root", server.Meters);
        using MemoryBudget child = root.CreateChild("child", 400_000, guaranteedBytes: 1000);
        using MemoryReservation held = child.Reserve(12_345);
        JsonElement budgets = (await server.GetAsync()).GetProperty("memory").GetProperty("budgets");
        Assert.Equal(["root", "root/child"], budgets.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("name").GetString()!));
        JsonElement statistics = budgets.GetProperty("parts")[1].GetProperty("statistics");
        Assert.Equal((12_345, 400_000, 1000), (
            statistics.GetProperty("used").GetInt64(), statistics.GetProperty("limit").GetInt64(), statistics.GetProperty("guaranteed_bytes").GetInt64()));
        Assert.Equal(JsonValueKind.Null, budgets.GetProperty("bytes").ValueKind);
    }

    [Fact]
    public async Task Primitives_ThatComeAndGoMeanwhile_DoNotDisturb()
    {
        await using AdminServer server = await AdminServer.StartAsync();
        using var staying = new BoundedCache<int, int>(new() { Name = "staying", MaxCount = 10, MeterFactory = server.Meters });
        using var done = new CancellationTokenSource();
        Task coming = Patience.OnThread(() =>
        {
            for (int i = 0; !done.IsCancellationRequested; i++)
            {
                using var cache = new BoundedCache<int, int>(new() { Name = "coming", MaxCount = 10, MeterFactory = server.Meters });
                using var hub = new BroadcastHub<int>(new() { MaxCount = 10, MeterFactory = server.Meters });
                using var queue = new DropOldestQueue<int>(new() { MaxCount = 10, MeterFactory = server.Meters });
                using var ring = new ConcurrentRingBuffer<int>(new() { MaxCount = 10, MeterFactory = server.Meters });
                using var sessions = new SessionStore(new() { MaxBytes = 100_000, MeterFactory = server.Meters });
                using var window = new ConversationWindow<ConversationMessage>(new() { MeterFactory = server.Meters });
                cache.Set(i, i);
                hub.Publish(i);
                queue.Enqueue(i);
                ring.Add(i);
            }
        });
        for (int i = 0; i < 200; i++)
        {
            Task<JsonElement> trimmed = server.PostAsync(i % 2 == 0 ? "trim" : "clear");
            JsonElement report = await server.GetAsync();
            Part(report, "cache", "cache/staying");
            Assert.All((await trimmed).GetProperty("parts").EnumerateArray(), part => Assert.Equal(JsonValueKind.Null, part.GetProperty("error").ValueKind));
        }

        await done.CancelAsync();
        await coming.Soon();
        Assert.Equal(1, (await server.GetAsync()).GetProperty("cache").GetProperty("count").GetInt32());
    }

    [Fact]
    public void Number_ThatIsNone_IsNoReasonToAnswerNothing()
    {
        var watchdog = new AdminWatchdog("w", default, false, 0, null, new MemorySample { Utilization = double.NaN }, new MemoryTrend(double.PositiveInfinity, false, null), default);
        string json = JsonSerializer.Serialize(watchdog, AdminJson.Default.AdminWatchdog);
        Assert.Contains("\"utilization\":\"NaN\"", json, StringComparison.Ordinal);
        Assert.Contains("\"bytes_per_hour\":\"Infinity\"", json, StringComparison.Ordinal);
    }

    internal static JsonElement Section(JsonElement report, string path) => path.Split('.').Aggregate(report, static (element, name) => element.GetProperty(name));

    internal static JsonElement Part(JsonElement report, string section, string part) =>
        Assert.Single(Section(report, section).GetProperty("parts").EnumerateArray(), found => found.GetProperty("part").GetString() == part);

    private static long Statistic(JsonElement report, string section, string name) =>
        Section(report, section).GetProperty("parts")[0].GetProperty("statistics").GetProperty(name).GetInt64();

    private static void RequirePart<TStatistics>(JsonElement report, string section, string part, TStatistics expected, bool isTrimmable = true)
    {
        JsonElement found = Part(report, section, part);
        Assert.Equal((isTrimmable, "container"), (found.GetProperty("trimmable").GetBoolean(), found.GetProperty("scope").GetString()));
        Assert.Equal(part, $"{part.Split('/')[0]}/{found.GetProperty("name").GetString()}");
        RequireSame(expected, found.GetProperty("statistics"));
    }

    private static void RequireSame<T>(T expected, JsonElement actual)
    {
        JsonElement json = JsonSerializer.SerializeToElement(expected, SnakeCase);
        Assert.True(JsonElement.DeepEquals(json, actual), $"Expected {json}\nbut it is {actual}");
    }
}
