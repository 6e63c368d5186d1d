using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Queue;

/// <summary>A hub against a list of everything that was ever published, over random histories.</summary>
public class HubPropertyTests
{
    public enum Act
    {
        Publish,
        Read,
        ReadBatch,
        Subscribe,
        Unsubscribe,
        Trim,
        Clear,
        Resize,
    }

    private static readonly Gen<(Act Act, int Number, int Size)> Steps =
        from act in Gen.Frequency(
            (20, Gen.Constant(Act.Publish)), (8, Gen.Constant(Act.Read)), (4, Gen.Constant(Act.ReadBatch)), (3, Gen.Constant(Act.Subscribe)),
            (1, Gen.Constant(Act.Unsubscribe)), (1, Gen.Constant(Act.Trim)), (1, Gen.Constant(Act.Clear)), (1, Gen.Constant(Act.Resize)))
        from number in Gen.Choose(0, 30)
        from size in Gen.Frequency((8, Gen.Choose(0, 300)), (1, Gen.Choose(0, 9000)))
        select (act, number, size);

    [Fact]
    public void CountOnly_RandomHistory_IsTheReferenceToTheLastMessage() => Check(history =>
    {
        // What a bound in messages alone keeps is known: the newest so many.
        using var hub = new BroadcastHub<int>(new() { MaxCount = 6 });
        var published = new List<int>();
        int first = 0;
        int maxCount = 6;
        foreach ((Act act, int number, int size) in history)
        {
            switch (act)
            {
                case Act.Publish:
                    hub.Publish(size);
                    published.Add(size);
                    break;
                case Act.Clear:
                    hub.Clear();
                    first = published.Count;
                    break;
                case Act.Resize:
                    maxCount = 1 + number;
                    Assert.True(hub.TryResize(maxCount: maxCount));
                    break;
            }

            first = Math.Max(first, published.Count - maxCount);
            Assert.Equal(published.Skip(first), hub.Snapshot().Select(m => m.Value));
            hub.Verify();
        }
    });

    [Fact]
    public void Subscribers_RandomHistory_EachSeesOrMissesEveryMessageOnce() => Check(history =>
    {
        using var hub = new BroadcastHub<byte[]>(new() { MaxCount = 10, MaxBytes = 16_384, MaxSubscribers = 6 });
        var published = new List<byte[]>();
        var subscribers = new List<Reader>();
        foreach ((Act act, int number, int size) in history)
        {
            switch (act)
            {
                case Act.Publish:
                    byte[] message = new byte[size];
                    if (hub.Publish(message, out long sequence) == AddResult.Added)
                    {
                        published.Add(message);
                        Assert.Equal(published.Count, sequence);
                    }

                    break;
                case Act.Read when subscribers.Count > 0:
                    Reader reader = subscribers[number % subscribers.Count];
                    if (reader.Subscription.TryRead(out HubMessage<byte[]> read))
                    {
                        reader.Take(read, published, hub);
                    }

                    break;
                case Act.ReadBatch when subscribers.Count > 0:
                    Reader batched = subscribers[number % subscribers.Count];
                    var messages = new HubMessage<byte[]>[1 + (number % 7)];
                    foreach (HubMessage<byte[]> taken in messages.Take(batched.Subscription.ReadBatch(messages)).ToArray())
                    {
                        batched.Take(taken, published, hub);
                    }

                    break;
                case Act.Subscribe:
                    long? after = number % 3 == 0 ? Math.Min(number, published.Count) : null;
                    var options = new HubSubscriptionOptions<byte[]>
                    {
                        After = after,
                        MaxLag = number % 3 == 1 ? 1 + (number % 5) : null,
                        PrivateCount = number % 6 == 2 ? 4 : null,
                        Filter = number % 4 == 1 ? m => m.Length % 2 == 0 : null,
                    };
                    if (hub.TrySubscribe(options, out HubSubscription<byte[]>? fresh) == HubSubscribeResult.Subscribed)
                    {
                        subscribers.Add(new Reader(fresh!, after ?? published.Count));
                    }
                    else
                    {
                        Assert.True(subscribers.Count == 6 || hub.Bytes > 6000, "refused without need");
                    }

                    break;
                case Act.Unsubscribe when subscribers.Count > 0:
                    subscribers[number % subscribers.Count].Subscription.Dispose();
                    subscribers.RemoveAt(number % subscribers.Count);
                    break;
                case Act.Trim:
                    hub.Trim(size);
                    break;
                case Act.Clear:
                    hub.Clear();
                    break;
                case Act.Resize:
                    hub.TryResize(16_384 + size, 1 + number);
                    break;
            }

            hub.Verify();
            HubMessage<byte[]>[] there = hub.Snapshot();
            Assert.Equal(published.Skip(published.Count - there.Length), there.Select(m => m.Value));
            Assert.All(subscribers, s => s.Verify(published.Count));
        }
    });

    private static void Check(Action<(Act Act, int Number, int Size)[]> property) =>
        Prop.ForAll(Steps.ArrayOf().ToArbitrary(), property).Check(Stress.Config(endSize: 150));

    private sealed class Reader(HubSubscription<byte[]> subscription, long start)
    {
        private readonly long _start = start;
        private long _last = start;

        public HubSubscription<byte[]> Subscription => subscription;

        public void Take(HubMessage<byte[]> message, List<byte[]> published, BroadcastHub<byte[]> hub)
        {
            Assert.Same(published[(int)message.Sequence - 1], message.Value);
            Assert.True(message.Sequence > _last && message.Missed <= message.Sequence - _last - 1);
            if (subscription.Filter is null)
            {
                Assert.Equal(message.Sequence - _last - 1, message.Missed);
            }
            else
            {
                Assert.True(subscription.Filter(message.Value));
            }

            _last = message.Sequence;
            Assert.True(hub.Statistics.Delivered > 0);
        }

        public void Verify(long published) =>
            Assert.Equal(published - _start, subscription.Delivered + subscription.Missed + subscription.Filtered + subscription.Lag);
    }
}
