using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Store;

/// <summary>The laws while threads acquire, append, stream, remove, trim, resize, cancel, and source and sink fail.</summary>
public class ConversationStoreConcurrencyTests
{
    private const long MaxBytes = 600_000;
    private const long MaxConversations = 150;
    private const int Keys = 400;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Laws_EightThreadsAndASampler_AreKept(bool isSaved)
    {
        var clock = new ManualTimeProvider();
        using var budget = new MemoryBudget(MaxBytes + (MaxBytes / 4), "shared");
        var storage = new RecordingStorage<string, ConversationMessage>();
        int calls = 0;
        ValueTask MayFail() => Interlocked.Increment(ref calls) % 20 == 0 ? ValueTask.FromException(new IOException()) : default;
        storage.OnWrite = async (_, _) =>
        {
            await Task.Yield();
            await MayFail();
        };
        storage.OnReadMetadata = async (_, cancel) =>
        {
            await Task.Yield();
            cancel.ThrowIfCancellationRequested();
            await MayFail();
        };
        long left = 0;
        long leftUnsaved = 0;
        ConversationStore<string, ConversationMessage> Create() => new(new()
        {
            MaxBytes = MaxBytes,
            MaxConversations = MaxConversations,
            Budget = budget,
            IdleTimeout = TimeSpan.FromSeconds(20),
            TimeProvider = clock,
            Source = isSaved ? storage : null,
            Sink = isSaved ? storage : null,
            Window = new() { MaxMessages = 6, FullContentCount = 3, MaxBytes = 60_000 },
            Evicted = e =>
            {
                Interlocked.Increment(ref left);
                Interlocked.Add(ref leftUnsaved, e.Cause is ConversationEvictionCause.Removed or ConversationEvictionCause.Cleared or ConversationEvictionCause.Disposed ? 0 : e.UnsavedMessages);
            },
        });
        ConversationStore<string, ConversationMessage> store = Create();
        ConversationStore<string, ConversationMessage> neighbour = Create();
        long resizes = 0;
        var samples = new LawSamples();
        long appends = 0;

        void Work(int worker)
        {
            var random = new Random(worker);
            for (int i = 0; i < 3000 || samples.AreWanted; i++)
            {
                ConversationStore<string, ConversationMessage> target = worker == 0 ? neighbour : store;
                string key = worker == 0 ? $"n{random.Next(Keys)}" : $"{random.Next(Keys)}";
                switch (random.Next(100))
                {
                    case < 90:
                        Interlocked.Add(ref appends, Use(target, key, random));
                        break;
                    case < 95:
                        target.Remove(key);
                        break;
                    case < 97:
                        target.Trim(random.Next(20_000));
                        break;
                    case 97 when worker == 1:
                        Interlocked.Increment(ref resizes);
                        target.TryResize((MaxBytes / 2) + random.Next((int)MaxBytes / 2), (MaxConversations / 2) + random.Next((int)MaxConversations / 2));
                        Interlocked.Increment(ref resizes);
                        break;
                    case 98 when worker == 2:
                        clock.Advance(TimeSpan.FromSeconds(random.Next(8)));
                        break;
                }
            }
        }

        void Sample()
        {
            for (int i = 0; i < 1000; i++)
            {
                long before = Volatile.Read(ref resizes);
                (long maxBytes, long maxCount) = (store.MaxBytes!.Value, store.MaxConversations!.Value);
                long bytes = store.Bytes;
                long count = store.Count;
                bool isStrict = before % 2 == 0 && Volatile.Read(ref resizes) == before;
                (long mostBytes, long mostCount) = isStrict ? (maxBytes, maxCount) : (MaxBytes, MaxConversations);
                if (bytes < 0 || bytes > mostBytes || count < 0 || count > mostCount || budget.Used > budget.Limit)
                {
                    samples.Break($"{bytes} of {mostBytes} bytes, {count} of {mostCount} conversations, {budget.Used} of {budget.Limit} bytes of the budget.");
                }

                samples.Add(isStrict, bytes > maxBytes - 30_000 || count > maxCount - 5);
            }
        }

        Threaded.RunWatched([Sample], [.. Enumerable.Range(0, 8).Select(i => (Action)(() => Work(i)))]);

        samples.RequireEnough();
        storage.OnWrite = null;
        foreach (ConversationStore<string, ConversationMessage> each in new[] { store, neighbour })
        {
            await each.FlushAsync().Soon();
            ConversationStoreStatistics s = each.Verify(hasSink: isSaved);
            Assert.Equal((0, 0, 0), (s.Leases, s.Unsaved, each.Cache.Statistics.Leases));
            each.Trim(long.MaxValue);
            Assert.Equal((0, each.Verify().OverheadBytes), (each.Count, each.Bytes));
        }

        Assert.Equal(appends, store.Statistics.MessagesAppended + neighbour.Statistics.MessagesAppended);
        Assert.Equal(left, store.Statistics.Added + neighbour.Statistics.Added);
        Assert.Equal(0, leftUnsaved);
        Assert.True(appends > 1000 && left > 300);
        Assert.False(storage.HasOverlapped);
        Assert.All(storage.Writes, write => Assert.All(write.Appended, m => Assert.StartsWith(write.Key + " ", m.Message.Text, StringComparison.Ordinal)));
        store.Dispose();
        neighbour.Dispose();
        Assert.Equal(0, budget.Used);
    }

    /// <summary>Uses a conversation for a while; whatever is in it must be its own.</summary>
    private static int Use(ConversationStore<string, ConversationMessage> store, string key, Random random)
    {
        using var cancel = new CancellationTokenSource();
        Task<ConversationLease<ConversationMessage>> acquiring = store.AcquireAsync(key, random.Next(4) == 0 ? cancel.Token : default).AsTask();
        if (random.Next(8) == 0)
        {
            cancel.Cancel();
        }

        ConversationLease<ConversationMessage> lease;
        try
        {
            lease = acquiring.Soon().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is MemoryBudgetExceededException or OperationCanceledException or IOException)
        {
            return 0;
        }

        int appended = 0;
        using (lease)
        {
            for (int i = random.Next(4); i >= 0; i--)
            {
                string text = $"{key} {new string('x', random.Next(12) == 0 ? random.Next(20_000) : random.Next(1000))}";
                if (random.Next(5) == 0)
                {
                    using MessageBuilder<ConversationMessage> builder = lease.BeginMessage(MessageRole.Assistant);
                    builder.Append(text.AsSpan(0, text.Length / 2));
                    builder.Append(text.AsSpan(text.Length / 2));

                    // A piece that was refused leaves a shorter text, of the same conversation.
                    appended += random.Next(2) == 0 && builder.Length == text.Length && builder.Complete(out _) == AppendResult.Appended ? 1 : 0;
                }
                else
                {
                    appended += lease.Append(Stores.User(text)) == AppendResult.Appended ? 1 : 0;
                }
            }

            foreach ((ConversationMessage message, bool hasContent) in lease.Snapshot().Zip(lease.Snapshot().Metadata.ToArray().Select(m => m.HasContent)))
            {
                Assert.True(!hasContent || message.Text.StartsWith(key + " ", StringComparison.Ordinal), $"'{message.Text}' under '{key}'");
            }
        }

        return appended;
    }
}
