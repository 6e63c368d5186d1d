using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>The room that the queue takes, and what is removed to give it back.</content>
internal sealed partial class LockedQueue<T>
{
    /// <summary>Slots below which an array is not worth shrinking.</summary>
    private const int FewSlots = 32;

    /// <summary>Reads, while the array was nearly empty, since it last was not: a queue that is filled and emptied by turns keeps it.</summary>
    private long _sparseReads;

    /// <summary>Removes the oldest items, a batch of them at most, until so many bytes are free, or the next one would free more than allowed.</summary>
    /// <returns>Bytes freed; in a queue that does not count bytes, those of their slots.</returns>
    public long Trim(long bytes, long atMost, ref QueueDepartures<T> left, out bool isDone)
    {
        using (_gate.EnterScope())
        {
            long freed = 0;
            for (int i = 0; i < QueueDepartures<T>.Batch && _count > 0 && freed < bytes && ChargeOf(_head) <= atMost - freed; i++)
            {
                long charge = RemoveOldest(RemovalCause.Trimmed, ref left);
                _bytes.Return(charge);
                freed += _bytes.AreCounted ? charge : Unsafe.SizeOf<T>();
            }

            isDone = _count == 0 || freed >= bytes || ChargeOf(_head) > atMost - freed;
            return freed;
        }
    }

    /// <summary>Gives back slots that are not needed now; returns their bytes.</summary>
    public long Compact()
    {
        using (_gate.EnterScope())
        {
            long before = _overheadBytes;
            int needed = Math.Max(LeastSlots, _count);
            if (!_isDisposed && needed <= _items.Length / 2)
            {
                TryMove(needed);
            }

            return _bytes.AreCounted ? before - _overheadBytes : 0;
        }
    }

    /// <summary>A mark for <see cref="Remove"/>: what is there now.</summary>
    public long End
    {
        get
        {
            using (_gate.EnterScope())
            {
                return _removed + _count;
            }
        }
    }

    /// <summary>Removes the items that were there at a mark, a batch of them at most; true if that were all.</summary>
    public bool Remove(long end, RemovalCause cause, ref QueueDepartures<T> left)
    {
        using (_gate.EnterScope())
        {
            for (int i = 0; i < QueueDepartures<T>.Batch && _count > 0 && _removed < end; i++)
            {
                _bytes.Return(RemoveOldest(cause, ref left));
            }

            return _count == 0 || _removed >= end;
        }
    }

    /// <summary>Changes limits, a batch of removals at most towards lower ones. Each step is in force at once, so that nobody can undo it.</summary>
    /// <returns>Null: ask again. False: it cannot be done.</returns>
    public bool? TryResize(long? maxBytes, long? maxCount, ref QueueDepartures<T> left)
    {
        using (_gate.EnterScope())
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(DropOldestQueue<T>));
            ReturnIdle();
            int removals = 0;
            if (maxCount is { } most)
            {
                for (; _count > most && removals < QueueDepartures<T>.Batch; removals++)
                {
                    _bytes.Return(RemoveOldest(RemovalCause.Trimmed, ref left));
                }

                Volatile.Write(ref _maxCount, Math.Max(most, _count));
                if (_count > most)
                {
                    return null;
                }
            }

            if (maxBytes is not { } limit || _bytes.TrySetLimit(limit))
            {
                return true;
            }

            long excess = _bytes.Used - limit;
            for (long freed = 0; freed < excess && _count > 0 && removals < QueueDepartures<T>.Batch; removals++)
            {
                long charge = RemoveOldest(RemovalCause.Trimmed, ref left);
                _bytes.Return(charge);
                freed += charge;
            }

            int needed = Math.Max(LeastSlots, _count);
            bool isSmaller = needed < _items.Length && TryMove(needed);
            if (_bytes.TrySetLimit(Math.Max(limit, _bytes.Used)) && _bytes.Limit == limit)
            {
                return true;
            }

            return removals > 0 || isSmaller ? null : false;
        }
    }

    /// <summary>Adds nothing any more; what is there is still to be removed.</summary>
    public void BeginDispose()
    {
        using (_gate.EnterScope())
        {
            _isClosed = _isDisposed = true;
        }
    }

    /// <summary>Gives everything back once all items have been removed.</summary>
    public void Dispose()
    {
        using (_gate.EnterScope())
        {
            (_items, _charges, _deadlines, _head) = ([], [], [], 0);
            _index?.Move(0, 0, 0);
            _bytes.Return(_overheadBytes);
            _overheadBytes = 0;
            ReturnIdle();
        }

        _bytes.Dispose();
    }

    public QueueStatistics Statistics
    {
        get
        {
            using (_gate.EnterScope())
            {
                return new QueueStatistics
                {
                    Enqueued = _enqueued,
                    Dequeued = _dequeued,
                    Evicted = _left[(int)RemovalCause.Evicted],
                    Expired = _left[(int)RemovalCause.Expired],
                    Trimmed = _left[(int)RemovalCause.Trimmed],
                    Replaced = _left[(int)RemovalCause.Replaced],
                    Cleared = _left[(int)RemovalCause.Cleared],
                    Disposed = _left[(int)RemovalCause.Disposed],
                    Count = _count,
                    MaxCount = _maxCount == QueueLimits.MostItems ? null : _maxCount,
                    Bytes = UsedBytes,
                    OverheadBytes = _bytes.AreCounted ? _overheadBytes : 0,
                    MaxBytes = _bytes.Limit == long.MaxValue ? null : _bytes.Limit,
                };
            }
        }
    }

    /// <summary>Takes bytes for an item, idle ones first.</summary>
    private bool TryTake(long bytes)
    {
        if (bytes <= _idleBytes)
        {
            Volatile.Write(ref _idleBytes, _idleBytes - bytes);
            return true;
        }

        return _bytes.TryTake(bytes);
    }

    /// <summary>Keeps or returns bytes of an item that has left.</summary>
    private void Return(long bytes)
    {
        if (bytes <= _mostIdleBytes - _idleBytes)
        {
            Volatile.Write(ref _idleBytes, _idleBytes + bytes);
        }
        else
        {
            _bytes.Return(bytes);
        }
    }

    private void ReturnIdle()
    {
        long idle = _idleBytes;
        Volatile.Write(ref _idleBytes, 0);
        _bytes.Return(idle);
    }

    /// <summary>Makes sure that an item can be paid for, by what is taken here and by what items hold that may leave for it.</summary>
    /// <param name="bytes">What it will be charged with, beyond what surely leaves.</param>
    /// <param name="leaving">What surely leaves.</param>
    /// <param name="taken">What has been taken, if it is to be added.</param>
    private AddResult TryReserve(long bytes, long leaving, out long taken)
    {
        taken = 0;
        if (!_bytes.AreCounted)
        {
            return AddResult.Added;
        }

        ReturnIdle();
        if (bytes <= _bytes.Limit - _bytes.Used && _bytes.TryTake(bytes))
        {
            taken = bytes;
            return AddResult.Added;
        }

        long movable = _itemBytes - leaving;
        AddResult room = _bytes.TryPrepay(bytes, movable, out taken);
        long rest = bytes - movable - taken;
        if (room == AddResult.Added && rest > 0)
        {
            // There was room for it a moment ago; others may share it.
            if (!_bytes.TryTake(rest))
            {
                _bytes.Return(taken);
                return AddResult.OverBudget;
            }

            taken += rest;
        }

        return room;
    }

    /// <summary>Removes stale items, a batch of them at most; what they were charged with stays taken.</summary>
    private void DropStale(long now, ref QueueDepartures<T> left, ref long taken)
    {
        for (int i = 0; _maxAge > 0 && _count > 0 && now >= _deadlines[_head] && i < QueueDepartures<T>.Batch; i++)
        {
            taken += RemoveOldest(RemovalCause.Expired, ref left);
        }
    }

    /// <summary>Removes stale items, a batch of them at most; true if the oldest one left is not stale.</summary>
    private bool TryDropStale(long now, ref QueueDepartures<T> left)
    {
        if (_maxAge == 0)
        {
            return true;
        }

        long taken = 0;
        DropStale(now, ref left, ref taken);
        Return(taken);
        return _count == 0 || now < _deadlines[_head];
    }

    /// <summary>Makes more slots, twice as many or what there is room for; false if there is not even room for an eighth more.</summary>
    private bool TryGrow()
    {
        long least = _items.Length + Math.Max(1, _items.Length / 8);
        for (long slots = 2L * _items.Length; slots >= least; slots -= Math.Max(1, (slots - _items.Length) / 2))
        {
            if (TryMove((int)Math.Min(Math.Min(slots, _maxCount), Array.MaxLength)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bytes of arrays twice as long, if that is what it takes to add an item; read under no lock, a guess.</summary>
    private long BytesToGrow
    {
        get
        {
            int slots = Volatile.Read(ref _items).Length;
            return _count == slots && slots < _maxCount ? BytesFor((int)Math.Min(Math.Min(2L * slots, _maxCount), Array.MaxLength)) : 0;
        }
    }

    private void ShrinkIfSparse()
    {
        if (_items.Length <= FewSlots || _count >= _items.Length / 8)
        {
            _sparseReads = 0;
        }
        else if (++_sparseReads > 2L * _items.Length)
        {
            TryMove(_items.Length / 4);
            _sparseReads = 0;
        }
    }

    /// <summary>Moves everything to arrays of another length, if there is room for both; false if there is none.</summary>
    private bool TryMove(int slots)
    {
        if (slots == _items.Length || slots < _count)
        {
            return false;
        }

        ReturnIdle();
        long bytes = BytesFor(slots);
        if (!_bytes.TryTake(bytes))
        {
            return false;
        }

        long former = BytesFor(_items.Length);
        try
        {
            Move(slots);
        }
        catch (OutOfMemoryException)
        {
            _bytes.Return(bytes);
            return false;
        }

        _overheadBytes += bytes - former;
        _bytes.Return(former);
        return true;
    }

    private void Move(int slots)
    {
        var items = new T?[slots];
        long[] charges = _bytes.AreCounted ? new long[slots] : [];
        long[] deadlines = _maxAge > 0 ? new long[slots] : [];
        _index?.Move(_head, _count, slots);
        Straighten(_items, items);
        Straighten(_charges, charges);
        Straighten(_deadlines, deadlines);
        (_items, _charges, _deadlines, _head) = (items, charges, deadlines, 0);
    }

    /// <summary>Copies the items, the oldest first.</summary>
    private void Straighten<TElement>(TElement[] from, TElement[] to)
    {
        if (from.Length > 0)
        {
            int first = Math.Min(_count, from.Length - _head);
            from.AsSpan(_head, first).CopyTo(to);
            from.AsSpan(0, _count - first).CopyTo(to.AsSpan(first));
        }
    }

    private long BytesFor(int slots) =>
        slots == 0 || !_bytes.AreCounted
            ? 0
            : HeapLayout.ArrayBytes<T>(slots) + HeapLayout.ArrayBytes<long>(slots) + (_maxAge > 0 ? HeapLayout.ArrayBytes<long>(slots) : 0)
                + (_index?.BytesFor(slots) ?? 0);
}

/// <summary>Milliseconds since some moment, as cheap as the clock allows: the system's is read with the resolution of
/// <see cref="Environment.TickCount64"/>.</summary>
internal readonly struct QueueClock
{
    /// <summary>Null for the system's clock.</summary>
    private readonly TimeProvider? _provider;

    public QueueClock(TimeProvider provider)
    {
        _provider = ReferenceEquals(provider, TimeProvider.System) ? null : provider;
    }

    public long Now => _provider is null ? Environment.TickCount64 : (long)_provider.GetElapsedTime(0, _provider.GetTimestamp()).TotalMilliseconds;
}
