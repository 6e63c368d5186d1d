using BoundedMemory.Hosting.Tests.Support;
using BoundedMemory.Tests.Watchdog;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace BoundedMemory.Hosting.Tests.Health;

public class HealthCheckTests
{
    [Theory]
    [InlineData(0.1, HealthStatus.Healthy)]
    [InlineData(0.8, HealthStatus.Degraded)]
    [InlineData(0.9, HealthStatus.Unhealthy)]
    [InlineData(0.97, HealthStatus.Unhealthy)]
    public async Task Memory_AtALevel_IsWhatItMeans(double utilization, HealthStatus expected)
    {
        using var w = new Scripted();
        w.At(utilization);
        w.At(utilization, seconds: 0);
        HealthReportEntry memory = await Check(w, checks => checks.AddMemoryPressure(), "memory");
        Assert.Equal(expected, memory.Status);
        Assert.Equal(["ready"], memory.Tags);
        Assert.Contains($"Memory pressure: {w.Watchdog.Level}", memory.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_NeverSampled_IsDegraded()
    {
        using var w = new Scripted();
        Assert.False(w.Watchdog.IsStale);
        HealthReportEntry memory = await Check(w, checks => checks.AddMemoryPressure(), "memory");
        Assert.Equal((HealthStatus.Degraded, "No sample was taken yet."), (memory.Status, memory.Description));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.97)]
    public async Task Memory_Stale_IsDegradedWhateverItWasAndHealthyAgainWhenItIsRead(double before)
    {
        using var w = new Scripted();
        w.At(before);
        TimeSpan stale = (3 * w.Watchdog.Interval) + TimeSpan.FromSeconds(1);
        w.Clock.Advance(stale);
        HealthReportEntry memory = await Check(w, checks => checks.AddMemoryPressure(), "memory");
        Assert.Equal(HealthStatus.Degraded, memory.Status);
        Assert.StartsWith("The last sample is ", memory.Description, StringComparison.Ordinal);
        Assert.Equal(stale.TotalSeconds, memory.Data["sample.age.seconds"]);

        for (int i = 0; i < 60; i++)
        {
            w.At(0.1);
        }

        Assert.Equal(HealthStatus.Healthy, (await Check(w, checks => checks.AddMemoryPressure(), "memory")).Status);
    }

    [Fact]
    public async Task Memory_NotReadable_IsDegraded()
    {
        using var w = new Scripted();
        w.At(0.1);
        w.Readings.ResidentBytes = null;
        w.After(1);
        HealthReportEntry memory = await Check(w, checks => checks.AddMemoryPressure(), "memory");
        Assert.Equal(HealthStatus.Degraded, memory.Status);
        Assert.False(memory.Data.ContainsKey("resident.bytes"));
    }

    [Fact]
    public async Task Memory_Data_IsTheLastSample()
    {
        using var w = new Scripted();
        (w.Readings.CommittedBytes, w.Readings.HeapBytes, w.Readings.Stall) = (60 * Scripted.MB, 50 * Scripted.MB, 0.25);
        w.At(0.5);
        w.Clock.Advance(TimeSpan.FromSeconds(0.5));
        HealthReportEntry memory = await Check(w, checks => checks.AddMemoryPressure(), "memory");
        var expected = new Dictionary<string, object>
        {
            ["level"] = "Normal",
            ["utilization"] = 0.5,
            ["term"] = "Process",
            ["sample.age.seconds"] = 0.5,
            ["resident.bytes"] = 500 * Scripted.MB,
            ["heap.bytes"] = 50 * Scripted.MB,
            ["committed.bytes"] = 60 * Scripted.MB,
            ["live.bytes"] = 490 * Scripted.MB,
            ["slack.bytes"] = 10 * Scripted.MB,
            ["unaccounted.bytes"] = 490 * Scripted.MB,
            ["stall"] = 0.25,
            ["leak"] = false,
        };
        Assert.Equal(expected, memory.Data);
    }

    [Fact]
    public async Task Memory_WithLevelsTagsAndStatusOfYours_UsesThem()
    {
        using var w = new Scripted();
        w.At(0.97);
        HealthReportEntry memory = await Check(
            w, checks => checks.AddMemoryPressure("m", MemoryPressureLevel.Critical, MemoryPressureLevel.Abort, HealthStatus.Degraded, ["x"]), "m");
        Assert.Equal((HealthStatus.Degraded, "x"), (memory.Status, Assert.Single(memory.Tags)));
        for (int i = 0; i < 20; i++)
        {
            w.At(0.78);
        }

        Assert.Equal(MemoryPressureLevel.Warning, w.Watchdog.Level);
        Assert.Equal(HealthStatus.Healthy, (await Check(w, checks => checks.AddMemoryPressure("m", MemoryPressureLevel.Critical), "m")).Status);
    }

    [Fact]
    public async Task Worker_ByItsState_IsHealthyDegradedWhileItWaitsAndUnhealthyWhenItStops()
    {
        using var w = new Scripted();
        var lifetime = new FakeLifetime();
        w.At(0.97);
        using var recycler = new WorkerRecycler(new() { MinUptime = TimeSpan.FromSeconds(30), MaxRequests = 10, Jitter = 0, TimeProvider = w.Clock }, lifetime);
        recycler.RequestCompleted();
        await Expect(HealthStatus.Healthy, "The worker has been up for 0 s.");

        recycler.RequestRecycle("a new version");
        await Expect(HealthStatus.Degraded, "The worker is to be recycled after its minimum uptime: a new version.");

        w.Clock.Advance(TimeSpan.FromSeconds(30));
        await Expect(HealthStatus.Unhealthy, "The worker is recycled: a new version.");

        async Task Expect(HealthStatus status, string description)
        {
            HealthReportEntry worker = await Check(w, checks => checks.AddWorkerRecycling(), "worker", recycler);
            Assert.Equal((status, description), (worker.Status, worker.Description));
            Assert.Equal(["live"], worker.Tags);
            Assert.Equal(
                new Dictionary<string, object> { ["uptime.seconds"] = recycler.Uptime.TotalSeconds, ["requests"] = 1L, ["requests.limit"] = 10L }, worker.Data);
        }
    }

    [Fact]
    public void BadInput_IsRefusedByName()
    {
        IHealthChecksBuilder checks = new ServiceCollection().AddHealthChecks();
        Assert.Equal("builder", Assert.Throws<ArgumentNullException>(() => BoundedMemoryHealthChecksBuilderExtensions.AddMemoryPressure(null!)).ParamName);
        Assert.Equal("builder", Assert.Throws<ArgumentNullException>(() => BoundedMemoryHealthChecksBuilderExtensions.AddWorkerRecycling(null!)).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => checks.AddMemoryPressure(null!)).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => checks.AddWorkerRecycling(null!)).ParamName);
        Assert.Equal("degradedFrom", Assert.Throws<ArgumentOutOfRangeException>(() => checks.AddMemoryPressure(degradedFrom: MemoryPressureLevel.Normal)).ParamName);
        Assert.Equal("unhealthyFrom", Assert.Throws<ArgumentOutOfRangeException>(() => checks.AddMemoryPressure(unhealthyFrom: (MemoryPressureLevel)9)).ParamName);
        Assert.Equal("degradedFrom", Assert.Throws<ArgumentException>(() => checks.AddMemoryPressure(degradedFrom: MemoryPressureLevel.Abort)).ParamName);
    }

    private static async Task<HealthReportEntry> Check(Scripted w, Action<IHealthChecksBuilder> add, string name, WorkerRecycler? recycler = null)
    {
        ServiceCollection services = [];
        services.AddLogging().AddSingleton(w.Watchdog).AddSingleton<IHostApplicationLifetime>(new FakeLifetime());
        if (recycler is not null)
        {
            services.AddSingleton(recycler);
        }

        add(services.AddHealthChecks());
        await using ServiceProvider provider = services.BuildServiceProvider();
        return (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[name];
    }
}
