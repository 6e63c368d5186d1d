using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Fills conversation stores until several times their bound has passed through, drops everything else and compares what the heap has grown by with the charge;
/// and makes many empty stores.</summary>
internal static class ConversationStoreHeap
{
    private const long Tolerance = 64 * 1024;
    private const long Bound = 8_000_000;
    private const int Empties = 100;

    public static int Run()
    {
        Func<int, Random, ConversationMessage> plain = static (i, random) => new(i % 2 == 0 ? MessageRole.User : MessageRole.Assistant, Text(random, 400));
        Fill("warm-up", 200_000, _ => { }, plain);
        bool holds = Fill("plain", Bound, _ => { }, plain);
        holds &= Fill("idle", Bound, o => (o.IdleTimeout, o.Window.Content) = (TimeSpan.FromDays(1), null), plain);
        holds &= Fill("calls", Bound, o => o.Window.FullContentCount = 2, static (i, random) => (i % 3) switch
        {
            0 => new ConversationMessage(MessageRole.User, Text(random, 100)),
            1 => new ConversationMessage(MessageRole.Assistant, Text(random, 50)) { ToolCalls = [new ToolCall(Text(random, 20), Text(random, 20))] },
            _ => new ConversationMessage(MessageRole.User, Text(random, 1000)),
        });
        holds &= Fill("sink", Bound, o => o.Sink = new Nowhere(), plain);
        holds &= Empty("plain", _ => { });
        holds &= Empty("sink", o => o.Sink = new Nowhere());
        holds &= Empty("idle", o => o.IdleTimeout = TimeSpan.FromDays(1));
        return holds ? 0 : 1;
    }

    private static string Text(Random random, int most) => new('x', random.Next(most));

    private static bool Fill(
        string name, long bound, Action<ConversationStoreOptions<string, ConversationMessage>> change, Func<int, Random, ConversationMessage> make)
    {
        long before = Heap.Bytes();
        ConversationStore<string, ConversationMessage> store = Create(bound, change);
        var random = new Random(1);
        for (int i = 0; store.Statistics.EvictedCapacity < 2 * Math.Max(10, store.Count); i++)
        {
            using ConversationLease<ConversationMessage> lease = Acquire(store, $"user {i}");
            int count = random.Next(1, 15);
            for (int j = 0; j < count; j++)
            {
                lease.Append(make(j, random));
            }

            lease.Snapshot();
        }

        Flush(store);
        long charged = store.Bytes;
        long retained = Heap.Bytes() - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(name == "warm-up" ? name : "heap")};{name};{bound};{charged};{retained};{store.Count}"));
        store.Dispose();
        return name == "warm-up" || (charged <= bound && retained <= charged + Tolerance);
    }

    private static ConversationLease<ConversationMessage> Acquire(ConversationStore<string, ConversationMessage> store, string key)
    {
        while (true)
        {
            try
            {
                return store.AcquireAsync(key).AsTask().GetAwaiter().GetResult();
            }
            catch (MemoryBudgetExceededException)
            {
                Flush(store);
            }
        }
    }

    private static void Flush(ConversationStore<string, ConversationMessage> store) => store.FlushAsync().GetAwaiter().GetResult();

    private static ConversationStore<string, ConversationMessage> Create(long bound, Action<ConversationStoreOptions<string, ConversationMessage>> change)
    {
        var options = new ConversationStoreOptions<string, ConversationMessage> { MaxBytes = bound };
        change(options);
        return new ConversationStore<string, ConversationMessage>(options);
    }

    private static bool Empty(string name, Action<ConversationStoreOptions<string, ConversationMessage>> change)
    {
        Create(1_000_000, change).Dispose();
        var stores = new ConversationStore<string, ConversationMessage>[Empties];
        long before = Heap.Bytes();
        for (int i = 0; i < Empties; i++)
        {
            stores[i] = Create(1_000_000, change);
        }

        long retained = (Heap.Bytes() - before) / Empties;
        long charged = stores[0].Bytes;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"empty;{name};{charged};{retained}"));
        foreach (ConversationStore<string, ConversationMessage> store in stores)
        {
            store.Dispose();
        }

        return retained <= charged;
    }

    private sealed class Nowhere : IConversationSink<string, ConversationMessage>
    {
        public ValueTask WriteAsync(ConversationWrite<string, ConversationMessage> write, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
