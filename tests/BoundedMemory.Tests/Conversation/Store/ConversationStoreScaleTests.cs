using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Store;

public class ConversationStoreScaleTests
{
    private const int Conversations = 100_000;
    private const long MaxBytes = 64_000_000;

    [Fact]
    public void HundredThousandConversations_In64MB_AreNeverOverAndLeaveInTheOrderOfTheReference()
    {
        var order = new LinkedList<int>();
        var nodes = new Dictionary<int, LinkedListNode<int>>();
        long wrong = 0;
        using var store = new ConversationStore<int, ConversationMessage>(new()
        {
            MaxBytes = MaxBytes,
            TimeProvider = new ManualTimeProvider(),
            Evicted = e =>
            {
                wrong += order.First!.Value == e.Key && e.Cause == ConversationEvictionCause.Capacity ? 0 : 1;
                order.RemoveFirst();
                nodes.Remove(e.Key);
            },
        });
        long samples = 0;
        long most = 0;
        void Sample()
        {
            for (int i = 0; i < 1000; i++)
            {
                long bytes = store.Bytes;
                Assert.InRange(bytes, 0, MaxBytes);
                most = Math.Max(most, bytes);
                samples++;
            }
        }

        void Work()
        {
            var random = new Random(1);
            for (int i = 0; i < Conversations; i++)
            {
                Talk(i, random);
                if (i % 3 == 0)
                {
                    Talk(Math.Max(0, i - random.Next(60_000)), random);
                }
            }
        }

        void Talk(int key, Random random)
        {
            using ConversationLease<ConversationMessage> lease = store.Acquire(key);
            for (int i = 0; i < 2; i++)
            {
                // Acquired, it is the last to leave, though others leave for it before it is let go.
                Touch(key);
                Assert.Equal(AppendResult.Appended, lease.Append(Stores.User($"{key} {new string('x', random.Next(400))}")));
            }

            Assert.StartsWith($"{key} ", lease.Snapshot()[^1].Text, StringComparison.Ordinal);
        }

        void Touch(int key)
        {
            if (nodes.Remove(key, out LinkedListNode<int>? node))
            {
                order.Remove(node);
            }

            nodes[key] = order.AddLast(key);
        }

        Threaded.RunWatched([Sample], Work);

        ConversationStoreStatistics s = store.Verify();
        Assert.Equal((0, order.Count, 0), (wrong, s.Count, s.CallbackFailures));
        Assert.True(samples > 100_000 && most > MaxBytes - 100_000 && s.EvictedCapacity > 30_000 && s.Added >= Conversations, $"{samples} samples, {most} bytes at most, {s}");
        Assert.Equal(order, store.Cache.Coldest(int.MaxValue).Select(entry => entry.Key));
    }

    [Fact]
    public async Task ManyConversations_EvictedAndLoadedAgain_AreWhatTheyWere()
    {
        const int Count = 2000;
        var storage = new RecordingStorage<string, ConversationMessage>();
        await using ConversationStore<string, ConversationMessage> store = Stores.Create(o =>
            (o.MaxBytes, o.Source, o.Sink, o.MaxPendingMessages, o.Window) = (1_000_000, storage, storage, 100, new() { MaxMessages = 6, FullContentCount = 3, Content = new(50) }));
        using ConversationStore<string, ConversationMessage> staying = Stores.Create(o => (o.MaxBytes, o.Window) = (100_000_000, new() { MaxMessages = 6, FullContentCount = 3, Content = new(50) }));
        var random = new Random(2);
        for (int i = 0; i < 5 * Count; i++)
        {
            string key = $"{random.Next(Count)}";
            ConversationMessage message = i % 2 == 0 ? Stores.User($"{i} {new string('x', random.Next(300))}") : Stores.Assistant($"{i} {new string('y', random.Next(300))}");
            using ConversationLease<ConversationMessage> expected = staying.Acquire(key);
            expected.Append(message);
            while (true)
            {
                try
                {
                    using ConversationLease<ConversationMessage> actual = await store.AcquireAsync(key).Soon();
                    if (actual.Append(message) == AppendResult.Appended)
                    {
                        break;
                    }
                }
                catch (MemoryBudgetExceededException)
                {
                    // What is unsaved fills the store.
                }

                await store.FlushAsync().Soon();
            }
        }

        await store.FlushAsync().Soon();
        Assert.True(store.Verify(hasSink: true) is { EvictedCapacity: > 3000, Loads: > 4000 }, $"{store.Statistics}");
        for (int i = 0; i < Count; i++)
        {
            if (staying.Has($"{i}"))
            {
                Assert.Equal(staying.TextsOf($"{i}"), store.TextsOf($"{i}"));
            }
        }
    }
}
