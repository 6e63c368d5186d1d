using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class HubWaitingTests
{
    [Fact]
    public async Task ReadAsync_NothingThere_EndsWithTheNextMessage()
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe();
        Task<HubMessage<int>> read = subscription.ReadAsync().AsTask();
        Assert.False(read.IsCompleted);
        hub.Publish(7);
        Assert.Equal(new HubMessage<int>(1, 0, 7), await read.Soon());
    }

    [Fact]
    public async Task ReadAsync_ManyWait_AllAreWoken()
    {
        using var hub = new BroadcastHub<int>(new());
        Task<HubMessage<int>>[] reads = [.. Enumerable.Range(0, 200).Select(_ => hub.Subscribe().ReadAsync().AsTask())];
        hub.Publish(7);
        Assert.All(await Task.WhenAll(reads).Soon(), message => Assert.Equal(7, message.Value));
    }

    [Fact]
    public async Task ReadAsync_Filtered_WaitsOn()
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe(new() { Filter = i => i > 5 });
        Task<HubMessage<int>> read = subscription.ReadAsync().AsTask();
        for (int i = 1; i <= 5; i++)
        {
            hub.Publish(i);
            long filtered = i;
            Patience.Until(() => subscription.Filtered == filtered);
        }

        Assert.False(read.IsCompleted);
        hub.Publish(6);
        Assert.Equal(6, (await read.Soon()).Sequence);
    }

    [Fact]
    public async Task ReadAsync_PrivateQueue_IsWoken()
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe(new() { Filter = i => i > 5, PrivateCount = 3 });
        Task<HubMessage<int>> read = subscription.ReadAsync().AsTask();
        hub.Publish(1);
        hub.Publish(6);
        Assert.Equal(new HubMessage<int>(2, 0, 6), await read.Soon());
    }

    [Fact]
    public async Task ReadAsync_Cancelled_LosesNothing()
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe();
        using var cancellation = new CancellationTokenSource();
        Task<HubMessage<int>> read = subscription.ReadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.Soon());
        hub.Publish(1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => subscription.ReadAsync(cancellation.Token).Soon());
        Assert.Equal(1, (await subscription.ReadAsync().Soon()).Value);
    }

    [Fact]
    public async Task ReadAsync_SecondAtTheSameTime_Throws()
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe();
        Task<HubMessage<int>> read = subscription.ReadAsync().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => subscription.WaitToReadAsync().Soon());
        hub.Publish(1);
        Assert.Equal(1, (await read.Soon()).Value);
    }

    [Theory]
    [InlineData(HubCloseCause.Unsubscribed)]
    [InlineData(HubCloseCause.Completed)]
    [InlineData(HubCloseCause.Disposed)]
    public async Task Wait_TheSubscriptionEnds_EndsWithItsCause(HubCloseCause cause)
    {
        var hub = new BroadcastHub<int>(new());
        HubSubscription<int> reads = hub.Subscribe();
        HubSubscription<int> waits = hub.Subscribe();
        HubSubscription<int> enumerates = hub.Subscribe();
        HubSubscription<int> batches = hub.Subscribe();
        Task<HubMessage<int>> read = reads.ReadAsync().AsTask();
        Task<bool> wait = waits.WaitToReadAsync().AsTask();
        Task<List<HubMessage<int>>> enumeration = enumerates.ToListAsync().AsTask();
        Task<int> batch = batches.ReadBatchAsync(new HubMessage<int>[2]).AsTask();
        switch (cause)
        {
            case HubCloseCause.Unsubscribed:
                Array.ForEach([reads, waits, enumerates, batches], s => s.Dispose());
                break;
            case HubCloseCause.Completed:
                hub.Complete();
                break;
            default:
                hub.Dispose();
                break;
        }

        Assert.Equal(cause, (await Assert.ThrowsAsync<HubClosedException>(() => read.Soon())).Cause);
        Assert.False(await wait.Soon());
        Assert.Empty(await enumeration.Soon());
        Assert.Equal(0, await batch.Soon());
        Assert.All([reads, waits, enumerates, batches], s => Assert.Equal(cause, s.CloseCause));
        Assert.Equal(0, hub.Subscribers);
        hub.Dispose();
    }

    [Fact]
    public async Task ReadBatchAsync_SomeThere_TakesThem()
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe();
        var messages = new HubMessage<int>[2];
        Task<int> batch = subscription.ReadBatchAsync(messages).AsTask();
        hub.Publish(1);
        Assert.Equal(1, await batch.Soon());
        HubBasicsTests.Publish(hub, 2, 4);
        Assert.Equal(2, await subscription.ReadBatchAsync(messages).Soon());
        Assert.Equal([2, 3], messages.Select(m => m.Value));
        await Assert.ThrowsAsync<ArgumentException>(async () => await subscription.ReadBatchAsync(Memory<HubMessage<int>>.Empty));
    }

    [Fact]
    public async Task Enumeration_Left_DisposesTheSubscription()
    {
        using var hub = new BroadcastHub<int>(new());
        HubSubscription<int> subscription = hub.Subscribe();
        hub.Publish(1);
        await foreach (HubMessage<int> message in subscription)
        {
            Assert.Equal(1, message.Value);
            break;
        }

        Assert.Equal((HubCloseCause.Unsubscribed, 0), (subscription.CloseCause, hub.Subscribers));
    }

    [Fact]
    public async Task Enumeration_CancelledWhileMessagesKeepComing_Ends()
    {
        using var hub = new BroadcastHub<int>(new());
        using var cancellation = new CancellationTokenSource();
        HubSubscription<int> subscription = hub.Subscribe();
        HubBasicsTests.Publish(hub, 1, 10);
        int read = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (HubMessage<int> _ in subscription.WithCancellation(cancellation.Token))
            {
                if (++read == 3)
                {
                    await cancellation.CancelAsync();
                }
            }
        });
        Assert.Equal((3, 0), (read, hub.Subscribers));
    }
}
