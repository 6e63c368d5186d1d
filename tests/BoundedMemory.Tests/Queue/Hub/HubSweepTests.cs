using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class HubSweepTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Idle_NeitherReadsNorWaits_IsClosedAfterTenMinutesAndUpToOneMore()
    {
        var clock = new ManualTimeProvider();
        using var hub = new BroadcastHub<int>(new() { TimeProvider = clock });
        HubSubscription<int> idle = hub.Subscribe();
        CancellationToken closed = idle.Closed;
        HubBasicsTests.Publish(hub, 1, 5);
        clock.Advance(10 * Minute - TimeSpan.FromTicks(1));
        Assert.Null(idle.CloseCause);
        clock.Advance(Minute);

        Assert.Equal((HubCloseCause.Idle, true), (idle.CloseCause, closed.IsCancellationRequested));
        Assert.Equal((1, 5, 0), (hub.Statistics.ClosedIdle, hub.Statistics.Unread, hub.Subscribers));
        Assert.False(idle.TryRead(out _));
    }

    [Fact]
    public void Idle_ReadsNowAndThen_Stays()
    {
        var clock = new ManualTimeProvider();
        using var hub = new BroadcastHub<int>(new() { TimeProvider = clock });
        HubSubscription<int> subscription = hub.Subscribe();
        for (int i = 0; i < 10; i++)
        {
            subscription.TryRead(out _);
            clock.Advance(9 * Minute);
        }

        Assert.Null(subscription.CloseCause);
        clock.Advance(3 * Minute);
        Assert.Equal(HubCloseCause.Idle, subscription.CloseCause);
    }

    [Fact]
    public async Task Idle_WaitsForAMessage_Stays()
    {
        var clock = new ManualTimeProvider();
        using var hub = new BroadcastHub<int>(new() { TimeProvider = clock });
        HubSubscription<int> subscription = hub.Subscribe();
        Task<HubMessage<int>> read = subscription.ReadAsync().AsTask();
        clock.Advance(100 * Minute);
        Assert.Null(subscription.CloseCause);
        hub.Publish(1);
        Assert.Equal(1, (await read.Soon()).Value);
        clock.Advance(12 * Minute);
        Assert.Equal(HubCloseCause.Idle, subscription.CloseCause);
    }

    [Fact]
    public async Task Idle_ConsumerStuckBetweenReads_EndsItsEnumeration()
    {
        var clock = new ManualTimeProvider();
        using var hub = new BroadcastHub<int>(new() { TimeProvider = clock, IdleTimeout = Minute });
        HubSubscription<int> subscription = hub.Subscribe();
        HubBasicsTests.Publish(hub, 1, 3);
        var isStuck = new TaskCompletionSource();
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> reading = Task.Run(async () =>
        {
            int read = 0;
            await foreach (HubMessage<int> _ in subscription)
            {
                read++;
                isStuck.SetResult();
                await goesOn.Task;
            }

            return read;
        });
        await isStuck.Task.Soon();
        clock.Advance(3 * Minute);
        Assert.Equal(HubCloseCause.Idle, subscription.CloseCause);
        goesOn.SetResult();
        Assert.Equal(1, await reading.Soon());
    }

    [Fact]
    public void Lagged_ThatNeverReads_IsClosedByTheSweep()
    {
        var clock = new ManualTimeProvider();
        using var hub = new BroadcastHub<int>(new() { TimeProvider = clock, MaxCount = 2 });
        HubSubscription<int> shared = hub.Subscribe(new() { MaxMissed = 10 });
        HubSubscription<int> queued = hub.Subscribe(new() { MaxMissed = 10, PrivateCount = 2 });
        HubBasicsTests.Publish(hub, 1, 12);
        clock.Advance(Minute);
        Assert.Equal((null, null), (shared.CloseCause, queued.CloseCause));
        HubBasicsTests.Publish(hub, 13, 13);
        clock.Advance(Minute);
        Assert.Equal((HubCloseCause.Lagged, HubCloseCause.Lagged), (shared.CloseCause, queued.CloseCause));
    }

    [Fact]
    public void Sweep_OfAThousandHubs_IsOneTimerAndNoneWhenTheyAreGone()
    {
        var clock = new ManualTimeProvider();
        BroadcastHub<int>[] hubs = [.. Enumerable.Range(0, 1000).Select(_ => new BroadcastHub<int>(new() { TimeProvider = clock }))];
        Assert.Equal(1, clock.Timers);
        Array.ForEach(hubs, hub => hub.Dispose());
        clock.Advance(Minute);
        Assert.Equal(0, clock.Timers);
    }

    [Fact]
    public void Subscription_Dropped_LeavesNothingOnceItIsIdle()
    {
        var clock = new ManualTimeProvider();
        using var hub = new BroadcastHub<object>(new() { TimeProvider = clock });
        WeakReference[] dropped = [.. Enumerable.Range(0, 10).Select(i => Drop(hub, i))];
        clock.Advance(12 * Minute);
        Collect();
        Assert.All(dropped, link => Assert.False(link.IsAlive));
        Assert.Equal(0, hub.Subscribers);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Drop(BroadcastHub<object> hub, int i) => new(hub.Subscribe(new() { Filter = _ => i > 5, PrivateCount = i % 2 == 0 ? 5 : null }));
    }

    [Fact]
    public void Subscription_Disposed_FreesEverythingItHeld()
    {
        using var hub = new BroadcastHub<object>(new() { MaxCount = 1 });
        (HubSubscription<object> Subscription, WeakReference Message) queued = Fill(hub);
        hub.Publish(new object());
        Collect();
        Assert.True(queued.Message.IsAlive);
        queued.Subscription.Dispose();
        Collect();
        Assert.False(queued.Message.IsAlive);
        GC.KeepAlive(queued.Subscription);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static (HubSubscription<object>, WeakReference) Fill(BroadcastHub<object> hub)
        {
            HubSubscription<object> subscription = hub.Subscribe(new() { PrivateCount = 10 });
            object message = new();
            hub.Publish(message);
            return (subscription, new WeakReference(message));
        }
    }

    [Theory]
    [InlineData("evicted")]
    [InlineData("cleared")]
    [InlineData("trimmed")]
    [InlineData("resized")]
    [InlineData("read from a private queue")]
    public void Message_ThatHasLeft_IsNotRetained(string how)
    {
        using var hub = new BroadcastHub<object>(new() { MaxCount = 4, MaxBytes = 100_000 });
        using HubSubscription<object> reader = hub.Subscribe(how.StartsWith("read", StringComparison.Ordinal) ? new() { PrivateCount = 8 } : null);
        WeakReference[] messages = [.. Enumerable.Range(0, 3).Select(_ => Publish(hub))];
        switch (how)
        {
            case "cleared":
                hub.Clear();
                break;
            case "trimmed":
                hub.Trim(long.MaxValue);
                break;
            case "resized":
                hub.TryResize(maxCount: 1);
                Publish(hub);
                break;
            default:
                for (int i = 0; i < 5; i++)
                {
                    Publish(hub);
                    reader.TryRead(out _);
                }

                break;
        }

        Collect();
        Assert.All(messages, message => Assert.False(message.IsAlive));
        hub.Verify();

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Publish(BroadcastHub<object> hub)
        {
            object message = new byte[100];
            hub.Publish(message);
            return new WeakReference(message);
        }
    }

    [Fact]
    public void Hub_Dropped_IsCollected()
    {
        var clock = new ManualTimeProvider();
        using var budget = new MemoryBudget(1_000_000);
        WeakReference dropped = Drop(clock, budget);
        Collect();
        Collect();
        Assert.False(dropped.IsAlive);
        Assert.Equal(0, budget.Used);
        GC.KeepAlive(clock);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Drop(ManualTimeProvider clock, MemoryBudget budget)
        {
            var hub = new BroadcastHub<int>(new() { TimeProvider = clock, Budget = budget });
            hub.Subscribe();
            hub.Publish(1);
            return new WeakReference(hub);
        }
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
