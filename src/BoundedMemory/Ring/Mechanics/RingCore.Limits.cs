namespace BoundedMemory;

/// <content>The length of the array, other limits, and the archive.</content>
internal sealed partial class RingCore<T>
{
    /// <summary>Bytes of the ring without items, with the shortest arrays it may have.</summary>
    private long LeastOverheadBytes =>
        RingLimits.EmptyRingBytes + BytesOf(LeastCapacity) + (_spool is null ? 0 : ArchiveSpool<T>.LeastBytes(_bytes.AreCounted));

    public bool TryResize(long? maxBytes, int? maxCount)
    {
        RingLimits.RequireBytes(maxBytes, nameof(maxBytes));
        RingLimits.RequireCount(maxCount, nameof(maxCount));
        if (maxBytes is not null && !_bytes.AreCounted)
        {
            throw new InvalidOperationException($"The ring '{Name}' does not count bytes: it was created with neither a limit in bytes nor a budget.");
        }

        var left = new Departed<T>(RemovalCause.Trimmed);
        Enter();
        try
        {
            ThrowIfDisposed();
            return (maxCount is not { } count || TryTrimToCount(count, ref left)) && (maxBytes is not { } bytes || TryLimitBytes(bytes, ref left)) && Limit(maxCount);
        }
        finally
        {
            SetOverwrites();
            Exit();
            Complete(ref left);
        }
    }

    public int Spill(int keepInMemory)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keepInMemory);
        ThrowIfNotArchived();
        Enter();
        try
        {
            ThrowIfDisposed();
            int count = _ring.Count;
            if (count > keepInMemory)
            {
                SpillTo(keepInMemory);
            }

            return count - _ring.Count;
        }
        finally
        {
            Exit();
        }
    }

    public Task FlushArchiveAsync(CancellationToken cancellationToken)
    {
        ThrowIfNotArchived();
        ThrowIfDisposed();
        return _spool!.FlushAsync(cancellationToken);
    }

    private void ThrowIfNotArchived()
    {
        if (_spool is null)
        {
            throw new InvalidOperationException($"The ring '{Name}' has no archive.");
        }
    }

    /// <summary>Makes the array longer if there is room for both, and for so many bytes besides. It is doubled, or made as long as there is room for;
    /// not for less than a sixteenth, which would be copied too often.</summary>
    private bool TryGrow(long besides)
    {
        int capacity = _ring.Capacity;
        int largest = Math.Min(_maxCount, RingLimits.MostItems);
        int target = (int)Math.Min(largest, 2L * capacity);
        if (_bytes.AreCounted)
        {
            long perSlot = Math.Max(1, (BytesOf(capacity * 2) - BytesOf(capacity)) / capacity);
            long room = _bytes.Available - Math.Max(0, besides) - BytesOf(0) - 16;
            target = (int)Math.Min(target, Math.Max(0, room / perSlot));
        }

        return target > capacity && (target == largest || target >= capacity + (capacity / 16)) && TryMoveTo(target);
    }

    /// <summary>Makes the array shorter where it is hardly used, in a ring that pays for its length; returns the bytes that gave back.</summary>
    private long ShrinkIfSparse()
    {
        int capacity = _ring.Capacity;
        if (!_bytes.AreCounted || capacity <= LeastCapacity || _ring.Count > capacity / 8)
        {
            return 0;
        }

        int target = Math.Max(LeastCapacity, 2 * _ring.Count);
        return TryMoveTo(target) ? BytesOf(capacity) - BytesOf(target) : 0;
    }

    /// <summary>Bytes that an array just long enough would give back.</summary>
    private long SlackBytes => _bytes.AreCounted ? BytesOf(_ring.Capacity) - BytesOf(Math.Min(_ring.Capacity, Math.Max(LeastCapacity, _ring.Count))) : 0;

    /// <summary>Makes the array just long enough if bytes are wanted, shorter if it is sparse anyway; returns what that gave back.</summary>
    private long ShrinkToFit(long wanted)
    {
        long slack = SlackBytes;
        return wanted > 0 && slack > 0 && TryMoveTo(Math.Max(LeastCapacity, _ring.Count)) ? slack : ShrinkIfSparse();
    }

    /// <summary>Drops as many items as it takes to make the array half as long.</summary>
    private bool TryHalve(ref Departed<T> left)
    {
        int target = Math.Max(LeastCapacity, _ring.Capacity / 2);
        if (target >= _ring.Capacity)
        {
            return false;
        }

        // Room for the new array beside the old one, whose items have left or fit into it.
        long dropped = 0;
        int before = _ring.Count;
        while (_ring.Count > target || (_ring.Count > 0 && _bytes.Available + dropped < BytesOf(target)))
        {
            dropped += DropFromRing(ref left);
        }

        _bytes.Return(dropped);
        _trimmed += left.Cause == RemovalCause.Trimmed ? before - _ring.Count : 0;
        return TryMoveTo(target);
    }

    /// <summary>Both arrays are charged while both are there.</summary>
    private bool TryMoveTo(int capacity)
    {
        long bytes = BytesOf(capacity);
        if (!_bytes.TryTake(bytes))
        {
            return false;
        }

        long former = BytesOf(_ring.Capacity);
        try
        {
            _ring.MoveTo(capacity);
        }
        catch (OutOfMemoryException)
        {
            _bytes.Return(bytes);
            return false;
        }

        _bytes.Return(former);
        return true;
    }

    private bool TryTrimToCount(int maxCount, ref Departed<T> left)
    {
        while (_ring.Count + Backlog > maxCount)
        {
            if (!TryDropOldest(ref left, out long bytes))
            {
                return false;
            }

            _bytes.Return(bytes);
            _trimmed++;
        }

        return true;
    }

    private bool Limit(int? maxCount)
    {
        if (maxCount is { } count)
        {
            Volatile.Write(ref _maxCount, count);
            _spool?.Limit(count);
            if (_ring.Capacity > count)
            {
                TryMoveTo(count);
            }
        }

        return true;
    }

    private bool TryLimitBytes(long maxBytes, ref Departed<T> left)
    {
        while (!_bytes.TrySetLimit(maxBytes))
        {
            if (TryDropOldest(ref left, out long bytes))
            {
                _bytes.Return(bytes);
                _trimmed++;
                ShrinkIfSparse();
            }
            else if (!TryHalve(ref left) && _spool?.TryShrink() != true)
            {
                return false;
            }
        }

        return true;
    }
}
