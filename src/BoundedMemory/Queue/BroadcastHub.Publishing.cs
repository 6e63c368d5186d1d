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

        return result == AddResult.Added ? result : result == AddResult.OverBudget ? PublishByAsking(message, bytes, out sequence) : Reject(result);
    }

    /// <summary>Publishes what was refused, if others who share the budget make room for it. Under no lock.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private AddResult PublishByAsking(T message, long bytes, out long sequence)
    {
        sequence = 0;
        if (!TryAsk(bytes, out Advance advance))
        {
            return Reject(AddResult.OverBudget);
        }

        AddResult result;
        lock (_gate)
        {
            result = TryAddAsked(message, bytes, advance, out sequence);
        }

        if (!_waiting.IsEmpty)
        {
            _waiting.WakeAll();
        }

        return result == AddResult.Added ? result : Reject(result);
    }

    /// <summary>Asks others for a message that was refused. Under no lock.</summary>
    private bool TryAsk(long bytes, out Advance advance)
    {
        long growth;
        long movable;
        lock (_gate)
        {
            (growth, movable) = (_ring.BytesToGrow, _ring.MessageBytes);
        }

        return _bytes.TryAsk(bytes + growth, movable, out advance);
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

        if (_bytes.HasGuarantee && _bytes.AsksFirst(bytes + _ring.BytesToGrow, default))
        {
            sequence = 0;
            return AddResult.OverBudget;
        }

        AddResult result = _ring.TryAdd(message, bytes, _newest + 1, out int evicted);
        return Number(result, evicted, out sequence);
    }

    /// <summary>As <see cref="TryAdd"/>; what others have given is used up or returned.</summary>
    private AddResult TryAddAsked(T message, long bytes, in Advance advance, out long sequence)
    {
        if (_isDisposed || _isCompleted)
        {
            _bytes.Return(advance.Bytes);
            sequence = 0;
            ThrowIfDisposed();
            return AddResult.Completed;
        }

        AddResult result = _ring.TryAdd(message, bytes, _newest + 1, advance, out int evicted);
        return Number(result, evicted, out sequence);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private AddResult Number(AddResult result, int evicted, out long sequence)
    {
        sequence = _newest + 1;
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
