using System.Threading.RateLimiting;
using BoundedMemory.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BoundedMemory.Hosting.Tests.Documentation;

/// <summary>What the documentation shows.</summary>
internal static class Examples
{
    public static async Task RunAll()
    {
        await Application();
        await Admission();
        Services();
    }

    private static async Task Application()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMemoryBudget(400_000_000);
        builder.Services.AddBoundedCache<string, byte[]>("pages", options => options.MaxBytes = 50_000_000);
        builder.Services.AddMemoryWatchdog(options => options.ProcessLimit = 1_500_000_000);
        builder.Services.AddMemoryPressureLimiter();
        builder.Services.AddWorkerRecycling(options => options.MaxRequests = 100_000);
        builder.Services.AddHealthChecks().AddMemoryPressure().AddWorkerRecycling();

        using IHost host = builder.Build();
        await host.StartAsync();
        var watchdog = host.Services.GetRequiredService<MemoryWatchdog>();
        Patience.Until(() => watchdog.Statistics.Samples > 0);
        var cache = host.Services.GetRequiredService<BoundedCache<string, byte[]>>();
        Assert.Equal([cache], watchdog.Consumers);
        await host.StopAsync();
    }

    private static async Task Admission()
    {
        using var watchdog = new MemoryWatchdog(new() { ProcessLimit = 1_500_000_000 });
        watchdog.Start();
        using var pressure = new MemoryPressureLimiter(watchdog);
        using var three = new ConcurrencyLimiter(new() { PermitLimit = 3, QueueLimit = 10 });
        using RateLimiter admission = pressure.Around(three);

        using RateLimitLease lease = await admission.AcquireAsync();
        if (!lease.IsAcquired)
        {
            lease.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason);
            Console.WriteLine($"Refused: {reason}");
        }

        Assert.Equal(1, pressure.GetStatistics().TotalSuccessfulLeases + pressure.GetStatistics().TotalFailedLeases);
    }

    private static void Services()
    {
        ServiceCollection services = [];

        services.AddMemoryBudget(400_000_000);
        services.AddBoundedCache<string, byte[]>("pages", options => options.MaxBytes = 50_000_000);
        services.AddMemoryWatchdog(options => options.ProcessLimit = 1_500_000_000);

        services.AddHealthChecks().AddMemoryPressure().AddWorkerRecycling();

        services.AddWorkerRecycling(options =>
        {
            options.MaxRequests = 100_000;
            options.Level = MemoryPressureLevel.Critical;
            options.LevelFor = TimeSpan.FromMinutes(2);
        });

        using ServiceProvider provider = services.AddSingleton<IHostApplicationLifetime>(new Support.FakeLifetime()).BuildServiceProvider();
        Assert.NotNull(provider.GetRequiredService<WorkerRecycler>().MaxRequests);
    }
}
