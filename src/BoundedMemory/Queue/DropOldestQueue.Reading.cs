using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace BoundedMemory;

/// <content>Reading that waits, and the end of the queue.</content>
public sealed partial class DropOldestQueue<T>
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Guards completing and disposing, each of which happens once.</summary>
    private readonly Lock _ending = new();

    private bool _isCompleting;
    private Exception? _error;

    /// <summary>Nothing is added any more: written after the items are closed, so that whoever reads it and finds them empty finds them so for good.</summary>
    private volatile bool _isCompleted;

    /// <summary>Whether <see cref="Complete"/> or <see cref="Dispose"/> was called: nothing is added any more.</summary>
    public bool IsCompleted => _isCompleted;

    /// <summary>Ends when the queue is completed and empty; faulted if it was completed with an error.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Adds nothing any more. What is there can still be read; then reads end, or throw the error.</summary>
    /// <param name="error">Why it ends, if it should not have; null: because it is over.</param>
    /// <returns>False if it was completed before; then nothing has changed.</returns>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public bool Complete(Exception? error = null)
    {
        lock (_ending)
        {
            ThrowIfDisposed();
            if (_isCompleting)
            {
                return false;
            }

            _isCompleting = true;
            _error = error;
        }

        Close();
        return true;
    }

    /// <summary>Removes the oldest item, and waits for one if there is none.</summary>
    /// <param name="cancellationToken">Ends the wait; an item that is there is returned nevertheless, none is lost.</param>
    /// <returns>The item.</returns>
    /// <exception cref="ChannelClosedException">The queue is completed and empty; the inner exception is the error it was completed with.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The queue is, or was meanwhile, disposed.</exception>
    public ValueTask<T> DequeueAsync(CancellationToken cancellationToken = default) =>
        TryDequeue(out T? item) ? new ValueTask<T>(item) : WaitAndDequeueAsync(cancellationToken);

    /// <summary>Removes the oldest items, as many as are there and fit, and waits if there are none.</summary>
    /// <param name="items">Where they go, oldest first.</param>
    /// <param name="cancellationToken">Ends the wait; no item is lost.</param>
    /// <returns>How many there were: at least 1, or 0 if the queue is completed and empty, or <paramref name="items"/> has no room.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The queue is, or was meanwhile, disposed.</exception>
    /// <remarks>If the queue was completed with an error, this error is thrown instead of returning 0.</remarks>
    public ValueTask<int> DequeueBatchAsync(Memory<T> items, CancellationToken cancellationToken = default)
    {
        int count = DequeueBatch(items.Span);
        return count > 0 || items.IsEmpty ? new ValueTask<int>(count) : WaitAndDequeueAsync(items, cancellationToken);
    }

    /// <summary>Reads items until the queue is completed and empty. Several such reads share the items between them.</summary>
    /// <param name="cancellationToken">Ends the reading; no item is lost.</param>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The queue is, or was meanwhile, disposed.</exception>
    /// <remarks>If the queue was completed with an error, this error is thrown at the end.</remarks>
    public async IAsyncEnumerable<T> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (TryDequeue(out T? item))
            {
                yield return item;
            }
        }
    }

    /// <summary>Waits until there is something: true, though another may take it first; false: the queue is completed and empty.</summary>
    internal ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return Count > 0 && TryPeek(out _) ? new ValueTask<bool>(true) : WatchAsync(cancellationToken);
    }

    /// <summary>Nothing comes any more, and nobody waits for it.</summary>
    private void Close()
    {
        _ring?.Close();
        _locked?.Close();
        _isCompleted = true;

        // Whoever removes the last item looks at the flag after that, and this looks at the items after the flag: one of the two finds both.
        Interlocked.MemoryBarrier();
        EndIfDrained();
        _readers.WakeAll();
        _watchers.WakeAll();
    }

    private bool IsDrained => _isCompleted && (_ring?.IsEmpty ?? _locked!.IsDrained);

    private void EndIfDrained()
    {
        if (IsDrained)
        {
            if (_error is null)
            {
                _completion.TrySetResult();
            }
            else if (_completion.TrySetException(_error))
            {
                // Whoever does not ask how it ended does not want to be told by the finalizer.
                _ = _completion.Task.Exception;
            }
        }
    }

    /// <summary>Waits in a list, unless there is something to look at. The pooled state machine of the caller, which is what awaits this, and the
    /// waiter are all that a wait needs.</summary>
    private ValueTask WaitAsync(WaitList list, long flag, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter = list.Enlist();
        bool maySleep = !Volatile.Read(ref _isDisposed) && (_ring?.MaySleep(flag) ?? _locked!.MaySleep());
        if (maySleep)
        {
            return waiter.WaitAsync(cancellationToken);
        }

        list.Withdraw(waiter);
        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> WaitAndDequeueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Drained before it was found empty: nothing can have come in between.
            bool isDrained = IsDrained;
            if (TryDequeue(out T? item))
            {
                return item;
            }

            if (isDrained)
            {
                throw _error is null ? new ChannelClosedException() : new ChannelClosedException(_error);
            }

            await WaitAsync(_readers, ForcePushRing<T>.ReaderWaits, cancellationToken).ConfigureAwait(false);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAndDequeueAsync(Memory<T> items, CancellationToken cancellationToken)
    {
        while (true)
        {
            bool isDrained = IsDrained;
            int count = DequeueBatch(items.Span);
            if (count > 0)
            {
                return count;
            }

            if (isDrained)
            {
                return _error is null ? 0 : throw _error;
            }

            await WaitAsync(_readers, ForcePushRing<T>.ReaderWaits, cancellationToken).ConfigureAwait(false);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            bool isDrained = IsDrained;
            if (TryPeek(out _))
            {
                return true;
            }

            if (isDrained)
            {
                return _error is null ? false : throw _error;
            }

            await WaitAsync(_watchers, ForcePushRing<T>.WatcherWaits, cancellationToken).ConfigureAwait(false);
        }
    }
}
