using BoundedMemory.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BoundedMemory.Tests.Queue;

public class HubOptionsTests
{
    public static TheoryData<Action<BroadcastHubOptions<int>>, string, bool> Wrong => new()
    {
        { o => o.Name = "", "Name must not be empty nor contain '/'; it is .", false },
        { o => o.Name = "a/b", "Name must not be empty nor contain '/'; it is a/b.", false },
        { o => o.MaxCount = null, "MaxCount or MaxBytes or Budget must be set: a hub needs a bound; it is null.", false },
        { o => o.MaxCount = 0, "MaxCount must be from 1 to 1000000000; it is 0.", true },
        { o => o.MaxBytes = 16_383, "MaxBytes must be from 16384 to 9223372036854775807; it is 16383.", true },
        { o => o.MaxSubscribers = 0, "MaxSubscribers must be from 1 to 10000000; it is 0.", true },
        { o => o.IdleTimeout = TimeSpan.Zero, "IdleTimeout must be from 00:00:00.0010000 to 36525.00:00:00; it is 00:00:00.", true },
        { o => o.SweepInterval = TimeSpan.FromDays(50), "SweepInterval must be from 00:00:00.0010000 to 49.00:00:00; it is 50.00:00:00.", true },
        { o => o.TimeProvider = null!, "TimeProvider must be set; it is null.", false },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Constructor_AWrongOption_SaysWhichAndWhatIsLegal(Action<BroadcastHubOptions<int>> change, string message, bool isRange)
    {
        var options = new BroadcastHubOptions<int>();
        change(options);
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => new BroadcastHub<int>(options));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(isRange, error is ArgumentOutOfRangeException);
    }

    public static TheoryData<HubSubscriptionOptions<int>, string> WrongSubscriptions => new()
    {
        { new() { MaxLag = 0 }, "MaxLag must be from 1 to 1000000000; it is 0." },
        { new() { MaxMissed = -1 }, "MaxMissed must be from 0 to 9223372036854775807; it is -1." },
        { new() { After = -1 }, "After must be from 0 to 9223372036854775807; it is -1." },
        { new() { PrivateCount = 0 }, "PrivateCount must be from 1 to 1000000; it is 0." },
        { new() { PrivateCount = 1, MaxLag = 2 }, "MaxLag and PrivateCount must not be set together: a private queue is as long as that; it is 2." },
        { new() { PrivateCount = 1, After = 2 }, "After and PrivateCount must not be set together: a private queue begins empty; it is 2." },
    };

    [Theory]
    [MemberData(nameof(WrongSubscriptions))]
    public void Subscribe_AWrongOption_SaysWhichAndWhatIsLegal(HubSubscriptionOptions<int> options, string message)
    {
        using var hub = new BroadcastHub<int>(new());
        Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(() => hub.Subscribe(options)).Message, StringComparison.Ordinal);
        Assert.Equal(0, hub.Subscribers);
    }

    [Fact]
    public void Constructor_OptionsChangedLater_AreCopied()
    {
        var options = new BroadcastHubOptions<int> { MaxCount = 2, Name = "first" };
        using var hub = new BroadcastHub<int>(options);
        (options.MaxCount, options.Name) = (50, "second");
        Assert.Equal((2, "first", null), (hub.MaxCount, hub.Name, hub.MaxBytes));
    }

    [Fact]
    public void Constructor_BudgetWithoutRoom_ThrowsAndTakesNothing()
    {
        using var budget = new MemoryBudget(1000);
        Assert.Throws<MemoryBudgetExceededException>(() => new BroadcastHub<int>(new() { Budget = budget }));
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void TryResize_WithoutBytes_SaysSo()
    {
        using var hub = new BroadcastHub<int>(new());
        Assert.Throws<InvalidOperationException>(() => hub.TryResize(maxBytes: 20_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => hub.TryResize(maxCount: 0));
        Assert.True(hub.TryResize(maxCount: 5));
        Assert.Equal(5, hub.MaxCount);
    }

    [Fact]
    public void TryResize_BelowWhatSubscriptionsHold_IsRefusedAndChangesNoLimit()
    {
        using var hub = new BroadcastHub<int>(new() { MaxBytes = 100_000 });
        for (int i = 0; i < 60; i++)
        {
            hub.Subscribe();
        }

        Assert.False(hub.TryResize(maxBytes: 20_000, maxCount: 3));
        Assert.Equal((100_000, 100), (hub.MaxBytes, hub.MaxCount));
        hub.Verify();
    }

    [Fact]
    public void AddBroadcastHub_TwoNames_GivesTwoKeyedSingletonsAndTheFirstUnkeyed()
    {
        var clock = new ManualTimeProvider();
        using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<TimeProvider>(clock)
            .AddMemoryBudget(1_000_000)
            .AddBroadcastHub<int>("first", o => o.MaxCount = 1)
            .AddBroadcastHub<int>("second", o => o.MaxCount = 2)
            .BuildServiceProvider(validateScopes: true);
        var first = provider.GetRequiredKeyedService<BroadcastHub<int>>("first");
        Assert.Equal(("first", 1L), (first.Name, first.MaxCount));
        Assert.Equal(2, provider.GetRequiredKeyedService<BroadcastHub<int>>("second").MaxCount);
        Assert.Same(first, provider.GetRequiredService<BroadcastHub<int>>());
        Assert.True(first.Bytes > 0 && provider.GetRequiredService<MemoryBudget>().Used >= first.Bytes);
        Assert.Equal(1, clock.Timers);
    }

    [Fact]
    public void AddBroadcastHub_WrongOptions_SaysEverythingThatIsWrong()
    {
        using ServiceProvider provider = new ServiceCollection().AddBroadcastHub<int>("bad", o => (o.MaxCount, o.MaxSubscribers) = (0, 0)).BuildServiceProvider();
        Assert.Equal(
            ["Hub 'bad': MaxCount must be from 1 to 1000000000; it is 0.", "Hub 'bad': MaxSubscribers must be from 1 to 10000000; it is 0."],
            Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<BroadcastHub<int>>()).Failures);
    }
}
