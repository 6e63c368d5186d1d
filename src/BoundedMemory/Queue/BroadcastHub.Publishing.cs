using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>How messages come in.</content>
public sealed partial class BroadcastHub<T>
{
    /// <summary>Messages refused, by <see cref="AddResult"/>; interlocked, because what cannot be measured is refused before the lock is taken.</summary>
    private Rejections _rejected;

    /// <summary>Publishes a message to all subscribers.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Whether it was published, or why not; a refused one leaves everything as it was.</returns>
    /// <exception cref="InvalidOperationException">The sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public AddResult Publish(T message) => Publish(message, out _);

    /// <summary>Publishes a message to all subscribers, and says under which number.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sequence">Its number, 1 for the first of the hub; 0 if it was refused.</param>
    /// <returns>Whether it was published, or why not; a refused one leaves everything as it was.</returns>
    /// <exception cref="InvalidOperationException">The sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public AddResult Publish(T message, out long sequence)
    {
        long bytes = 0;
        if (_bytes.AreCounted && !_bytes.TryMeasure(message, out bytes, out _))
        {
            sequence = 0;
            ThrowIfDisposed();
            return Reject(AddResult.SizeUnknown);
        }

        if (Volatile.Read(in _privates) is not null)
        {
            return PublishWithPrivates(message, bytes, out sequence);
        }

        AddResult result;
        bool wakes;
        lock (_gate)
        {
            result = TryAdd(message, bytes, out sequence);
            wakes = !_waiting.IsEmpty;
        }

        if (wakes)
        {
            _waiting.WakeAll();
        }

        return result == AddResult.Added ? result : Reject(result);
    }

    /// <summary>Under the lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private AddResult TryAdd(T message, long bytes, out long sequence)
    {
        if (_isDisposed || _isCompleted)
        {
            sequence = 0;
            ThrowIfDisposed();
            return AddResult.Completed;
        }

        sequence = _newest + 1;
        AddResult result = _ring.TryAdd(message, bytes, sequence, out int evicted);
        _evicted += evicted;
        if (result == AddResult.Added)
        {
            Volatile.Write(ref _newest, sequence);
        }
        else
        {
            sequence = 0;
        }

        return result;
    }

    private AddResult Reject(AddResult reason)
    {
        Interlocked.Increment(ref _rejected[(int)reason]);
        return reason;
    }

    [InlineArray((int)AddResult.Completed + 1)]
    private struct Rejections
    {
        private long _first;
    }
}
