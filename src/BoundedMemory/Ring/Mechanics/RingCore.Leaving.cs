using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>How items leave: under the lock, then what is told to others, without it.</content>
internal sealed partial class RingCore<T>
{
    private long _trimmed;
    private long _cleared;
    private long _disposed;
    private long _callbackFailures;

    /// <summary>Bytes asked back by another thread than the one that owns a ring without a lock.</summary>
    private long _wanted;

    private int _isDisposing;

    private bool Collects => _evicted is not null || _disposesItems;

    public void Clear()
    {
        ThrowIfDisposed();
        DropAll(RemovalCause.Cleared);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposing, 1) != 0)
        {
            return;
        }

        if (_meterLink is not null)
        {
            _meter.Remove(_meterLink);
        }

        Enter();
        _isDisposed = true;
        _overwrites = false;
        Exit();

        _spool?.Stop();
        DropAll(RemovalCause.Disposed);
        Enter();
        long arrays = BytesOf(_ring.Capacity);
        _ring = new RingArray<T>(0, _bytes.AreCounted);
        Exit();

        _spool?.Dispose();
        if (_bytes.AreCounted)
        {
            _bytes.Return(arrays + RingLimits.EmptyRingBytes);
        }

        _bytes.Dispose();
    }

    public long Trim(long bytes) => Trim(bytes, long.MaxValue);

    /// <summary>Gives back; with an upper limit only items, the arrays stay, and it ends before an item that would exceed it (but one that waits for the archive).</summary>
    private long Trim(long bytes, long atMost)
    {
        bool isLimited = atMost < long.MaxValue;
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfDisposed();
        long freed = 0;
        for (bool isMore = true; isMore && freed < bytes;)
        {
            var left = new Departed<T>(RemovalCause.Trimmed);
            Enter();
            try
            {
                // What the array can be shortened by is given before items are. Where there is no room to do that, one item a time makes it.
                int most = isLimited || freed + SlackBytes < bytes ? RingLimits.LeavingPerLock : 1;
                freed += isLimited ? 0 : ShrinkToFit(bytes - freed);
                for (int i = 0; i < most && freed + (most > 1 && !isLimited ? SlackBytes : 0) < bytes && isMore; i++)
                {
                    if (isLimited && Backlog == 0 && _ring.Count > 0 && BytesOf(_ring.ChargeOf(0)) > atMost - freed)
                    {
                        isMore = false;
                        break;
                    }

                    isMore = TryDropOldest(ref left, out long dropped);
                    _bytes.Return(dropped);
                    _trimmed += isMore ? 1 : 0;
                    freed += isMore && !_bytes.AreCounted ? Unsafe.SizeOf<T>() : dropped;
                }

                freed += isLimited ? 0 : ShrinkToFit(bytes - freed);
                SetOverwrites();
            }
            finally
            {
                Exit();
            }

            Complete(ref left);
        }

        return freed;
    }

    /// <summary>As <see cref="Trim(long)"/>; a ring without a lock does it when its owner adds the next item.</summary>
    public long Reclaim(long bytes)
    {
        if (_gate is not null)
        {
            return Trim(bytes);
        }

        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Volatile.Write(ref _wanted, _bytes.AreCounted ? bytes : 0);
        return 0;
    }

    /// <summary>As <see cref="Reclaim(long)"/>, with an upper limit; a ring without a lock, which gives later, when that limit may be another, gives nothing.</summary>
    public long Reclaim(long bytes, long atMost) => _gate is null ? 0 : Trim(bytes, atMost);

    /// <summary>Nothing is ordered by the flag but the number itself: who asks does not expect to see what happens to it.</summary>
    private void GiveWhatIsWanted()
    {
        if (_wanted != 0 && !_isDisposed)
        {
            long wanted = _wanted;
            _wanted = 0;
            Trim(wanted);
        }
    }

    /// <summary>Drops what is there now, a part at a time, so that nobody waits long for the lock.</summary>
    private void DropAll(RemovalCause cause)
    {
        for (int remaining = int.MaxValue; remaining > 0;)
        {
            var left = new Departed<T>(cause);
            Enter();
            try
            {
                bool withBacklog = cause == RemovalCause.Disposed;
                remaining = Math.Min(remaining, _ring.Count + (withBacklog ? Backlog : 0));
                for (int i = 0; i < RingLimits.LeavingPerLock && remaining > 0; i++, remaining--)
                {
                    long bytes;
                    if (!withBacklog)
                    {
                        bytes = DropFromRing(ref left);
                        _cleared++;
                    }
                    else if (TryDropOldest(ref left, out bytes))
                    {
                        Interlocked.Increment(ref _disposed);
                    }
                    else
                    {
                        remaining = 1; // the rest is being written
                    }

                    _bytes.Return(bytes);
                }

                ShrinkIfSparse();
                SetOverwrites();
            }
            finally
            {
                Exit();
            }

            Complete(ref left);
        }
    }

    /// <summary>Takes the oldest item out: one that waits for the archive, if there is any.</summary>
    /// <param name="left">Where it goes.</param>
    /// <param name="bytes">What it was charged with, which stays taken.</param>
    private bool TryDropOldest(ref Departed<T> left, out long bytes)
    {
        if (_spool is not null && _spool.TryDrop(out T? item, out uint charge))
        {
            bytes = BytesOf(charge);
            if (Collects)
            {
                left.Add(item);
            }

            return true;
        }

        bytes = _ring.Count > 0 ? DropFromRing(ref left) : -1;
        bool isDropped = bytes >= 0;
        bytes = Math.Max(0, bytes);
        return isDropped;
    }

    private long DropFromRing(ref Departed<T> left)
    {
        T item = _ring.Pop(out uint charge);
        _itemBytes -= BytesOf(charge);
        if (Collects)
        {
            left.Add(item);
        }

        return BytesOf(charge);
    }

    /// <summary>Tells about items that have left, and disposes them. Under no lock.</summary>
    private void Complete(ref Departed<T> left)
    {
        ReadOnlySpan<T> items = left.Items;
        if (items.IsEmpty)
        {
            return;
        }

        try
        {
            _evicted?.Invoke(items, left.Cause);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _callbackFailures);
        }

        foreach (T item in items)
        {
            DisposeItem(item);
        }

        left.Release();
    }

    private void DisposeItem(T item)
    {
        if (_disposesItems && item is IDisposable disposable)
        {
            try
            {
                disposable.Dispose();
            }
            catch (Exception)
            {
                Interlocked.Increment(ref _callbackFailures);
            }
        }
    }

    /// <summary>What the archive did not take although it was trying to when the ring was disposed. Called by the spool, under no lock.</summary>
    private void LeaveUnarchived(T item)
    {
        var left = new Departed<T>(RemovalCause.Disposed);
        Interlocked.Increment(ref _disposed);
        if (Collects)
        {
            left.Add(item);
        }

        Complete(ref left);
    }
}
