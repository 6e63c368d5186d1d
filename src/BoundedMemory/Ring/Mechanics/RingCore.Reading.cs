using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>What can be asked.</content>
internal sealed partial class RingCore<T>
{
    private long _rejectedTooLarge;
    private long _rejectedOverBudget;
    private long _rejectedSizeUnknown;

    public int Count => _ring.Count;

    public long Bytes => _bytes.Used;

    public int? MaxCount => Volatile.Read(ref _maxCount) is var most and < int.MaxValue ? most : null;

    public long? MaxBytes => _bytes.Limit is var most and < long.MaxValue ? most : null;

    /// <summary>Bytes of items that can be dropped now.</summary>
    private long DroppableBytes => Volatile.Read(ref _itemBytes) + (_spool?.ItemBytes.Droppable ?? 0);

    /// <summary>These, and what the array gives back without them.</summary>
    public long ReclaimableBytes => DroppableBytes + (_bytes.AreCounted ? Math.Max(0, BytesOf(_ring.Capacity) - BytesOf(LeastCapacity)) : 0);

    /// <summary>Differs from any other after any change: an item added makes one more added, and one that left without that makes one less there.</summary>
    public (long Added, int Count) Version => (_added, _ring.Count);

    public RingStatistics Statistics
    {
        get
        {
            Enter();
            try
            {
                int count = _ring.Count;
                long added = Volatile.Read(ref _added);
                SpoolCounts spool = _spool?.Counts ?? default;
                long disposed = Interlocked.Read(ref _disposed);
                long used = _bytes.Used;
                return new RingStatistics
                {
                    Added = added,
                    Evicted = Math.Max(0, added - count - spool.Items - _trimmed - _cleared - disposed),
                    Trimmed = _trimmed,
                    Cleared = _cleared,
                    Disposed = disposed,
                    RejectedTooLarge = Interlocked.Read(ref _rejectedTooLarge),
                    RejectedOverBudget = Interlocked.Read(ref _rejectedOverBudget),
                    RejectedSizeUnknown = Interlocked.Read(ref _rejectedSizeUnknown),
                    CallbackFailures = Interlocked.Read(ref _callbackFailures),
                    Count = count,
                    Bytes = used,
                    OverheadBytes = Math.Max(0, used - _itemBytes - spool.Bytes),
                    MaxCount = MaxCount,
                    MaxBytes = MaxBytes,
                    Backlog = spool.Backlog,
                    Archived = spool.Archived,
                    ArchiveRefused = spool.Refused,
                    ArchiveFailures = spool.Failures,
                    ArchiveFault = spool.Fault,
                };
            }
            finally
            {
                Exit();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ItemAt(int index)
    {
        if (_gate is not null)
        {
            return ItemAtLocked(index);
        }

        if ((uint)index >= (uint)_ring.Count)
        {
            ThrowOutOfRange(index);
        }

        return _ring[index];
    }

    public bool TryPeek(bool newest, [MaybeNullWhen(false)] out T item)
    {
        Enter();
        try
        {
            ThrowIfDisposed();
            bool isThere = _ring.Count > 0;
            item = isThere ? _ring[newest ? _ring.Count - 1 : 0] : default;
            return isThere;
        }
        finally
        {
            Exit();
        }
    }

    public T[] Newest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ThrowIfDisposed();

        // The array is made before the lock is taken; the few items that were added meanwhile are the newest, and the ones that are returned.
        T[] newest = new T[Math.Min(count, _ring.Count)];
        int copied = CopyNewestTo(newest);
        return copied == newest.Length ? newest : newest[..copied];
    }

    public int CopyNewestTo(Span<T> destination)
    {
        Enter();
        try
        {
            ThrowIfDisposed();
            return _ring.CopyNewestTo(destination);
        }
        finally
        {
            Exit();
        }
    }

    public void GetSegments(out ReadOnlySpan<T> older, out ReadOnlySpan<T> newer)
    {
        ThrowIfDisposed();
        _ring.GetSegments(out older, out newer);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private T ItemAtLocked(int index)
    {
        Enter();
        try
        {
            if ((uint)index >= (uint)_ring.Count)
            {
                ThrowOutOfRange(index);
            }

            return _ring[index];
        }
        finally
        {
            Exit();
        }
    }
}
