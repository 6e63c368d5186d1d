using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>What is removed otherwise than by reading, and what the queue has done.</content>
public sealed partial class DropOldestQueue<T>
{
    /// <summary>Items removed from the ring by cause. Guarded by <see cref="_removing"/>.</summary>
    private readonly long[] _removed = new long[(int)RemovalCause.Disposed + 1];

    /// <summary>Lets one thread at a time remove items from the ring otherwise than by reading, and others see what it counted.</summary>
    private readonly Lock _removing = new();

    private bool _isDisposed;

    /// <summary>What the queue has done and what it holds, of one moment.</summary>
    public QueueStatistics Statistics
    {
        get
        {
            QueueStatistics statistics = _ring is null ? _locked!.Statistics : RingStatistics();
            return statistics with
            {
                RejectedTooLarge = Interlocked.Read(ref _refused[(int)AddResult.TooLarge]),
                RejectedOverBudget = Interlocked.Read(ref _refused[(int)AddResult.OverBudget]),
                RejectedSizeUnknown = Interlocked.Read(ref _refused[(int)AddResult.SizeUnknown]),
                RejectedCompleted = Interlocked.Read(ref _refused[(int)AddResult.Completed]),
                CallbackFailures = Interlocked.Read(ref _callbackFailures),
                Waiting = _readers.Count + _watchers.Count,
            };
        }
    }

    /// <summary>Removes the oldest items until so many bytes are given back.</summary>
    /// <param name="bytes">Bytes wanted; at least 0. In a queue that does not count bytes, items are counted as the bytes of a
    /// <typeparamref name="T"/> without what it refers to.</param>
    /// <returns>Bytes given back; less than asked for only if nothing is left.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public long Trim(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfDisposed();
        int itemBytes = Unsafe.SizeOf<T>();
        if (_ring is not null)
        {
            return itemBytes * RemoveFromRing((bytes / itemBytes) + (bytes % itemBytes == 0 ? 0 : 1), RemovalCause.Trimmed);
        }

        return TrimItems(bytes, long.MaxValue) + (bytes > 0 ? _locked!.Compact() : 0);
    }

    /// <summary>Removes the items that are there now; what is added meanwhile may stay.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public long Clear()
    {
        ThrowIfDisposed();
        return RemoveAll(RemovalCause.Cleared);
    }

    /// <summary>Changes limits while the queue is in use; lowering one trims what exceeds it first.</summary>
    /// <param name="maxBytes">New limit in bytes; null leaves it. 4,096 to <see cref="long.MaxValue"/>.</param>
    /// <param name="maxCount">New limit in items; null leaves it. 1 to <see cref="int.MaxValue"/>.</param>
    /// <returns>True: both limits are in force, now and at every later moment. False: the slots cannot be changed while items come and go without a
    /// lock (a queue with only a <c>MaxCount</c> of up to 65,536), or an empty queue takes more; the limits are what they were, though items may
    /// have been trimmed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="maxBytes"/> is given, but the queue was created with neither a limit in bytes nor a
    /// budget, and does not count them.</exception>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public bool TryResize(long? maxBytes = null, long? maxCount = null)
    {
        OptionErrors.ThrowFirst(OptionErrors.Range(nameof(maxBytes), maxBytes, QueueLimits.LeastBytes, long.MaxValue));
        OptionErrors.ThrowFirst(OptionErrors.Range(nameof(maxCount), maxCount, 1, QueueLimits.MostItems));
        ThrowIfDisposed();
        if (maxBytes is not null && _locked?.Bytes.AreCounted != true)
        {
            throw new InvalidOperationException($"The queue '{Name}' does not count bytes: it was created with neither a limit in bytes nor a budget.");
        }

        if (_ring is not null)
        {
            return maxCount is null || maxCount == MaxCount;
        }

        (long? formerBytes, long formerCount) = (MaxBytes, _locked!.MaxCount);
        while (true)
        {
            var left = new QueueDepartures<T>(Reports);
            bool? isDone = _locked.TryResize(maxBytes, maxCount, ref left);
            Report(ref left);
            if (isDone is { } answer)
            {
                if (!answer)
                {
                    var none = default(QueueDepartures<T>);
                    _locked.TryResize(formerBytes ?? long.MaxValue, formerCount, ref none);
                }

                return answer;
            }
        }
    }

    /// <summary>Removes all items, with their cause, and gives everything back. Later calls, and reads that wait, throw; <see cref="Completion"/> ends.</summary>
    public void Dispose()
    {
        lock (_ending)
        {
            if (_isDisposed)
            {
                return;
            }

            Volatile.Write(ref _isDisposed, true);
        }

        _meter.Remove(_meterLink);
        _locked?.BeginDispose();
        Close();
        RemoveAll(RemovalCause.Disposed);
        _locked?.Dispose();
        EndIfDrained();
    }

    void ITrimmable.Clear() => Clear();

    long IMemoryReclaimer.Reclaim(long targetBytes) => Volatile.Read(ref _isDisposed) ? 0 : Trim(targetBytes);

    long IItemReclaimer.Reclaim(long targetBytes, long atMost) => Volatile.Read(ref _isDisposed) || _locked is null ? 0 : TrimItems(targetBytes, atMost);

    private long TrimItems(long bytes, long atMost)
    {
        long freed = 0;
        for (bool isDone = false; !isDone && freed < bytes;)
        {
            var left = new QueueDepartures<T>(Reports);
            freed += _locked!.Trim(bytes - freed, atMost - freed, ref left, out isDone);
            Report(ref left);
        }

        return freed;
    }

    private long RemoveAll(RemovalCause cause)
    {
        if (_ring is not null)
        {
            return RemoveFromRing(_ring.Count, cause);
        }

        long end = _locked!.End;
        long removed = 0;
        for (bool isDone = false; !isDone;)
        {
            var left = new QueueDepartures<T>(Reports);
            isDone = _locked.Remove(end, cause, ref left);
            removed += left.Count;
            Report(ref left);
        }

        if (cause == RemovalCause.Cleared)
        {
            _locked.Compact();
        }

        return removed;
    }

    /// <summary>Removes so many of the ring's oldest items, if there are as many. They are reported a batch at a time, under no lock.</summary>
    private long RemoveFromRing(long count, RemovalCause cause)
    {
        long removed = 0;
        for (bool isDone = false; !isDone && removed < count;)
        {
            var left = new QueueDepartures<T>(Reports);
            lock (_removing)
            {
                for (int i = 0; i < QueueDepartures<T>.Batch && removed < count; i++)
                {
                    if (!_ring!.TryPop(out T? item))
                    {
                        isDone = true;
                        break;
                    }

                    _removed[(int)cause]++;
                    removed++;
                    left.Add(item!, cause, 0);
                }
            }

            Report(ref left);
        }

        return removed;
    }

    private QueueStatistics RingStatistics()
    {
        lock (_removing)
        {
            (long pushed, long gone, long displaced) = _ring!.Totals();
            (long trimmed, long cleared, long disposed) =
                (_removed[(int)RemovalCause.Trimmed], _removed[(int)RemovalCause.Cleared], _removed[(int)RemovalCause.Disposed]);
            return new QueueStatistics
            {
                Enqueued = pushed,
                Dequeued = gone - displaced - trimmed - cleared - disposed,
                Evicted = displaced,
                Trimmed = trimmed,
                Cleared = cleared,
                Disposed = disposed,
                Count = pushed - gone,
                MaxCount = _ring.Capacity,
            };
        }
    }
}
