using BoundedMemory.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BoundedMemory.Tests.DependencyInjection;

public class AddConcurrentRingBufferTests
{
    [Fact]
    public void AddConcurrentRingBuffer_TwoNames_GivesTwoKeyedSingletonsWithWhatIsRegistered()
    {
        var clock = new ManualTimeProvider();
        using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<TimeProvider>(clock)
            .AddMemoryBudget(1_000_000)
            .AddConcurrentRingBuffer<string>("first", o => o.MaxCount = 1)
            .AddConcurrentRingBuffer<string>("second", o => o.MaxCount = o.TimeProvider == clock ? 2 : 3)
            .BuildServiceProvider(validateScopes: true);

        var first = provider.GetRequiredKeyedService<ConcurrentRingBuffer<string>>("first");
        var second = provider.GetRequiredKeyedService<ConcurrentRingBuffer<string>>("second");

        Assert.Equal(("first", 1), (first.Name, first.MaxCount));
        Assert.Equal(("second", 2), (second.Name, second.MaxCount));
        Assert.Same(first, provider.GetRequiredService<ConcurrentRingBuffer<string>>());
        Assert.True(first.Bytes > 0);
        Assert.True(provider.GetRequiredService<MemoryBudget>().Used >= first.Bytes + second.Bytes);
    }

    [Fact]
    public void AddConcurrentRingBuffer_Configuration_BindsWhatTextCanSay()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["MaxBytes"] = "1000000",
            ["MaxCount"] = "1000",
            ["ArchiveAbove"] = "300",
            ["KeepInMemory"] = "50",
            ["ArchiveRetryDelay"] = "00:00:30",
        }).Build();
        using ServiceProvider provider = new ServiceCollection()
            .AddConcurrentRingBuffer<string>("log")
            .Configure<RingBufferOptions<string>>("log", configuration)
            .BuildServiceProvider();
        RingBufferOptions<string> options = provider.GetRequiredService<IOptionsMonitor<RingBufferOptions<string>>>().Get("log");
        Assert.Equal((1_000_000L, 1000, 300, 50, TimeSpan.FromSeconds(30)), (options.MaxBytes, options.MaxCount, options.ArchiveAbove, options.KeepInMemory, options.ArchiveRetryDelay));
        Assert.Equal(1000, provider.GetRequiredService<ConcurrentRingBuffer<string>>().MaxCount);
    }

    [Fact]
    public async Task Host_InvalidOptions_FailsAtStartAndSaysWhatIsWrong()
    {
        using IHost host = Host.CreateDefaultBuilder()
            .ConfigureServices(services => services.AddConcurrentRingBuffer<int>("bad", o => (o.MaxBytes, o.KeepInMemory) = (10, 600)))
            .Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(
            ["Ring 'bad': MaxBytes must be from 8192 to 9223372036854775807; it is 10.", "Ring 'bad': KeepInMemory must be from 0 to 500; it is 600."],
            error.Failures);
    }

    [Fact]
    public void Provider_Disposed_DisposesTheRing()
    {
        ServiceProvider provider = new ServiceCollection().AddConcurrentRingBuffer<int>("ring", o => o.MaxCount = 1).BuildServiceProvider();
        var ring = provider.GetRequiredService<ConcurrentRingBuffer<int>>();
        provider.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ring.Add(1));
    }
}
