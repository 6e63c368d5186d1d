namespace BoundedMemory;

/// <content>Scopes, and how many entries leave at once: those of a scope, all of them, the whole session.</content>
internal sealed partial class SessionBag
{
    /// <summary>Enters a scope; transient entries of all others leave.</summary>
    /// <returns>How many have left; -1 if there is no room for the name, in which case nothing has changed.</returns>
    public int Enter(object holder, string scope, ref SessionDepartures left)
    {
        if (string.Equals(scope, _scope))
        {
            return 0;
        }

        long scopeBytes = Settings.BytesOf(scope);
        long freed = 0;
        foreach (ref readonly SessionEntry entry in _table.Slots)
        {
            freed += entry.Scope is null ? 0 : string.Equals(entry.Scope, scope) ? Settings.BytesOf(entry.Scope) : entry.Bytes;
        }

        long ahead = scopeBytes - _scopeBytes - freed;
        if (ahead > 0 && !store.TryCharge(holder, ahead, ref left.Sessions))
        {
            return -1;
        }

        // What was set for this scope before it was entered shares the name with the session from now on.
        foreach (ref SessionEntry entry in _table.Slots)
        {
            if (entry.Scope is not null && string.Equals(entry.Scope, scope))
            {
                entry.Units -= SessionEntry.UnitsOf(Settings.BytesOf(entry.Scope));
                entry.Scope = scope;
            }
        }

        _scope = scope;
        _scopeBytes = scopeBytes;
        int removed = TakeTransient(exceptOf: scope, SessionRemovalCause.Scope, ref left, out _);
        _bytes += ahead;
        GiveBack(holder, -ahead, ref left);
        ShrinkIfSparse(holder, ref left);
        store.Counters.ChangeScope();
        return removed;
    }

    /// <summary>Removes all transient entries.</summary>
    public int ClearTransient(object holder, ref SessionDepartures left)
    {
        int removed = TakeTransient(exceptOf: null, SessionRemovalCause.Cleared, ref left, out long bytes);
        _bytes -= bytes;
        GiveBack(holder, bytes, ref left);
        ShrinkIfSparse(holder, ref left);
        return removed;
    }

    /// <summary>Removes all entries.</summary>
    public int Clear(object holder, ref SessionDepartures left)
    {
        int removed = _table.Count;
        long bytes = TakeAll(SessionRemovalCause.Cleared, ref left);
        _bytes -= bytes;
        GiveBack(holder, bytes, ref left);
        ShrinkIfSparse(holder, ref left);
        return removed;
    }

    /// <summary>Values that have been handed out and may have grown, to be measured anew at the end of a lease.</summary>
    public List<KeyValuePair<string, object?>>? EndLease()
    {
        _leases--;
        if (!_hasLent)
        {
            return null;
        }

        var lent = new List<KeyValuePair<string, object?>>();
        foreach (ref SessionEntry entry in _table.Slots)
        {
            if (entry.IsLent)
            {
                lent.Add(KeyValuePair.Create(entry.Key!, entry.Value));

                // While others hold leases, they may still have it in hands.
                if (_leases == 0)
                {
                    entry.Settle();
                }
            }
        }

        _hasLent = _leases > 0;
        return lent;
    }

    /// <summary>It has left the cache; leases that are held on it stay valid.</summary>
    public void Leave(RemovalCause cause)
    {
        lock (this)
        {
            _leftAs = (byte)(cause + 1);
            if (!_isClosed)
            {
                return;
            }
        }

        Finish(cause);
    }

    /// <summary>Called by the cache once it has left and nobody holds a lease any more. The thread that made it leave may not have got as far as to say why.</summary>
    public void Dispose()
    {
        RemovalCause cause;
        lock (this)
        {
            _isClosed = true;
            if (_leftAs == 0)
            {
                return;
            }

            cause = (RemovalCause)(_leftAs - 1);
        }

        Finish(cause);
    }

    /// <summary>Throws if what is charged is not what is there.</summary>
    public long Verify()
    {
        lock (this)
        {
            long bytes = EmptyBytes - SessionTable.BytesOf(SessionTable.LeastCapacity) + SessionTable.BytesOf(_table.Capacity) + _scopeBytes;
            int count = 0;
            foreach (ref readonly SessionEntry entry in _table.Slots)
            {
                if (entry.Key is not null)
                {
                    count++;
                    bytes += entry.Bytes;
                    Require(ReferenceEquals(_table[_table.Find(entry.Key, entry.Hash)].Value, entry.Value), "an entry that is not found");
                }
            }

            Require(count == _table.Count && count <= Settings.MaxEntries, $"{_table.Count} entries counted, {count} there");
            Require(bytes == _bytes && bytes <= Settings.MaxSessionBytes, $"{_bytes} bytes counted, {bytes} there");
            return bytes;
        }

        static void Require(bool condition, string what)
        {
            if (!condition)
            {
                throw new InvalidOperationException($"A session's counters are wrong: {what}.");
            }
        }
    }

    /// <summary>Takes everything out and tells about it. Nobody else uses it any more.</summary>
    private void Finish(RemovalCause cause)
    {
        SessionDepartures left = default;
        int count = _table.Count;
        TakeAll((SessionRemovalCause)cause, ref left);

        // A lease that has ended may be kept for long.
        _table = default;
        store.Complete(id, ref left);
        store.Tell(new EvictedSession(id, cause, count, _bytes));
    }

    /// <summary>Takes out transient entries; their charges are for the caller to give back.</summary>
    private int TakeTransient(string? exceptOf, SessionRemovalCause cause, ref SessionDepartures left, out long bytes)
    {
        int removed = 0;
        bytes = 0;
        for (int slot = 0; slot < _table.Capacity;)
        {
            ref readonly SessionEntry entry = ref _table[slot];
            if (entry.Scope is null || ReferenceEquals(entry.Scope, exceptOf))
            {
                slot++;
                continue;
            }

            left.Add(Settings, entry, cause);
            bytes += entry.Bytes;
            removed++;

            // What follows moves up into the gap, so the slot is looked at again; only what has been looked at moves beyond the end.
            _table.RemoveAt(slot);
        }

        store.Counters.Leave(cause, removed);
        return removed;
    }

    /// <summary>Takes out all entries; their charges are for the caller to give back.</summary>
    private long TakeAll(SessionRemovalCause cause, ref SessionDepartures left)
    {
        long bytes = 0;
        foreach (ref readonly SessionEntry entry in _table.Slots)
        {
            if (entry.Key is not null)
            {
                left.Add(Settings, entry, cause);
                bytes += entry.Bytes;
            }
        }

        store.Counters.Leave(cause, _table.Count);
        _table.Clear();
        return bytes;
    }
}
