using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class HubBasicsTests
{
    [Fact]
    public void Publish_WithoutSubscribers_KeepsTheNewest()
    {
        using var hub = new BroadcastHub<int>(new() { MaxCount = 3 });
        for (int i = 1; i <= 5; i++)
        {
            Assert.Equal(AddResult.Added, hub.Publish(i * 10, out long sequence));
            Assert.Equal(i, sequence);
        }

        Assert.Equal([new(3, 0, 30), new(4, 0, 40), new(5, 0, 50)], hub.Snapshot());
        Assert.Equal((5, 2, 3), (hub.Statistics.Published, hub.Statistics.Evicted, hub.Count));
        hub.Verify();
    }

    [Fact]
    public void TryRead_EachSubscriber_SeesWhatWasPublishedSinceItBegan()
    {
        using var hub = new BroadcastHub<string>(new());
        hub.Publish("before");
        using HubSubscription<string> first = hub.Subscribe();
        hub.Publish("a");
        using HubSubscription<string> second = hub.Subscribe();
        hub.Publish("b");

        Assert.Equal(["a", "b"], ReadAll(first).Select(m => m.Value));
        Assert.Equal(["b"], ReadAll(second).Select(m => m.Value));
        Assert.False(first.TryRead(out _));
        Assert.Equal((2, 0, 0), (first.Delivered, first.Missed, first.Lag));
    }

    [Fact]
    public void TryRead_AfterFallingBehind_ReportsTheGapOnceAndExactly()
    {
        using var hub = new BroadcastHub<int>(new() { MaxCount = 4 });
        using HubSubscription<int> subscription = hub.Subscribe();
        Publish(hub, 1, 10);

        Assert.Equal(10, subscription.Lag);
        Assert.Equal([new(7, 6, 7), new(8, 0, 8), new(9, 0, 9), new(10, 0, 10)], ReadAll(subscription));
        Assert.Equal((4, 6, 0), (subscription.Delivered, subscription.Missed, subscription.Lag));
        Assert.Equal((4, 6), (hub.Statistics.Delivered, hub.Statistics.Missed));
    }

    [Fact]
    public void MaxLag_OfOneSubscriber_ShowsItFewerThanTheOthers()
    {
        using var hub = new BroadcastHub<int>(new() { MaxCount = 10 });
        using HubSubscription<int> near = hub.Subscribe(new() { MaxLag = 2 });
        using HubSubscription<int> far = hub.Subscribe();
        Publish(hub, 1, 5);

        Assert.Equal([new(4, 3, 4), new(5, 0, 5)], ReadAll(near));
        Assert.Equal(5, ReadAll(far).Count);
    }

    [Fact]
    public void MaxMissed_Exceeded_ClosesAsLagged()
    {
        using var hub = new BroadcastHub<int>(new() { MaxCount = 4 });
        using HubSubscription<int> patient = hub.Subscribe(new() { MaxMissed = 6 });
        using HubSubscription<int> impatient = hub.Subscribe(new() { MaxMissed = 5 });
        Publish(hub, 1, 10);

        Assert.Equal(4, ReadAll(patient).Count);
        Assert.False(impatient.TryRead(out _));
        Assert.Equal(HubCloseCause.Lagged, impatient.CloseCause);
        Assert.Equal((6, 4, 1, 1), (impatient.Missed, hub.Statistics.Unread, hub.Statistics.ClosedLagged, hub.Subscribers));
        hub.Verify();
    }

    [Fact]
    public void Filter_OfASubscriber_HoldsBackAndCounts()
    {
        using var hub = new BroadcastHub<int>(new() { MaxCount = 6 });
        using HubSubscription<int> even = hub.Subscribe(new() { Filter = i => i % 2 == 0 });
        Publish(hub, 1, 9);

        Assert.Equal([new(4, 3, 4), new(6, 0, 6), new(8, 0, 8)], ReadAll(even));
        Assert.Equal((3, 3, 3, 0), (even.Delivered, even.Filtered, even.Missed, even.Lag));
    }

    [Fact]
    public void Filter_AGapBeforeMessagesHeldBack_IsReportedWithTheNextThatIsNot()
    {
        using var hub = new BroadcastHub<int>(new() { MaxCount = 3 });
        using HubSubscription<int> wants9 = hub.Subscribe(new() { Filter = i => i == 9 });
        Publish(hub, 1, 8);
        Assert.Empty(ReadAll(wants9));
        Publish(hub, 9, 9);
        Assert.Equal([new(9, 5, 9)], ReadAll(wants9));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Filter_Throws_DeliversAndCountsTheFailure(bool isPrivate)
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe(new() { Filter = _ => throw new TimeoutException(), PrivateCount = isPrivate ? 5 : null });
        hub.Publish(1);
        Assert.Single(ReadAll(subscription));
        Assert.Equal(1, hub.Statistics.CallbackFailures);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Filter_CallsTheHub_IsUnderNoLock(bool isPrivate)
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe(new()
        {
            Filter = _ => Task.Run(() => hub.Statistics.Published >= 0 && hub.Snapshot().Length >= 0).Wait(Patience.Limit),
            PrivateCount = isPrivate ? 5 : null,
        });
        hub.Publish(1);
        Assert.Single(ReadAll(subscription));
    }

    [Fact]
    public void PrivateCount_MatchesThatTheHubHasLost_AreStillThere()
    {
        using var hub = new BroadcastHub<int>(new() { MaxCount = 2 });
        using HubSubscription<int> hundreds = hub.Subscribe(new() { Filter = i => i % 100 == 0, PrivateCount = 3 });
        Publish(hub, 1, 500);

        Assert.Equal([new(300, 2, 300), new(400, 0, 400), new(500, 0, 500)], ReadAll(hundreds));
        Assert.Equal((3, 2, 495, 0), (hundreds.Delivered, hundreds.Missed, hundreds.Filtered, hundreds.Lag));
        hub.Verify();
    }

    [Fact]
    public void PrivateCount_Bytes_AreChargedAndGivenBack()
    {
        using var hub = new BroadcastHub<byte[]>(new() { MaxCount = 1, MaxBytes = 100_000 });
        long empty = hub.Bytes;
        HubSubscription<byte[]> subscription = hub.Subscribe(new() { PrivateCount = 10 });
        for (int i = 0; i < 10; i++)
        {
            hub.Publish(new byte[1000]);
            hub.Verify();
        }

        Assert.InRange(hub.Bytes, empty + 11_000, empty + 14_000);
        subscription.Dispose();
        hub.Clear();
        Assert.Equal(empty, hub.Bytes);
    }

    [Fact]
    public void PrivateCount_MoreThanHalfOfTheBytes_DropsItsOldest()
    {
        using var hub = new BroadcastHub<byte[]>(new() { MaxCount = 100, MaxBytes = 50_000 });
        using HubSubscription<byte[]> subscription = hub.Subscribe(new() { PrivateCount = 100 });
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(AddResult.Added, hub.Publish(new byte[1000]));
            hub.Verify();
            Assert.InRange(hub.Bytes, 0, 50_000);
        }

        IReadOnlyList<HubMessage<byte[]>> read = ReadAll(subscription);
        Assert.InRange(read.Count, 15, 25);
        Assert.Equal(100 - read.Count, read[0].Missed);
        Assert.InRange(hub.Count, 20, 47);
    }

    [Theory]
    [InlineData(0L, HubResume.Gap, 3, 2)]
    [InlineData(1L, HubResume.Gap, 3, 1)]
    [InlineData(2L, HubResume.Continued, 3, 0)]
    [InlineData(4L, HubResume.Continued, 5, 0)]
    [InlineData(5L, HubResume.Continued, 0, 0)]
    [InlineData(6L, HubResume.Unknown, 3, 0)]
    [InlineData(long.MaxValue, HubResume.Unknown, 3, 0)]
    [InlineData(null, HubResume.Fresh, 0, 0)]
    public void After_ALastMessage_ContinuesFromWhatThereIs(long? after, HubResume resume, long first, long missed)
    {
        using var hub = new BroadcastHub<int>(new() { MaxCount = 3 });
        Publish(hub, 1, 5);
        using HubSubscription<int> subscription = hub.Subscribe(new() { After = after });

        Assert.Equal(resume, subscription.Resume);
        IReadOnlyList<HubMessage<int>> read = ReadAll(subscription);
        Assert.Equal((first, missed), read.Count == 0 ? (0, 0) : (read[0].Sequence, read[0].Missed));
        Assert.Equal(first == 0 ? 0 : 6 - first, read.Count);
    }

    [Fact]
    public void ReadBatch_Some_TakesAsManyAsFit()
    {
        using var hub = new BroadcastHub<int>(new() { MaxCount = 5 });
        using HubSubscription<int> subscription = hub.Subscribe();
        using HubSubscription<int> odd = hub.Subscribe(new() { Filter = i => i % 2 == 1 });
        Publish(hub, 1, 7);
        var messages = new HubMessage<int>[3];

        Assert.Equal(3, subscription.ReadBatch(messages));
        Assert.Equal([new(3, 2, 3), new(4, 0, 4), new(5, 0, 5)], messages);
        Assert.Equal(2, subscription.ReadBatch(messages));
        Assert.Equal(0, subscription.ReadBatch(messages));
        Assert.Equal(0, subscription.ReadBatch([]));
        Assert.Equal(3, odd.ReadBatch(messages));
        Assert.Equal([3, 5, 7], messages.Select(m => m.Value));
    }

    [Fact]
    public void Clear_UnreadMessages_AreMissed()
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe();
        Publish(hub, 1, 3);
        hub.Clear();
        Assert.False(subscription.TryRead(out _));
        Publish(hub, 4, 4);
        Assert.Equal([new(4, 3, 4)], ReadAll(subscription));
        Assert.Equal(3, hub.Statistics.Cleared);
    }

    [Fact]
    public void Complete_Subscribers_ReadWhatThereIsThenEnd()
    {
        using var hub = new BroadcastHub<int>(new());
        using HubSubscription<int> subscription = hub.Subscribe();
        using HubSubscription<int> upToDate = hub.Subscribe();
        Publish(hub, 1, 2);
        Assert.Equal(2, ReadAll(upToDate).Count);
        hub.Complete();
        hub.Complete();

        Assert.Equal((AddResult.Completed, 1), (hub.Publish(3), hub.Statistics.RejectedCompleted));
        Assert.Equal(HubSubscribeResult.Completed, hub.TrySubscribe(null, out HubSubscription<int>? refused));
        Assert.Null(refused);
        Assert.Null(subscription.CloseCause);
        Assert.Equal(2, ReadAll(subscription).Count);
        Assert.False(upToDate.TryRead(out _));
        Assert.Equal((HubCloseCause.Completed, HubCloseCause.Completed), (subscription.CloseCause, upToDate.CloseCause));
        Assert.Equal((2, 0), (hub.Statistics.ClosedCompleted, hub.Subscribers));
    }

    [Fact]
    public void Subscribe_BeyondTheLimit_IsRefusedWithAType()
    {
        using var hub = new BroadcastHub<int>(new() { Name = "small", MaxSubscribers = 2 });
        HubSubscription<int> first = hub.Subscribe();
        hub.Subscribe();

        Assert.Equal(HubSubscribeResult.TooManySubscribers, hub.TrySubscribe(new(), out _));
        var error = Assert.Throws<HubSubscriptionRejectedException>(() => hub.Subscribe());
        Assert.Equal((HubSubscribeResult.TooManySubscribers, 2), (error.Reason, error.Subscribers));
        Assert.Contains("small", error.Message, StringComparison.Ordinal);
        first.Dispose();
        Assert.NotNull(hub.Subscribe());
        Assert.Equal((3, 2), (hub.Statistics.Subscribed, hub.Statistics.SubscribersRejected));
    }

    [Fact]
    public void Subscribe_MoreThanHalfOfTheBytes_IsRefusedAndMessagesStay()
    {
        using var hub = new BroadcastHub<int>(new() { MaxBytes = 16_384 });
        Publish(hub, 1, 50);
        int subscribers = 0;
        while (hub.TrySubscribe(null, out _) == HubSubscribeResult.Subscribed)
        {
            subscribers++;
            hub.Verify();
        }

        Assert.Equal(16, subscribers);
        Assert.Equal(HubSubscribeResult.OverBudget, hub.TrySubscribe(null, out _));
        Assert.Equal(50, hub.Count);
    }

    [Fact]
    public void Subscribe_IntoAFullHub_OldestMessagesMakeRoom()
    {
        using var hub = new BroadcastHub<byte[]>(new() { MaxBytes = 20_000 });
        for (int i = 0; i < 100; i++)
        {
            hub.Publish(new byte[400]);
        }

        long count = hub.Count;
        using HubSubscription<byte[]> subscription = hub.Subscribe();
        Assert.InRange(hub.Count, count - 3, count - 1);
        hub.Verify();
    }

    [Fact]
    public void Dispose_OfASubscription_TwiceIsOnceAndReadsNothingMore()
    {
        using var hub = new BroadcastHub<int>(new());
        HubSubscription<int> subscription = hub.Subscribe();
        CancellationToken closed = subscription.Closed;
        Publish(hub, 1, 3);
        Assert.False(closed.IsCancellationRequested);
        subscription.Dispose();
        subscription.Dispose();

        Assert.True(closed.IsCancellationRequested && subscription.Closed.IsCancellationRequested);
        Assert.False(subscription.TryRead(out _));
        Assert.Equal((0, 0, HubCloseCause.Unsubscribed), (subscription.ReadBatch(new HubMessage<int>[1]), subscription.Lag, subscription.CloseCause));
        Assert.Equal((1, 3, 0), (hub.Statistics.ClosedUnsubscribed, hub.Statistics.Unread, hub.Subscribers));
    }

    [Fact]
    public void Closed_ACallbackThrows_IsCounted()
    {
        using var hub = new BroadcastHub<int>(new());
        HubSubscription<int> subscription = hub.Subscribe();
        subscription.Closed.Register(() => throw new TimeoutException());
        subscription.Dispose();
        Assert.Equal(1, hub.Statistics.CallbackFailures);
    }

    [Fact]
    public void Dispose_OfTheHub_EndsSubscriptionsAndRefusesEverything()
    {
        var hub = new BroadcastHub<int>(new() { MaxBytes = 20_000 });
        HubSubscription<int> subscription = hub.Subscribe();
        Publish(hub, 1, 3);
        hub.Dispose();
        hub.Dispose();

        Assert.Equal((HubCloseCause.Disposed, false), (subscription.CloseCause, subscription.TryRead(out _)));
        Assert.Equal((3, 0, 0), (hub.Statistics.Disposed, hub.Count, hub.Bytes));
        Assert.Throws<ObjectDisposedException>(() => hub.Publish(1));
        Assert.Throws<ObjectDisposedException>(() => hub.Subscribe());
        Assert.Throws<ObjectDisposedException>(() => hub.Snapshot());
        Assert.Throws<ObjectDisposedException>(() => hub.Trim(1));
        Assert.Throws<ObjectDisposedException>(() => hub.TryResize(maxCount: 1));
        Assert.Throws<ObjectDisposedException>(hub.Clear);
        Assert.Throws<ObjectDisposedException>(hub.Complete);
        subscription.Dispose();
    }

    [Fact]
    public void Publish_Refused_IsCountedByReason()
    {
        using var budget = new MemoryBudget(40_000);
        using var hub = new BroadcastHub<object>(new() { MaxBytes = 16_384, Budget = budget, ItemSizer = Sizer.Create<object>(o => (int)o) });
        using MemoryReservation others = budget.Reserve(30_000);

        Assert.Equal(AddResult.TooLarge, hub.Publish(16_384, out long sequence));
        Assert.Equal(AddResult.OverBudget, hub.Publish(9_000));
        Assert.Equal(AddResult.Added, hub.Publish(1_000));
        Assert.Equal(0, sequence);
        Assert.Equal((1, 1, 1), (hub.Statistics.RejectedTooLarge, hub.Statistics.RejectedOverBudget, hub.Statistics.Published));
        hub.Verify();
    }

    [Fact]
    public void Publish_BytesOnly_GrowsAndShrinksItsArrayWithinTheBound()
    {
        using var hub = new BroadcastHub<byte[]>(new() { MaxCount = null, MaxBytes = 100_000 });
        for (int i = 0; i < 5000; i++)
        {
            Assert.Equal(AddResult.Added, hub.Publish(new byte[i % 1000 < 500 ? 8 : 5000]));
            hub.Verify();
            Assert.InRange(hub.Bytes, 0, 100_000);
        }

        Assert.InRange(hub.Count, 17, 19);
        Assert.Null(hub.MaxCount);
    }

    [Fact]
    public void Trim_Bytes_GivesBackAtLeastThatMany()
    {
        using var hub = new BroadcastHub<byte[]>(new() { MaxBytes = 100_000 });
        for (int i = 0; i < 50; i++)
        {
            hub.Publish(new byte[1000]);
        }

        long before = hub.Bytes;
        long freed = ((IMemoryReclaimer)hub).Reclaim(10_000);
        Assert.InRange(freed, 10_000, 11_100);
        Assert.Equal(before - freed, hub.Bytes);
        Assert.Equal(10, hub.Statistics.Trimmed);
        Assert.True(((IMemoryReclaimer)hub).ReclaimableBytes > 0);
        hub.Trim(long.MaxValue);
        Assert.Equal((0, 0), (hub.Count, ((IMemoryReclaimer)hub).ReclaimableBytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => hub.Trim(-1));
    }

    [Fact]
    public void Publish_IntoAFullHub_AllocatesNothing()
    {
        using var hub = new BroadcastHub<string>(new() { MaxCount = 10, MaxBytes = 20_000 });
        using HubSubscription<string> subscription = hub.Subscribe();
        using HubSubscription<string> filtered = hub.Subscribe(new() { Filter = s => s.Length == 0 });
        using HubSubscription<string> queued = hub.Subscribe(new() { PrivateCount = 20 });
        string text = new('x', 10);
        for (int i = 0; i < 50; i++)
        {
            hub.Publish(text);
        }

        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                hub.Publish(text);
                subscription.TryRead(out _);
                filtered.TryRead(out _);
                queued.TryRead(out _);
            }
        }));
    }

    internal static void Publish(BroadcastHub<int> hub, int first, int last)
    {
        for (int i = first; i <= last; i++)
        {
            hub.Publish(i);
        }
    }

    internal static IReadOnlyList<HubMessage<T>> ReadAll<T>(HubSubscription<T> subscription)
    {
        var read = new List<HubMessage<T>>();
        while (subscription.TryRead(out HubMessage<T> message))
        {
            read.Add(message);
        }

        return read;
    }
}
