using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.Tests.DependencyInjection;

/// <summary>What a container makes is a consumer of the watchdog of that container.</summary>
public class WatchdogWiringTests
{
    [Fact]
    public void Primitives_OfEachKind_AreConsumersOfTheContainersWatchdog()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddBoundedCache<string, int>("cache", o => o.MaxBytes = 100_000)
            .AddConcurrentRingBuffer<string>("ring", o => o.MaxCount = 10)
            .AddDropOldestQueue<string>("queue", o => o.MaxCount = 10)
            .AddBroadcastHub<string>("hub", o => o.MaxCount = 10)
            .AddConversationStore<string, ConversationMessage>("conversations", o => o.MaxBytes = 1_000_000)
            .AddSessionStore("sessions", o => o.MaxBytes = 1_000_000)
            .AddSingleton(_ => new MemoryWatchdog(new()))
            .BuildServiceProvider(validateScopes: true);
        var watchdog = provider.GetRequiredService<MemoryWatchdog>();
        Assert.Empty(watchdog.Consumers);
        provider.GetRequiredService<BoundedCache<string, int>>();
        provider.GetRequiredKeyedService<BoundedCache<string, int>>("cache");
        provider.GetRequiredService<ConcurrentRingBuffer<string>>();
        provider.GetRequiredService<DropOldestQueue<string>>();
        provider.GetRequiredService<BroadcastHub<string>>();
        provider.GetRequiredService<ConversationStore<string, ConversationMessage>>();
        provider.GetRequiredService<SessionStore>();
        Assert.Equal(["cache", "conversations", "hub", "queue", "ring", "sessions"], watchdog.Consumers.Select(c => c.Name));
    }

    [Fact]
    public void Watchdog_AskingForMemory_GetsItFromThem()
    {
        using ServiceProvider provider = NewServices().AddSingleton(_ => new MemoryWatchdog(new())).BuildServiceProvider();
        var cache = provider.GetRequiredService<BoundedCache<string, byte[]>>();
        cache.Set("a", new byte[1000]);
        Assert.True(provider.GetRequiredService<MemoryWatchdog>().Reclaim(1) >= 1000);
        Assert.Equal(1, cache.Statistics.Trimmed);
    }

    [Fact]
    public void Containers_Two_ShareNothing()
    {
        using ServiceProvider one = NewServices().AddSingleton(_ => new MemoryWatchdog(new())).BuildServiceProvider();
        using ServiceProvider other = NewServices().AddSingleton(_ => new MemoryWatchdog(new())).BuildServiceProvider();
        var cache = one.GetRequiredService<BoundedCache<string, byte[]>>();
        Assert.Equal([cache], one.GetRequiredService<MemoryWatchdog>().Consumers);
        Assert.Empty(other.GetRequiredService<MemoryWatchdog>().Consumers);
    }

    [Fact]
    public void Watchdog_MadeFirstByAPrimitive_IsDisposedAfterIt()
    {
        MemoryPressureLevel? whileDisposing = null;
        ServiceProvider? provider = null;
        MemoryWatchdog? watchdog = null;
        provider = new ServiceCollection()
            .AddBoundedCache<string, byte[]>("pages", o =>
            {
                o.MaxCount = 10;
                o.Removed = _ => whileDisposing = watchdog!.Evaluate();
            })
            .AddSingleton(_ => new MemoryWatchdog(new()))
            .BuildServiceProvider();
        provider.GetRequiredService<BoundedCache<string, byte[]>>().Set("a", []);
        watchdog = provider.GetRequiredService<MemoryWatchdog>();
        provider.Dispose();
        Assert.NotNull(whileDisposing);
        Assert.Throws<ObjectDisposedException>(() => watchdog.Evaluate());
    }

    [Fact]
    public void Container_Disposed_ItsPrimitivesAreNotAskedAnyMore()
    {
        using var watchdog = new MemoryWatchdog(new());
        ServiceProvider provider = NewServices().AddSessionStore("sessions", o => o.MaxBytes = 1_000_000).AddSingleton(watchdog).BuildServiceProvider();
        provider.GetRequiredService<BoundedCache<string, byte[]>>().Set("a", new byte[1000]);
        using (SessionLease session = provider.GetRequiredService<SessionStore>().Acquire("anna"))
        {
            session.Set("a", "b");
        }

        provider.Dispose();
        watchdog.Evaluate();
        Assert.Equal(0, watchdog.Reclaim(1_000_000));
        Assert.Equal((0, 0), (watchdog.Statistics.ConsumerFailures, watchdog.Statistics.RequestedBytes));
    }

    [Fact]
    public void Watchdog_DisposedBefore_LeavesThePrimitivesUsable()
    {
        var watchdog = new MemoryWatchdog(new());
        watchdog.Dispose();
        using ServiceProvider provider = NewServices().AddSingleton(watchdog).BuildServiceProvider();
        Assert.Equal(SetResult.Added, provider.GetRequiredService<BoundedCache<string, byte[]>>().Set("a", []));
    }

    [Theory]
    [InlineData(typeof(MemoryWatchdog))]
    [InlineData(typeof(BoundedCache<string, byte[]>))]
    public void Watchdog_WhoseFactoryAsksForAPrimitive_IsToldSoWhateverIsAskedForFirst(Type first)
    {
        using ServiceProvider provider = NewServices().AddSingleton(services =>
        {
            services.GetRequiredService<BoundedCache<string, byte[]>>();
            return new MemoryWatchdog(new());
        }).BuildServiceProvider();
        var error = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService(first));
        Assert.Contains("'pages'", error.Message, StringComparison.Ordinal);

        // It is told again, rather than half made.
        Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService(first));
    }

    [Fact]
    public void Watchdog_WhoseFactoryAsksAnotherContainer_IsMade()
    {
        using ServiceProvider inner = NewServices().AddSingleton(_ => new MemoryWatchdog(new())).BuildServiceProvider();
        using ServiceProvider outer = NewServices().AddSingleton(_ =>
        {
            inner.GetRequiredService<BoundedCache<string, byte[]>>();
            return new MemoryWatchdog(new());
        }).BuildServiceProvider();
        var cache = outer.GetRequiredService<BoundedCache<string, byte[]>>();
        Assert.Equal([cache], outer.GetRequiredService<MemoryWatchdog>().Consumers);
        Assert.Single(inner.GetRequiredService<MemoryWatchdog>().Consumers);
    }

    private static IServiceCollection NewServices() => new ServiceCollection().AddBoundedCache<string, byte[]>("pages", o => o.MaxBytes = 1_000_000);
}
