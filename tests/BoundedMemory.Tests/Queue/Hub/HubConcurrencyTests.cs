using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class HubConcurrencyTests
{
    [Fact]
    public void TwoPublishersManyReaders_EveryMessageIsDeliveredOrReportedMissed_InOrder()
    {
        const int PerPublisher = 250_000;
        using var hub = new BroadcastHub<(int Publisher, int Number)>(new() { MaxCount = 64, MaxBytes = 1_000_000 });
        HubSubscription<(int Publisher, int Number)>[] readers =
        [
            hub.Subscribe(), hub.Subscribe(new() { MaxLag = 10 }), hub.Subscribe(new() { PrivateCount = 50 }), hub.Subscribe(new() { Filter = m => m.Number % 3 == 0 }),
        ];
        int publishing = 2;

        void Publish(int publisher)
        {
            for (int i = 1; i <= PerPublisher; i++)
            {
                Assert.Equal(AddResult.Added, hub.Publish((publisher, i)));
            }

            if (Interlocked.Decrement(ref publishing) == 0)
            {
                hub.Complete();
            }
        }

        void Read(HubSubscription<(int Publisher, int Number)> reader)
        {
            long expected = 1;
            long missed = 0;
            int[] last = new int[2];
            while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (reader.TryRead(out HubMessage<(int Publisher, int Number)> message))
                {
                    expected += message.Missed;
                    missed += message.Missed;
                    Assert.True(reader.Filter is null ? message.Sequence == expected : message.Sequence >= expected, $"{message} instead of {expected}");
                    expected = reader.Filter is null ? message.Sequence + 1 : expected;
                    Assert.True(message.Value.Number > last[message.Value.Publisher], "FIFO of each publisher");
                    last[message.Value.Publisher] = message.Value.Number;
                }
            }

            Assert.Equal(HubCloseCause.Completed, reader.CloseCause);
            Assert.Equal(reader.Missed, missed + reader.Gap);
            Assert.Equal(2 * PerPublisher, reader.Delivered + reader.Missed + reader.Filtered);
        }

        Threaded.RunWatched(
            [() => Assert.InRange(hub.Bytes, 0, 1_000_000)],
            [() => Publish(0), () => Publish(1), .. readers.Select(reader => (Action)(() => Read(reader)))]);

        hub.Verify();
        HubStatistics s = hub.Statistics;
        Assert.Equal(readers.Length * 2L * PerPublisher, s.Delivered + s.Missed + s.Filtered + s.Unread);
        Assert.Equal(2 * PerPublisher, s.Published);
        Assert.Equal(0, s.Unread);
    }

    /// <summary>What loses items, and throws out of the writer, in the runtime's own channel.</summary>
    [Fact]
    public async Task ReadersThatCancelAtRandom_LoseNothingAndNothingIsThrown()
    {
        const int Readers = 4;
        using var hub = new BroadcastHub<int>(new() { MaxCount = 1024 });
        using var over = new CancellationTokenSource(Stress.TimeOr(seconds: 10));
        HubSubscription<int>[] subscriptions = [.. Enumerable.Range(0, Readers).Select(_ => hub.Subscribe())];
        Task<(long Read, long Cancelled)>[] readers = [.. subscriptions.Select((subscription, i) => Task.Run(() => Read(subscription, i)))];
        Task<long> publisher = Patience.OnThread(() =>
        {
            var random = new Random(99);
            long published = 0;
            while (!over.IsCancellationRequested)
            {
                for (int i = random.Next(20); i >= 0; i--)
                {
                    Assert.Equal(AddResult.Added, hub.Publish((int)++published));
                }

                Thread.SpinWait(random.Next(2000));
            }

            hub.Complete();
            return published;
        });

        long total = await publisher.Soon();
        (long Read, long Cancelled)[] results = await Task.WhenAll(readers).Soon();
        Assert.All(results, r => Assert.True(r.Read > 1000 && r.Cancelled > 100, $"{r}"));
        Assert.All(subscriptions, s => Assert.Equal(total, s.Delivered + s.Missed));

        static async Task<(long Read, long Cancelled)> Read(HubSubscription<int> subscription, int seed)
        {
            var random = new Random(seed);
            long next = 1;
            long read = 0;
            long cancelled = 0;
            while (subscription.CloseCause is null)
            {
                using var cancellation = new CancellationTokenSource();
                if (random.Next(3) == 0)
                {
                    cancellation.CancelAfter(TimeSpan.FromMicroseconds(random.Next(2000)));
                }
                else
                {
                    _ = Task.Run(cancellation.Cancel);
                }

                try
                {
                    while (true)
                    {
                        HubMessage<int> message = await subscription.ReadAsync(cancellation.Token);
                        next += message.Missed;
                        Assert.Equal((next, next), (message.Sequence, message.Value));
                        next++;
                        read++;
                    }
                }
                catch (OperationCanceledException)
                {
                    cancelled++;
                }
                catch (HubClosedException)
                {
                }
            }

            return (read, cancelled);
        }
    }

    [Fact]
    public void SubscribersThatComeAndGo_WhileOthersPublish_LeaveTheBooksExact()
    {
        var clock = new ManualTimeProvider();
        using var hub = new BroadcastHub<byte[]>(new() { MaxCount = 50, MaxBytes = 60_000, TimeProvider = clock, MaxSubscribers = 20 });
        Threaded.Run(4, worker =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 20_000; i++)
            {
                if (worker == 0)
                {
                    hub.Publish(new byte[random.Next(2000)]);
                    continue;
                }

                if (hub.TrySubscribe(random.Next(3) == 0 ? new() { PrivateCount = 5, Filter = m => m.Length < 1000 } : null, out HubSubscription<byte[]>? subscription) != HubSubscribeResult.Subscribed)
                {
                    continue;
                }

                Assert.InRange(hub.Subscribers, 0, 20);
                while (random.Next(4) != 0)
                {
                    subscription!.TryRead(out _);
                }

                if (random.Next(20) == 0)
                {
                    clock.Advance(TimeSpan.FromMinutes(3));
                }

                subscription!.Dispose();
            }
        });
        hub.Verify();
        Assert.Equal(0, hub.Subscribers);
        HubStatistics s = hub.Statistics;
        Assert.Equal(s.Subscribed, s.ClosedUnsubscribed + s.ClosedIdle);
    }
}
