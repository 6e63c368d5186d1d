using System.Diagnostics.Metrics;
using BoundedMemory.Hosting.Tests.Support;
using BoundedMemory.Tests.Support;
using BoundedMemory.Tests.Watchdog;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BoundedMemory.Hosting.Tests;

public class AddMemoryWatchdogTests
{
    [Fact]
    public async Task Host_WithEverything_StartsSamplesIsHealthyAndStops()
    {
        HostApplicationBuilder builder = NewBuilder();
        builder.Services
            .AddMemoryBudget(50_000_000)
            .AddBoundedCache<string, byte[]>("pages", options => options.MaxBytes = 10_000_000)
            .AddMemoryWatchdog(Calm)
            .AddMemoryPressureLimiter()
            .AddWorkerRecycling(options => options.MaxRequests = 100)
            .AddHealthChecks().AddMemoryPressure().AddWorkerRecycling();
        IHost host = builder.Build();
        await host.StartAsync();
        var cache = host.Services.GetRequiredService<BoundedCache<string, byte[]>>();
        var watchdog = host.Services.GetRequiredService<MemoryWatchdog>();
        Patience.Until(() => watchdog.Statistics.Samples > 0);
        cache.Set("/", new byte[1000]);

        Assert.Equal([cache], watchdog.Consumers);
        Assert.True(watchdog.Reclaim(1) > 0);
        Assert.Equal(0, cache.Count);
        Assert.Equal(50_000_000, watchdog.Sample.BudgetLimit);
        HealthReport health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.All(["memory", "worker"], name => Assert.True(health.Entries[name].Status == HealthStatus.Healthy, health.Entries[name].Description));
        Assert.True(host.Services.GetRequiredService<MemoryPressureLimiter>().AttemptAcquire().IsAcquired);

        await host.StopAsync();
        Assert.Equal(MemoryPressureLevel.Normal, watchdog.Evaluate());
        host.Dispose();
        Assert.Throws<ObjectDisposedException>(() => watchdog.Evaluate());
    }

    [Fact]
    public async Task Host_InvalidOptions_FailsAtStartAndSaysEverythingThatIsWrong()
    {
        HostApplicationBuilder builder = NewBuilder();
        builder.Services
            .AddMemoryWatchdog(options => (options.ProcessLimit, options.WarningAt) = (1000, 0))
            .AddMemoryPressureLimiter("gate", options => (options.DenyFrom, options.RetryAfter) = (MemoryPressureLevel.Normal, TimeSpan.Zero));
        using IHost host = builder.Build();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        string[] failures = error is AggregateException all
            ? [.. all.InnerExceptions.Cast<OptionsValidationException>().SelectMany(e => e.Failures)]
            : [.. ((OptionsValidationException)error).Failures];
        Assert.Equal(
            [
                "Limiter 'gate': DenyFrom must be Warning, Critical or Abort; it is Normal.",
                "Limiter 'gate': RetryAfter must be from 00:00:01 to 01:00:00; it is 00:00:00.",
                "Watchdog 'process': ProcessLimit must be from 16777216 to 9223372036854775807; it is 1000.",
                "Watchdog 'process': WarningAt must be above 0 and at most 1; it is 0.",
            ],
            failures.Where(f => !f.Contains("Hysteresis", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Host_RecyclingByLevelWithoutAWatchdog_FailsAtStart()
    {
        HostApplicationBuilder builder = NewBuilder();
        builder.Services.AddWorkerRecycling(options => (options.Level, options.Jitter, options.MaxRequests) = (MemoryPressureLevel.Critical, double.NaN, 0));
        using IHost host = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(
            [
                "Worker recycling: MaxRequests must be from 1 to 1000000000000; it is 0.",
                "Worker recycling: Jitter must be from 0 to 1; it is NaN.",
                "Worker recycling: Level needs a MemoryWatchdog, and there is none; it is Critical.",
            ],
            error.Failures);
    }

    [Fact]
    public void AddMemoryWatchdog_Twice_IsOneWatchdogAndOneServiceWithBothOptions()
    {
        ServiceCollection services = [];
        services.AddLogging().AddMemoryWatchdog(o => o.ProcessLimit = 500_000_000).AddMemoryWatchdog(o => o.WarningAt = 0.6);
        services.AddHealthChecks().AddMemoryPressure();
        services.AddMemoryPressureLimiter().AddMemoryPressureLimiter().AddWorkerRecycling().AddWorkerRecycling();
        Assert.Single(services, s => s.ServiceType == typeof(MemoryWatchdog));
        Assert.Single(services, s => s.ServiceType == typeof(WorkerRecycler));
        Assert.Equal(2, services.Count(s => s.ServiceType == typeof(MemoryPressureLimiter)));
        Assert.Single(services, s => s.ServiceType == typeof(IHostedService) && s.ImplementationType == typeof(MemoryWatchdogService));
        Assert.Single(services, s => s.ServiceType == typeof(IHostedService) && s.ImplementationType == typeof(WorkerRecyclingService));

        using ServiceProvider provider = services.BuildServiceProvider();
        MemoryWatchdogOptions options = provider.GetRequiredService<IOptions<MemoryWatchdogOptions>>().Value;
        Assert.Equal((500_000_000L, 0.6), (options.ProcessLimit, options.WarningAt));
    }

    [Fact]
    public void Configuration_Bound_SetsTheOptionsAndKeepsWhatIsRegistered()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Memory:ProcessLimit"] = "700000000",
            ["Memory:WarningAt"] = "0.7",
            ["Memory:Dwell"] = "00:00:30",
            ["Memory:GcPolicy"] = "Never",
            ["Recycling:MaxRequests"] = "1000",
            ["Recycling:Level"] = "Abort",
            ["Recycling:MinUptime"] = "00:10:00",
            ["Gate:DenyFrom"] = "Warning",
            ["Gate:RetryAfter"] = "00:00:03",
        }).Build();
        var clock = new ManualTimeProvider();
        ServiceCollection services = [];
        services.AddMetrics().AddLogging().AddSingleton<TimeProvider>(clock).AddMemoryBudget(1_000_000).AddMemoryWatchdog().AddWorkerRecycling().AddMemoryPressureLimiter("gate")
            .Configure<MemoryWatchdogOptions>(configuration.GetSection("Memory"))
            .Configure<WorkerRecyclingOptions>(configuration.GetSection("Recycling"))
            .Configure<MemoryPressureLimiterOptions>("gate", configuration.GetSection("Gate"));
        using ServiceProvider provider = services.BuildServiceProvider();
        MemoryWatchdogOptions options = provider.GetRequiredService<IOptions<MemoryWatchdogOptions>>().Value;
        Assert.Equal((700_000_000L, 0.7, TimeSpan.FromSeconds(30), GcPolicy.Never), (options.ProcessLimit, options.WarningAt, options.Dwell, options.GcPolicy));
        Assert.Same(clock, options.TimeProvider);
        Assert.Same(provider.GetRequiredService<MemoryBudget>(), options.Budget);
        Assert.Same(provider.GetRequiredService<IMeterFactory>(), options.MeterFactory);
        WorkerRecyclingOptions recycling = provider.GetRequiredService<IOptions<WorkerRecyclingOptions>>().Value;
        Assert.Equal((1000L, MemoryPressureLevel.Abort, TimeSpan.FromMinutes(10)), (recycling.MaxRequests, recycling.Level, recycling.MinUptime));
        Assert.Same(clock, recycling.TimeProvider);
        MemoryPressureLimiterOptions gate = provider.GetRequiredService<IOptionsMonitor<MemoryPressureLimiterOptions>>().Get("gate");
        Assert.Equal(("gate", MemoryPressureLevel.Warning, TimeSpan.FromSeconds(3)), (gate.Name, gate.DenyFrom, gate.RetryAfter));
        Assert.Same(options.MeterFactory, gate.MeterFactory);
    }

    [Fact]
    public async Task Host_StartsTheWatchdog_BeforeServicesThatWereRegisteredBefore()
    {
        HostApplicationBuilder builder = NewBuilder();
        var early = new EarlyService();
        builder.Services.AddSingleton<IHostedService>(provider =>
        {
            early.Provider = provider;
            return early;
        });
        builder.Services.AddMemoryWatchdog(Calm);
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.True(early.FoundItRunning);
        await host.StopAsync();
    }

    [Fact]
    public async Task Host_WithAWatchdogOfYours_StartsItUnlessItRuns()
    {
        foreach (bool isRunning in (bool[])[false, true])
        {
            using var watchdog = new MemoryWatchdog(new() { ProcessLimit = 1L << 40 });
            if (isRunning)
            {
                watchdog.Start();
            }

            HostApplicationBuilder builder = NewBuilder();
            builder.Services.AddSingleton(watchdog).AddMemoryWatchdog();
            using IHost host = builder.Build();
            await host.StartAsync();
            Assert.Same(watchdog, host.Services.GetRequiredService<MemoryWatchdog>());
            Assert.Throws<InvalidOperationException>(watchdog.Start);
            await host.StopAsync();
        }
    }

    [Fact]
    public async Task Levels_Changing_AreLoggedOnceEach()
    {
        using var scripted = new Scripted();
        using var log = new LogCapture<object>();
        HostApplicationBuilder builder = NewBuilder();
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(scripted.Watchdog).AddMemoryWatchdog();
        using IHost host = builder.Build();
        await host.StartAsync();

        // The watchdog's thread waits by the clock of the test.
        MoveTo(0.9, MemoryPressureLevel.Critical);
        MoveTo(0.97, MemoryPressureLevel.Abort);
        MoveTo(0.78, MemoryPressureLevel.Warning);
        MoveTo(0.1, MemoryPressureLevel.Normal);

        Assert.Equal([LogLevel.Error, LogLevel.Critical, LogLevel.Warning, LogLevel.Information], log.Of(1).Select(e => e.Level));
        Assert.Equal(
            "Memory pressure of process: Normal to Critical. 90.0 % of the limit (Process); 900000000 bytes resident, 900000000 live, 0 slack, 900000000 in no budget.",
            log.Of(1).First().Message.Replace("90.0%", "90.0 %", StringComparison.Ordinal));
        Assert.All(log.Entries.Where(e => e.Event.Name == "MemoryPressureChanged"), e => Assert.Equal("BoundedMemory.MemoryWatchdog", e.Category));
        await host.StopAsync();

        void MoveTo(double utilization, MemoryPressureLevel level)
        {
            int before = log.Of(1).Count();
            scripted.Readings.ResidentBytes = (long)(utilization * Scripted.Limit);
            Patience.Until(() =>
            {
                if (log.Of(1).Count() > before)
                {
                    return true;
                }

                if (scripted.Clock.Timers > 0)
                {
                    scripted.Clock.Advance(TimeSpan.FromSeconds(1));
                }

                return false;
            });
            Assert.Equal(level, scripted.Watchdog.Level);
        }
    }

    [Fact]
    public void Null_Throws()
    {
        Assert.Equal("services", Assert.Throws<ArgumentNullException>(() => BoundedMemoryHostingServiceCollectionExtensions.AddMemoryWatchdog(null!)).ParamName);
        Assert.Equal("services", Assert.Throws<ArgumentNullException>(() => BoundedMemoryHostingServiceCollectionExtensions.AddMemoryPressureLimiter(null!)).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddMemoryPressureLimiter(null!)).ParamName);
        Assert.Equal("services", Assert.Throws<ArgumentNullException>(() => BoundedMemoryHostingServiceCollectionExtensions.AddWorkerRecycling(null!)).ParamName);
    }

    /// <summary>Nothing that a busy machine does makes it a warning, or the sample stale.</summary>
    internal static void Calm(MemoryWatchdogOptions options)
    {
        (options.WarningAt, options.CriticalAt, options.AbortAt, options.Hysteresis) = (0.97, 0.98, 0.99, 0.01);
        (options.MinInterval, options.MaxInterval) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    private static HostApplicationBuilder NewBuilder()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMetrics();
        return builder;
    }

    private sealed class EarlyService : IHostedService
    {
        public IServiceProvider? Provider { get; set; }

        public bool FoundItRunning { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Assert.Throws<InvalidOperationException>(Provider!.GetRequiredService<MemoryWatchdog>().Start);
            FoundItRunning = true;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
