namespace BoundedMemory;

/// <content>How a session is changed: measured under no lock, changed under the session's, told under none.</content>
public sealed partial class SessionLease
{
    /// <summary>Measures a value again that has grown or shrunk, and charges it accordingly. What does not fit any more leaves (<see cref="SessionRemovalCause.Evicted"/>).</summary>
    /// <param name="key">The key.</param>
    /// <returns>Stored: the charge is right. Else why the value has left. Null: there is no such key.</returns>
    /// <exception cref="ArgumentException"><paramref name="key"/> is null, empty or too long.</exception>
    /// <exception cref="InvalidOperationException">A sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The lease, or the store, is disposed.</exception>
    public SessionSetResult? RefreshCharge(string key)
    {
        RequireKey(key);
        _store.ThrowIfDisposed();
        object? value;
        lock (_bag)
        {
            ThrowIfEnded();
            if (!_bag.TryPeek(key, out value))
            {
                return null;
            }
        }

        return Recharge(key, value, isEnding: false);
    }

    /// <summary>Ends the lease. Values that were read and may have grown are measured again first (<see cref="SessionStoreOptions.RefreshOnRelease"/>).</summary>
    public void Dispose()
    {
        List<KeyValuePair<string, object?>>? lent;
        lock (_bag)
        {
            if (_hasEnded)
            {
                return;
            }

            // Operations under way have ended, and no other begins: the session changes only while it is held.
            _hasEnded = true;
            lent = _bag.EndLease();
        }

        foreach ((string key, object? value) in lent ?? [])
        {
            try
            {
                Recharge(key, value, isEnding: true);
            }
            catch (Exception)
            {
                _store.Counters.Fail();
            }
        }

        _lease.Dispose();
    }

    private SessionSetResult Put(string key, object? value, in ScopePlace place)
    {
        _store.ThrowIfDisposed();
        SessionSetStatus status = _store.Settings.Measure(value, out long bytes, out string? detail);
        status = Set(key, value, status, bytes, place, out bool isFullOfEntries, out long refused);
        if (refused > 0)
        {
            _store.AskOthers(refused);
            status = Set(key, value, SessionSetStatus.Stored, bytes, place, out isFullOfEntries, out _);
        }

        if (status != SessionSetStatus.Stored)
        {
            _store.Counters.Reject(status);
        }

        return ResultOf(status, bytes, detail, isFullOfEntries);
    }

    private SessionSetStatus Set(
        string key, object? value, SessionSetStatus measured, long bytes, in ScopePlace place, out bool isFullOfEntries, out long refused)
    {
        isFullOfEntries = false;
        SessionDepartures left = default;
        try
        {
            lock (_bag)
            {
                ThrowIfEnded();
                return measured == SessionSetStatus.Stored ? _bag.Set(_lease.Holder, key, value, bytes, place, ref left, out isFullOfEntries) : measured;
            }
        }
        finally
        {
            refused = left.Refused;
            _store.Complete(Id, ref left);
        }
    }

    private SessionSetResult? Recharge(string key, object? value, bool isEnding)
    {
        SessionSetStatus measured = _store.Settings.Measure(value, out long bytes, out string? detail);
        SessionSetStatus? status = Recharge(key, value, isEnding, measured, bytes, canAsk: true, out bool isFullOfEntries, out long refused);
        if (refused > 0)
        {
            _store.AskOthers(refused);
            status = Recharge(key, value, isEnding, measured, bytes, canAsk: false, out isFullOfEntries, out _);
        }

        return status is { } known ? ResultOf(known, bytes, detail, isFullOfEntries) : null;
    }

    private SessionSetStatus? Recharge(
        string key, object? value, bool isEnding, SessionSetStatus measured, long bytes, bool canAsk, out bool isFullOfEntries, out long refused)
    {
        SessionDepartures left = default;
        try
        {
            lock (_bag)
            {
                if (!isEnding)
                {
                    ThrowIfEnded();
                }

                return _bag.Recharge(_lease.Holder, key, value, measured, bytes, canAsk, ref left, out isFullOfEntries);
            }
        }
        finally
        {
            refused = left.Refused;
            _store.Complete(Id, ref left);
        }
    }

    private SessionSetResult ResultOf(SessionSetStatus status, long bytes, string? detail, bool isFullOfEntries)
    {
        SessionSettings settings = _store.Settings;
        return status switch
        {
            SessionSetStatus.TooLarge => new SessionSetResult(status, bytes, settings.MaxValueBytes),
            SessionSetStatus.Full when isFullOfEntries => new SessionSetResult(status, bytes, settings.MaxEntries, "entries"),
            SessionSetStatus.Full => new SessionSetResult(status, bytes, settings.MaxSessionBytes, "bytes"),
            _ => new SessionSetResult(status, bytes, 0, detail),
        };
    }

    private delegate int BagChange(SessionBag bag, object holder, string argument, ref SessionDepartures left);

    private int Change(string argument, BagChange change)
    {
        SessionDepartures left = default;
        try
        {
            lock (_bag)
            {
                ThrowIfEnded();
                return change(_bag, _lease.Holder, argument, ref left);
            }
        }
        finally
        {
            _store.Complete(Id, ref left);
        }
    }

    private T Read<T>(Func<SessionBag, T> read)
    {
        lock (_bag)
        {
            ThrowIfEnded();
            return read(_bag);
        }
    }

    private void RequireKey(string key) => SessionLimits.RequireText(key, _store.Settings.MaxKeyLength, nameof(key));

    private void ThrowIfEnded() => ObjectDisposedException.ThrowIf(_hasEnded, this);
}
