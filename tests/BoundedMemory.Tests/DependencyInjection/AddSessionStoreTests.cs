using BoundedMemory.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BoundedMemory.Tests.DependencyInjection;

public class AddSessionStoreTests
{
    [Fact]
    public void AddSessionStore_TwoNames_GivesTwoKeyedSingletonsWithWhatIsRegistered()
    {
        var clock = new ManualTimeProvider();
        using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<TimeProvider>(clock)
            .AddMemoryBudget(1_000_000)
            .AddSessionStore("first", o => o.MaxSessions = 1)
            .AddSessionStore("second", o => o.MaxSessions = o.TimeProvider == clock ? 2 : 3)
            .BuildServiceProvider(validateScopes: true);

        var first = provider.GetRequiredKeyedService<SessionStore>("first");
        var second = provider.GetRequiredKeyedService<SessionStore>("second");

        Assert.Equal(("first", 1), (first.Name, first.MaxSessions));
        Assert.Equal(("second", 2), (second.Name, second.MaxSessions));
        Assert.Same(first, provider.GetRequiredService<SessionStore>());
        Assert.True(provider.GetRequiredService<MemoryBudget>().Used >= first.Bytes + second.Bytes);
    }

    [Fact]
    public void AddSessionStore_Configuration_BindsWhatTextCanSay()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["MaxBytes"] = "50000000",
            ["MaxSessions"] = "500",
            ["MaxSessionBytes"] = "500000",
            ["MaxValueBytes"] = "10000",
            ["MaxEntries"] = "40",
            ["FullMode"] = "EvictTransient",
            ["IdleTimeout"] = "00:30:00",
            ["TransientKeys:Suffixes:0"] = "_table",
            ["TransientKeys:Comparison"] = "OrdinalIgnoreCase",
        }).Build();
        using ServiceProvider provider = new ServiceCollection()
            .AddSessionStore("sessions")
            .Configure<SessionStoreOptions>("sessions", configuration)
            .BuildServiceProvider();
        SessionStoreOptions o = provider.GetRequiredService<IOptionsMonitor<SessionStoreOptions>>().Get("sessions");
        Assert.Equal((50_000_000L, 500, 500_000L, 10_000L, 40), (o.MaxBytes, o.MaxSessions, o.MaxSessionBytes, o.MaxValueBytes, o.MaxEntries));
        Assert.Equal((SessionFullMode.EvictTransient, TimeSpan.FromMinutes(30)), (o.FullMode, o.IdleTimeout));
        Assert.Equal(["_data", "_cache", "_table"], o.TransientKeys.Suffixes);
        Assert.True(o.TransientKeys.Contains("ROWS_TABLE"));
        Assert.Equal(500, provider.GetRequiredService<SessionStore>().MaxSessions);
    }

    [Fact]
    public async Task Host_InvalidOptions_FailsAtStartAndSaysWhatIsWrong()
    {
        using IHost host = Host.CreateDefaultBuilder()
            .ConfigureServices(services => services.AddSessionStore("bad", o => (o.MaxBytes, o.MaxEntries) = (10, 0)))
            .Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(
            ["Session store 'bad': MaxBytes must be from 16384 to 9223372036854775807; it is 10.", "Session store 'bad': MaxEntries must be from 1 to 1000000; it is 0."],
            error.Failures);
    }

    [Fact]
    public void Provider_Disposed_DisposesTheStore()
    {
        ServiceProvider provider = new ServiceCollection().AddSessionStore("sessions", o => o.MaxBytes = 100_000).BuildServiceProvider();
        var store = provider.GetRequiredService<SessionStore>();
        provider.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.Acquire("u"));
    }
}
