using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace BoundedMemory;

/// <content>The queue as code sees it that is written against channels.</content>
public sealed partial class DropOldestQueue<T>
{
    private Reader? _reader;
    private Writer? _writer;

    /// <summary>The queue as a reader of a channel, which counts, peeks and completes; waiting for it loses nothing when it is cancelled.</summary>
    /// <returns>Always the same.</returns>
    public ChannelReader<T> AsChannelReader() => _reader ?? Interlocked.CompareExchange(ref _reader, new Reader(this), null) ?? _reader;

    /// <summary>The queue as a writer of a channel that is never full. <c>TryWrite</c> is false for whatever <see cref="Enqueue(T)"/> refuses;
    /// <c>WriteAsync</c> throws then.</summary>
    /// <returns>Always the same.</returns>
    public ChannelWriter<T> AsChannelWriter() => _writer ?? Interlocked.CompareExchange(ref _writer, new Writer(this), null) ?? _writer;

    private sealed class Reader(DropOldestQueue<T> queue) : ChannelReader<T>
    {
        public override bool CanCount => true;

        public override bool CanPeek => true;

        public override int Count => (int)queue.Count;

        public override Task Completion => queue.Completion;

        public override bool TryRead([MaybeNullWhen(false)] out T item) => queue.TryDequeue(out item);

        public override bool TryPeek([MaybeNullWhen(false)] out T item) => queue.TryPeek(out item);

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => queue.WaitToReadAsync(cancellationToken);

        public override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default) => queue.DequeueAsync(cancellationToken);

        public override IAsyncEnumerable<T> ReadAllAsync(CancellationToken cancellationToken = default) => queue.ReadAllAsync(cancellationToken);
    }

    private sealed class Writer(DropOldestQueue<T> queue) : ChannelWriter<T>
    {
        public override bool TryWrite(T item) => queue.Enqueue(item).IsAdded;

        public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return !queue.IsCompleted ? new ValueTask<bool>(true)
                : queue._error is null ? new ValueTask<bool>(false)
                : ValueTask.FromException<bool>(queue._error);
        }

        public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled(cancellationToken);
            }

            AddResult result = queue.Enqueue(item).Result;
            return result switch
            {
                AddResult.Added => default,
                AddResult.Completed => ValueTask.FromException(queue._error is null ? new ChannelClosedException() : new ChannelClosedException(queue._error)),
                _ => ValueTask.FromException(new InvalidOperationException($"The queue '{queue.Name}' refused the item: {result}.")),
            };
        }

        public override bool TryComplete(Exception? error = null) => queue.Complete(error);
    }
}
