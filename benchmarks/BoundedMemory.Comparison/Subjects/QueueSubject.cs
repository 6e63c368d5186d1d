using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace BoundedMemory.Comparison;

/// <summary>What the workloads do with a queue. Structs implement it, so that a workload's loop is compiled for each of them and calls it directly.</summary>
internal interface IQueue<T>
{
    void Write(T item);

    bool TryRead([MaybeNullWhen(false)] out T item);

    /// <summary>For those that can be waited for.</summary>
    ValueTask<T> ReadAsync(CancellationToken cancellation);
}

/// <summary>A workload, for whatever type of queue it is given.</summary>
internal interface IQueueWorkload<T>
{
    IMeasured Prepare<TQueue>(Func<int, TQueue> create)
        where TQueue : struct, IQueue<T>;
}

/// <summary>A reference of some size, made once: what is measured is the queue.</summary>
internal sealed class Message
{
    public static readonly Message Shared = new();

    public long Number { get; init; }

    public string Text { get; init; } = "";
}

/// <summary>A kind of queue that is compared.</summary>
internal abstract class QueueSubject(string name, bool canWait = true)
{
    public static readonly QueueSubject Channel = new ChannelSubject("Channel DropOldest", hasCallback: false);
    public static readonly QueueSubject ConcurrentQueue = new ConcurrentQueueSubject("ConcurrentQueue trim");

    public static readonly QueueSubject[] All =
    [
        new DropOldestQueueSubject("DropOldestQueue", countsBytes: false),
        new DropOldestQueueSubject("DropOldestQueue bytes", countsBytes: true),
        Channel,
        new ChannelSubject("Channel itemDropped", hasCallback: true),
        ConcurrentQueue,
    ];

    /// <summary>Its name in the CSV.</summary>
    public string Name { get; } = name;

    public bool CanWait { get; } = canWait;

    /// <summary>Hands itself, as the type that it is, to a workload.</summary>
    public abstract IMeasured Prepare<T>(IQueueWorkload<T> workload);

    private sealed class DropOldestQueueSubject(string name, bool countsBytes) : QueueSubject(name)
    {
        public override IMeasured Prepare<T>(IQueueWorkload<T> workload) => workload.Prepare(capacity =>
            new Adapter<T>(new(new() { MaxCount = capacity, MaxBytes = countsBytes ? 1_000_000_000 : null })));

        private readonly struct Adapter<T>(DropOldestQueue<T> queue) : IQueue<T>
        {
            public void Write(T item) => queue.Enqueue(item);

            public bool TryRead([MaybeNullWhen(false)] out T item) => queue.TryDequeue(out item);

            public ValueTask<T> ReadAsync(CancellationToken cancellation) => queue.DequeueAsync(cancellation);
        }
    }

    private sealed class ChannelSubject(string name, bool hasCallback) : QueueSubject(name)
    {
        public override IMeasured Prepare<T>(IQueueWorkload<T> workload) => workload.Prepare(capacity =>
        {
            var options = new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest };
            return new Adapter<T>(hasCallback ? System.Threading.Channels.Channel.CreateBounded<T>(options, static _ => { }) : System.Threading.Channels.Channel.CreateBounded<T>(options));
        });

        private readonly struct Adapter<T>(Channel<T> channel) : IQueue<T>
        {
            private readonly ChannelReader<T> _reader = channel.Reader;
            private readonly ChannelWriter<T> _writer = channel.Writer;

            public void Write(T item) => _writer.TryWrite(item);

            public bool TryRead([MaybeNullWhen(false)] out T item) => _reader.TryRead(out item);

            public ValueTask<T> ReadAsync(CancellationToken cancellation) => _reader.ReadAsync(cancellation);
        }
    }

    /// <summary>As it is usually written: what is too much is taken out after it was put in.</summary>
    private sealed class ConcurrentQueueSubject(string name) : QueueSubject(name, canWait: false)
    {
        public override IMeasured Prepare<T>(IQueueWorkload<T> workload) => workload.Prepare(capacity => new Adapter<T>(new(), capacity));

        private readonly struct Adapter<T>(ConcurrentQueue<T> queue, int capacity) : IQueue<T>
        {
            public void Write(T item)
            {
                queue.Enqueue(item);
                while (queue.Count > capacity)
                {
                    queue.TryDequeue(out _);
                }
            }

            public bool TryRead([MaybeNullWhen(false)] out T item) => queue.TryDequeue(out item);

            public ValueTask<T> ReadAsync(CancellationToken cancellation) => throw new NotSupportedException();
        }
    }
}
