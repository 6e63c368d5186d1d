using System.Threading.Channels;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

public class QueueAsyncTests
{
    public static TheoryData<QueueKind> Kinds => QueueBasicsTests.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task DequeueAsync_Empty_WaitsForTheNextItem(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(4);
        Task<int>[] reads = [.. Enumerable.Range(0, 3).Select(_ => queue.DequeueAsync().AsTask())];
        Assert.Equal(3, queue.Statistics.Waiting);
        Assert.All(reads, read => Assert.False(read.IsCompleted));

        queue.Enqueue(1);
        queue.Enqueue(2);
        queue.Enqueue(3);

        int[] items = await Task.WhenAll(reads).Soon();
        Assert.Equal([1, 2, 3], items.Order());
        Assert.Equal((0, 3), (queue.Statistics.Waiting, queue.Verify().Dequeued));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task DequeueAsync_Continuation_DoesNotRunOnTheProducersThread(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(4);
        int reader = 0;
        async Task Read()
        {
            await queue.DequeueAsync().ConfigureAwait(false);
            reader = Environment.CurrentManagedThreadId;
        }

        Task read = Read();
        int producer = 0;
        bool wasDone = false;
        await Patience.OnThread(() =>
        {
            producer = Environment.CurrentManagedThreadId;
            queue.Enqueue(1);
            wasDone = Volatile.Read(ref reader) == producer;
        });
        await read.Soon();
        Assert.False(wasDone);
        Assert.NotEqual(producer, reader);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task DequeueAsync_Cancelled_ThrowsWithTheTokenAndLosesNothing(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(4);
        using var cancellation = new CancellationTokenSource();
        Task<int> cancelled = queue.DequeueAsync(cancellation.Token).AsTask();
        Task<int> waiting = queue.DequeueAsync().AsTask();

        await cancellation.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Soon());
        Assert.Equal(cancellation.Token, error.CancellationToken);
        Assert.Equal(1, queue.Statistics.Waiting);

        queue.Enqueue(7);
        Assert.Equal(7, await waiting.Soon());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.DequeueAsync(cancellation.Token).Soon());
        queue.Enqueue(8);
        Assert.Equal(8, await queue.DequeueAsync(cancellation.Token));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Complete_WithItems_EndsReadsWhenTheyAreGone(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(4);
        queue.Enqueue(1);
        queue.Enqueue(2);
        Assert.False(queue.IsCompleted);
        Assert.True(queue.Complete());
        Assert.False(queue.Complete(new InvalidOperationException()));
        Assert.True(queue.IsCompleted);

        Assert.Equal(AddResult.Completed, queue.Enqueue(3).Result);
        Assert.Equal(AddResult.Completed, queue.Enqueue(3, out int dropped).Result);
        Assert.Equal(0, dropped);
        Assert.False(queue.Completion.IsCompleted);
        Assert.Equal(1, await queue.DequeueAsync());
        Assert.Equal(2, await queue.DequeueAsync());
        Assert.True(queue.Completion.IsCompletedSuccessfully);
        await Assert.ThrowsAsync<ChannelClosedException>(() => queue.DequeueAsync().Soon());
        Assert.Equal(0, await queue.DequeueBatchAsync(new int[1]));
        Assert.Empty(await queue.ReadAllAsync().ToListAsync());
        Assert.Equal((2, 2), (queue.Verify().RejectedCompleted, queue.Statistics.Enqueued));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Complete_WhileAllWait_EndsTheirWaits(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(4);
        var failure = new InvalidOperationException("over");
        Task<int> read = queue.DequeueAsync().AsTask();
        Task<int> batch = queue.DequeueBatchAsync(new int[1]).AsTask();
        Task<bool> watch = queue.AsChannelReader().WaitToReadAsync().AsTask();
        Task<List<int>> all = queue.ReadAllAsync().ToListAsync().AsTask();

        queue.Complete(failure);

        Assert.Same(failure, (await Assert.ThrowsAsync<ChannelClosedException>(() => read.Soon())).InnerException);
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => batch.Soon()));
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => watch.Soon()));
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => all.Soon()));
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => queue.Completion.Soon()));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Clear_OfACompletedQueue_CompletesIt(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(4);
        queue.Enqueue(1);
        queue.Complete();
        queue.Clear();
        await queue.Completion.Soon();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Dispose_WhileOneWaits_EndsTheWait(QueueKind kind)
    {
        DropOldestQueue<int> queue = kind.Create<int>(4);
        Task<int> read = queue.DequeueAsync().AsTask();
        Task<bool> watch = queue.AsChannelReader().WaitToReadAsync().AsTask();
        queue.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read.Soon());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => watch.Soon());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task DequeueBatchAsync_Empty_WaitsAndTakesWhatIsThere(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(10);
        int[] items = new int[10];
        Task<int> read = queue.DequeueBatchAsync(items).AsTask();
        queue.Enqueue(5);
        Assert.Equal(1, await read.Soon());
        Assert.Equal(5, items[0]);
        Assert.Equal(0, await queue.DequeueBatchAsync(Memory<int>.Empty));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task ReadAllAsync_UntilCompleted_YieldsEverything(QueueKind kind)
    {
        using DropOldestQueue<int> queue = kind.Create<int>(1000);
        Task<List<int>> all = queue.ReadAllAsync().ToListAsync().AsTask();
        for (int i = 0; i < 1000; i++)
        {
            queue.Enqueue(i);
        }

        queue.Complete();
        Assert.Equal(Enumerable.Range(0, 1000), await all.Soon());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Channels_ReaderAndWriter_BehaveAsChannelsDo(QueueKind kind)
    {
        using DropOldestQueue<string> queue = kind.Create<string>(2);
        ChannelReader<string> reader = queue.AsChannelReader();
        ChannelWriter<string> writer = queue.AsChannelWriter();
        Assert.Same(reader, queue.AsChannelReader());
        Assert.Same(writer, queue.AsChannelWriter());
        Assert.True(reader is { CanCount: true, CanPeek: true });

        Task<bool>[] watchers = [reader.WaitToReadAsync().AsTask(), reader.WaitToReadAsync().AsTask()];
        Assert.True(await writer.WaitToWriteAsync());
        Assert.True(writer.TryWrite("a"));
        bool[] woken = await Task.WhenAll(watchers).Soon();
        Assert.Equal([true, true], woken);
        await writer.WriteAsync("b");
        await writer.WriteAsync("c");
        Assert.Equal(2, reader.Count);
        Assert.True(reader.TryPeek(out string? peeked));
        Assert.Equal("b", peeked);
        Assert.True(await reader.WaitToReadAsync());
        Assert.True(reader.TryRead(out string? read));
        Assert.Equal("b", read);
        Assert.Equal("c", await reader.ReadAsync());

        Assert.True(writer.TryComplete());
        Assert.False(writer.TryComplete());
        Assert.False(writer.TryWrite("d"));
        Assert.False(await writer.WaitToWriteAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(() => writer.WriteAsync("d").AsTask());
        Assert.False(await reader.WaitToReadAsync());
        await reader.Completion.Soon();
        await Assert.ThrowsAsync<ChannelClosedException>(() => reader.ReadAsync().AsTask());
    }

    [Fact]
    public async Task WriteAsync_Refused_ThrowsRatherThanWaitForEver()
    {
        using var queue = new DropOldestQueue<byte[]>(new() { MaxBytes = 10_000 });
        Assert.False(queue.AsChannelWriter().TryWrite(new byte[20_000]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => queue.AsChannelWriter().WriteAsync(new byte[20_000]).AsTask());
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Operations_OnItems_AllocateNothing(QueueKind kind)
    {
        using DropOldestQueue<object> queue = kind.Create<object>(8);
        object item = new();
        object[] batch = new object[8];
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                queue.Enqueue(item);
                queue.Enqueue(item, out _);
                queue.TryPeek(out _);
                if (i % 3 == 0)
                {
                    queue.TryDequeue(out _);
                }

                if (i % 20 == 0)
                {
                    queue.DequeueBatch(batch);
                }
            }
        }));
    }
}
