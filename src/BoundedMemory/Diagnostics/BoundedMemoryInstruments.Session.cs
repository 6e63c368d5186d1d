namespace BoundedMemory;

/// <content>Of session stores.</content>
public static partial class BoundedMemoryInstruments
{
    /// <summary>Values stored, <c>{entry}</c>, by <see cref="SessionName"/>. Counter.</summary>
    public const string SessionStores = "bounded_memory.session.stores";

    /// <summary>Entries that have left, <c>{entry}</c>, by <see cref="SessionName"/> and <see cref="Cause"/>, a <see cref="SessionRemovalCause"/> in lower case. Counter.</summary>
    public const string SessionRemovals = "bounded_memory.session.removals";

    /// <summary>Values refused, <c>{entry}</c>, by <see cref="SessionName"/> and <see cref="Reason"/>: <c>too_large</c>, <c>full</c>, <c>over_budget</c>,
    /// <c>size_unknown</c>. Counter.</summary>
    public const string SessionRejections = "bounded_memory.session.rejections";

    /// <summary>Times a session entered another scope, <c>{change}</c>, by <see cref="SessionName"/>. Counter.</summary>
    public const string SessionScopeChanges = "bounded_memory.session.scope.changes";

    /// <summary>Sessions created, <c>{session}</c>, by <see cref="SessionName"/>. Counter.</summary>
    public const string SessionCreations = "bounded_memory.session.creations";

    /// <summary>Sessions refused, <c>{session}</c>, by <see cref="SessionName"/>. Counter.</summary>
    public const string SessionCreationRejections = "bounded_memory.session.creation.rejections";

    /// <summary>Sessions that have left, <c>{session}</c>, by <see cref="SessionName"/> and <see cref="Cause"/>. Counter.</summary>
    public const string SessionEvictions = "bounded_memory.session.evictions";

    /// <summary>Exceptions of callbacks and of the disposal of values, <c>{failure}</c>, by <see cref="SessionName"/>. Counter.</summary>
    public const string SessionCallbackFailures = "bounded_memory.session.callback.failures";

    /// <summary>Sessions held, <c>{session}</c>, by <see cref="SessionName"/>. UpDownCounter.</summary>
    public const string SessionCount = "bounded_memory.session.count";

    /// <summary>Limit in sessions, <c>{session}</c>, by <see cref="SessionName"/>. UpDownCounter.</summary>
    public const string SessionCountLimit = "bounded_memory.session.count.limit";

    /// <summary>Leases held, <c>{lease}</c>, by <see cref="SessionName"/>. UpDownCounter.</summary>
    public const string SessionLeaseCount = "bounded_memory.session.lease.count";

    /// <summary>Entries held, <c>{entry}</c>, by <see cref="SessionName"/>. UpDownCounter.</summary>
    public const string SessionEntryCount = "bounded_memory.session.entry.count";

    /// <summary>Bytes in use, <c>By</c>, by <see cref="SessionName"/>. UpDownCounter.</summary>
    public const string SessionUsage = "bounded_memory.session.usage";

    /// <summary>Limit in bytes, <c>By</c>, by <see cref="SessionName"/>; absent without one. UpDownCounter.</summary>
    public const string SessionLimit = "bounded_memory.session.limit";

    /// <summary>How full the fullest limit is, <c>1</c>, from 0 to 1, by <see cref="SessionName"/>. Gauge.</summary>
    public const string SessionUtilization = "bounded_memory.session.utilization";

    /// <summary>Tag: name of the session store.</summary>
    public const string SessionName = "session.name";
}
