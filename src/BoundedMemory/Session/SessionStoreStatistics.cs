namespace BoundedMemory;

/// <summary>What a session store has done and what it holds.</summary>
/// <remarks><c>Stored = EntryCount + Replaced + Removed + Scope + Evicted + Expired + Trimmed + Cleared + Disposed</c>, where an entry that leaves with its session has the session's
/// cause; and, while none is being created, <c>SessionsCreated = Count + SessionsEvicted + SessionsExpired + SessionsTrimmed + SessionsRemoved + SessionsCleared +
/// SessionsDisposed</c>.</remarks>
public readonly record struct SessionStoreStatistics
{
    /// <summary>Values stored, whether under a new key or replacing another.</summary>
    public long Stored { get; init; }

    /// <summary>Entries held now, those included of sessions that have left but are still leased.</summary>
    public long EntryCount { get; init; }

    /// <summary>Entries that made way for a new value of their key.</summary>
    public long Replaced { get; init; }

    /// <summary>Entries that the user removed, or whose session he removed.</summary>
    public long Removed { get; init; }

    /// <summary>Transient entries that left because their session entered another scope.</summary>
    public long Scope { get; init; }

    /// <summary>Entries that made room, in their session or because their session was evicted, or had grown and no longer fitted.</summary>
    public long Evicted { get; init; }

    /// <summary>Entries whose session was idle for too long.</summary>
    public long Expired { get; init; }

    /// <summary>Entries whose session was removed because memory was asked back.</summary>
    public long Trimmed { get; init; }

    /// <summary>Entries that were removed by a <c>Clear</c> method.</summary>
    public long Cleared { get; init; }

    /// <summary>Entries that left because the store was disposed.</summary>
    public long Disposed { get; init; }

    /// <summary>Values refused because they alone are too large for session state.</summary>
    public long RejectedTooLarge { get; init; }

    /// <summary>Values refused because their session was full.</summary>
    public long RejectedFull { get; init; }

    /// <summary>Values refused because the store had no room.</summary>
    public long RejectedOverBudget { get; init; }

    /// <summary>Values refused because they could not be measured.</summary>
    public long RejectedSizeUnknown { get; init; }

    /// <summary>Times a session entered another scope.</summary>
    public long ScopeChanges { get; init; }

    /// <summary>Sessions created.</summary>
    public long SessionsCreated { get; init; }

    /// <summary>Sessions refused: everything that could have made room was leased, or the budget exhausted by others.</summary>
    public long SessionsRejected { get; init; }

    /// <summary>Sessions that were removed to make room for others.</summary>
    public long SessionsEvicted { get; init; }

    /// <summary>Sessions that were idle for too long.</summary>
    public long SessionsExpired { get; init; }

    /// <summary>Sessions that were removed because memory was asked back.</summary>
    public long SessionsTrimmed { get; init; }

    /// <summary>Sessions that the user removed.</summary>
    public long SessionsRemoved { get; init; }

    /// <summary>Sessions that were removed by <see cref="SessionStore.Clear"/>.</summary>
    public long SessionsCleared { get; init; }

    /// <summary>Sessions that were removed by <see cref="SessionStore.Dispose"/>.</summary>
    public long SessionsDisposed { get; init; }

    /// <summary>Exceptions thrown by callbacks, by the disposal of values, and by sizers when a lease ended.</summary>
    public long CallbackFailures { get; init; }

    /// <summary>Sessions held now.</summary>
    public long Count { get; init; }

    /// <summary>Limit in sessions.</summary>
    public long MaxSessions { get; init; }

    /// <summary>Leases held now.</summary>
    public long Leases { get; init; }

    /// <summary>Bytes in use now, everything the store consists of included.</summary>
    public long Bytes { get; init; }

    /// <summary>Of these, bytes that belong to no session.</summary>
    public long OverheadBytes { get; init; }

    /// <summary>Limit in bytes; null if there is none but the budget's.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>How full the fullest limit is, from 0 to 1.</summary>
    public double Utilization => Math.Max(Fullness.Of(Bytes, MaxBytes), Fullness.Of(Count, MaxSessions));
}
