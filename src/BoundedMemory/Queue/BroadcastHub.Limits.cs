namespace BoundedMemory;

/// <content>What changes the room a hub takes while it runs.</content>
public sealed partial class BroadcastHub<T>
{
    private bool _hasMaxCount;

    /// <summary>Removes the oldest messages until so many bytes are given back.</summary>
    /// <param name="bytes">Bytes wanted; at least 0. Where bytes are not counted, a hub gives back what its array needs less.</param>
    /// <returns>Bytes given back; less than asked for only if no message is left. Subscriptions and private queues keep what they hold.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public long Trim(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return Trim(bytes, long.MaxValue);
    }

    /// <summary>Removes all messages; subscribers that had not read them are told how many they missed.</summary>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public void Clear()
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            _cleared += _ring.KeepNewest(0);
        }
    }

    /// <summary>Changes limits while the hub is in use; lowering one trims what exceeds it first.</summary>
    /// <param name="maxBytes">New limit in bytes; null leaves it. 16,384 to <see cref="long.MaxValue"/>.</param>
    /// <param name="maxCount">New limit in messages; null leaves it. 1 to 1,000,000,000.</param>
    /// <returns>True: both limits are in force, now and at every later moment. False: subscriptions hold more than <paramref name="maxBytes"/>, and the limits are
    /// what they were, though messages may have been trimmed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="maxBytes"/> is given, but the hub was created with neither a limit in bytes nor a
    /// budget, and does not count them.</exception>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public bool TryResize(long? maxBytes = null, long? maxCount = null)
    {
        HubLimits.RequireBytes(maxBytes, nameof(maxBytes));
        HubLimits.RequireCount(maxCount, nameof(maxCount));
        if (maxBytes is not null && !_bytes.AreCounted)
        {
            ThrowIfDisposed();
            throw new InvalidOperationException($"The hub '{Name}' does not count bytes: it was created with neither a limit in bytes nor a budget.");
        }

        lock (_gate)
        {
            ThrowIfDisposed();
            while (maxBytes is { } bytes && !_bytes.TrySetLimit(bytes))
            {
                if (_ring.Count == 0 && !_ring.TryFit())
                {
                    return false;
                }

                _ring.Trim(Math.Max(1, Bytes - bytes), long.MaxValue, out int removed);
                _trimmed += removed;
            }

            if (maxCount is { } count)
            {
                _trimmed += _ring.KeepNewest((int)Math.Min(count, int.MaxValue));
                _ring.SetMaxCount((int)count);
                Volatile.Write(ref _hasMaxCount, true);
            }

            return true;
        }
    }

    private long Trim(long bytes, long atMost)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            long freed = _ring.Trim(bytes, atMost, out int removed);
            _trimmed += removed;
            return freed;
        }
    }
}
