using System.Diagnostics.Metrics;
using BoundedMemory.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BoundedMemory.Tests.DependencyInjection;

public class AddBoundedCacheTests
{
    [Fact]
    public void AddBoundedCache_TwoNames_GivesTwoKeyedSingletonsAndTheFirstUnkeyed()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddBoundedCache<string, int>("first", o => o.MaxCount = 1)
            .AddBoundedCache<string, int>("second", o => o.MaxCount = 2)
            .AddBoundedCache<int, int>("third", o => o.MaxCount = 3)
            .BuildServiceProvider(validateScopes: true);

        var first = provider.GetRequiredKeyedService<BoundedCache<string, int>>("first");
        var second = provider.GetRequiredKeyedService<BoundedCache<string, int>>("second");

        Assert.Equal(("first", 1L), (first.Name, first.MaxCount));
        Assert.Equal(("second", 2L), (second.Name, second.MaxCount));
        Assert.Same(first, provider.GetRequiredService<BoundedCache<string, int>>());
        Assert.Same(first, provider.GetRequiredKeyedService<BoundedCache<string, int>>("first"));
        Assert.Equal("third", provider.GetRequiredService<BoundedCache<int, int>>().Name);
    }

    [Fact]
    public void AddBoundedCache_Configuration_BindsEveryOptionThatTextCanSay()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Orders:MaxBytes"] = "10000000",
            ["Orders:MaxCount"] = "50",
            ["Orders:Policy"] = "Lru",
            ["Orders:TimeToLive"] = "00:01:00",
            ["Orders:TimeToIdle"] = "00:00:30",
            ["Orders:Tiers:0:Name"] = "hot",
            ["Orders:Tiers:0:TimeToLive"] = "00:00:10",
            ["Orders:Tiers:0:MaxCount"] = "30",
            ["Orders:Tiers:1:Name"] = "cold",
            ["Orders:Tiers:1:TimeToLive"] = "00:05:00",
            ["Orders:DefaultTier"] = "cold",
        }).Build();
        using ServiceProvider provider = new ServiceCollection()
            .AddBoundedCache<string, string>("orders")
            .Configure<BoundedCacheOptions<string, string>>("orders", configuration.GetSection("Orders"))
            .BuildServiceProvider();

        BoundedCacheOptions<string, string> options = provider.GetRequiredService<IOptionsMonitor<BoundedCacheOptions<string, string>>>().Get("orders");
        Assert.Equal((10_000_000L, 50L, EvictionPolicy.Lru), (options.MaxBytes, options.MaxCount, options.Policy));
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30)), (options.TimeToLive, options.TimeToIdle));
        Assert.Equal([new TtlTier("hot", TimeSpan.FromSeconds(10), 30), new TtlTier("cold", TimeSpan.FromMinutes(5))], options.Tiers);

        BoundedCache<string, string> cache = provider.GetRequiredService<BoundedCache<string, string>>();
        Assert.Equal(SetResult.Added, cache.Set("a", "b"));
        Assert.Equal(1, cache.UsageOf("cold").Count);
    }

    [Fact]
    public async Task Host_InvalidOptions_FailsAtStartAndSaysEverythingThatIsWrong()
    {
        using IHost host = Host.CreateDefaultBuilder()
            .ConfigureServices(services => services
                .AddBoundedCache<string, int>("bad", o =>
                {
                    o.MaxBytes = 10;
                    o.TimeToLive = TimeSpan.Zero;
                    o.DefaultTier = "none";
                })
                .AddBoundedCache<string, int>("good", o => o.MaxCount = 1))
            .Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(
            [
                "Cache 'bad': MaxBytes must be from 16384 to 9223372036854775807; it is 10.",
                "Cache 'bad': TimeToLive must be from 00:00:00.0010000 to 36525.00:00:00; it is 00:00:00.",
                "Cache 'bad': DefaultTier must be the name of one of the Tiers; it is none.",
            ],
            error.Failures);
    }

    [Fact]
    public void AddBoundedCache_RegisteredServices_AreUsed()
    {
        var clock = new ManualTimeProvider();
        using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<TimeProvider>(clock)
            .AddMetrics()
            .AddMemoryBudget(1_000_000)
            .AddBoundedCache<string, int>("cache", o => o.TimeToLive = TimeSpan.FromSeconds(10))
            .BuildServiceProvider();
        var cache = provider.GetRequiredService<BoundedCache<string, int>>();
        cache.Set("a", 1);

        Assert.True(cache.Bytes > 0);
        Assert.True(provider.GetRequiredService<MemoryBudget>().Used >= cache.Bytes);
        var seen = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, provider.GetRequiredService<IMeterFactory>()))
            {
                seen.Add(instrument.Name);
            }
        };
        listener.Start();
        Assert.Contains(BoundedMemoryInstruments.CacheRequests, seen);

        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Provider_Disposed_DisposesTheCacheOnce()
    {
        int disposed = 0;
        ServiceProvider provider = new ServiceCollection()
            .AddBoundedCache<string, int>("cache", o =>
            {
                o.MaxCount = 1;
                o.Removed = removed => disposed += removed.Cause == RemovalCause.Disposed ? 1 : 0;
            })
            .BuildServiceProvider();
        provider.GetRequiredService<BoundedCache<string, int>>().Set("a", 1);
        provider.Dispose();
        Assert.Equal(1, disposed);
    }

    [Fact]
    public void AddMemoryBudget_BadLimit_ThrowsAtOnce() =>
        Assert.Equal("limit", Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceCollection().AddMemoryBudget(0)).ParamName);

    [Fact]
    public void AddBoundedCache_Null_Throws()
    {
        Assert.Equal("services", Assert.Throws<ArgumentNullException>(() => BoundedMemoryServiceCollectionExtensions.AddBoundedCache<int, int>(null!, "x")).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddBoundedCache<int, int>(null!)).ParamName);
    }
}
