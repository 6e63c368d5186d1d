namespace BoundedMemory;

/// <content>What makes sessions leave: trimming, other limits, the end; and who is told.</content>
public sealed partial class SessionStore
{
    /// <summary>Removes all sessions, as <see cref="Remove"/> does; what is created meanwhile may stay.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void Clear()
    {
        ThrowIfDisposed();
        _cache.Clear();
    }

    /// <summary>Removes sessions that nobody holds a lease on, those first that were not used for longest, until so many bytes are given back.</summary>
    /// <param name="bytes">Bytes wanted; at least 0.</param>
    /// <returns>Bytes given back; less than asked for only if what is left is leased.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public long Trim(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfDisposed();
        return _cache.Trim(bytes);
    }

    /// <summary>Changes limits while the store is in use; lowering one removes the sessions that exceed it first (<see cref="RemovalCause.Trimmed"/>).</summary>
    /// <param name="maxBytes">New limit in bytes; null leaves it. 16,384 to <see cref="long.MaxValue"/>.</param>
    /// <param name="maxSessions">New limit in sessions; null leaves it. 1 to 1,000,000,000.</param>
    /// <returns>True: both limits are in force. False: what is leased does not allow it, and the limits are what they were, though sessions may have been removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public bool TryResize(long? maxBytes = null, int? maxSessions = null)
    {
        OptionErrors.ThrowFirst(
        [
            .. OptionErrors.Range(nameof(maxBytes), maxBytes, SessionLimits.LeastBytes, long.MaxValue),
            .. OptionErrors.Range(nameof(maxSessions), maxSessions, 1, SessionLimits.MostSessions),
        ]);
        ThrowIfDisposed();
        return _cache.TryResize(maxBytes, maxSessions);
    }

    /// <summary>Removes all sessions and gives everything back. Later calls throw; leases held stay valid for reading until they are disposed, and what they hold is given back
    /// then.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        _meter.Remove(_meterLink);
        _cache.Dispose();
    }

    long IMemoryReclaimer.Reclaim(long targetBytes) => Trim(targetBytes);

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);

    /// <summary>Whether so many bytes are free.</summary>
    internal bool HasRoomFor(long bytes) => !Volatile.Read(ref _disposed) && _cache.AvailableBytes >= bytes;

    /// <summary>Changes what a leased session is charged with; others are evicted for growth. Nothing grows once the store is disposed.</summary>
    internal bool TryCharge(object holder, long difference, ref Departures<string, SessionBag> departures)
    {
        try
        {
            return (difference <= 0 || !Volatile.Read(ref _disposed)) && _cache.TryCharge(holder, difference, ref departures);
        }
        catch (ObjectDisposedException) when (difference > 0)
        {
            return false;
        }
    }

    /// <summary>Asks others who share the budget for what a session was refused, before it tries again. Under no lock.</summary>
    internal void AskOthers(long bytes)
    {
        if (!Volatile.Read(ref _disposed))
        {
            _cache.TryMakeRoom(bytes);
        }
    }

    /// <summary>Tells about what has left, and disposes values. Under no lock.</summary>
    internal void Complete(string id, ref SessionDepartures left)
    {
        _cache.Complete(ref left.Sessions);
        foreach (DepartedEntry entry in left.Entries)
        {
            if (Settings.EntryRemoved is { } removed)
            {
                try
                {
                    removed(new RemovedSessionEntry(id, entry.Key, entry.Value, entry.Cause, entry.Bytes));
                }
                catch (Exception)
                {
                    Counters.Fail();
                }
            }

            if (Settings.DisposeValues && !entry.KeepsValue && entry.Value is IDisposable disposable)
            {
                try
                {
                    disposable.Dispose();
                }
                catch (Exception)
                {
                    Counters.Fail();
                }
            }
        }
    }

    /// <summary>Tells about a session that has left. Under no lock.</summary>
    internal void Tell(in EvictedSession session)
    {
        try
        {
            Settings.Evicted?.Invoke(session);
        }
        catch (Exception)
        {
            Counters.Fail();
        }
    }

    /// <summary>Throws if counters and charges are not exactly what is there. While nothing is being changed.</summary>
    internal void Verify()
    {
        _cache.Verify();
        long entries = 0;
        long bytes = 0;
        foreach ((string id, SessionBag bag) in _cache)
        {
            entries += bag.Count;
            bytes += bag.Verify();
            Require(string.Equals(id, bag.Id), "a session under another's id");
        }

        SessionStoreStatistics s = Statistics;
        long left = s.Replaced + s.Removed + s.Scope + s.Evicted + s.Expired + s.Trimmed + s.Cleared + s.Disposed;
        Require(s.Stored == s.EntryCount + left, "entries that left");
        Require(s.Leases > 0 || entries == s.EntryCount, $"{s.EntryCount} entries counted, {entries} there");
        Require(s.Leases > 0 || bytes <= s.Bytes - s.OverheadBytes, $"{s.Bytes - s.OverheadBytes} bytes of sessions counted, {bytes} there");

        static void Require(bool condition, string what)
        {
            if (!condition)
            {
                throw new InvalidOperationException($"The store's counters are wrong: {what}.");
            }
        }
    }
}
