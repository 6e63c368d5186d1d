using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>The instruments of all session stores of one meter factory.</summary>
internal sealed class SessionMeter : SourceMeter<SessionStoreStatistics>
{
    private SessionMeter(Meter meter)
        : base(BoundedMemoryInstruments.SessionName)
    {
        Counter(meter, BoundedMemoryInstruments.SessionStores, "{entry}", "Values stored.", s => s.Stored);
        Counter(
            meter, BoundedMemoryInstruments.SessionRemovals, "{entry}", "Entries that have left.", BoundedMemoryInstruments.Cause,
            [
                ("evicted", s => s.Evicted), ("expired", s => s.Expired), ("trimmed", s => s.Trimmed), ("replaced", s => s.Replaced),
                ("removed", s => s.Removed), ("cleared", s => s.Cleared), ("disposed", s => s.Disposed), ("scope", s => s.Scope),
            ]);
        Counter(
            meter, BoundedMemoryInstruments.SessionRejections, "{entry}", "Values refused.", BoundedMemoryInstruments.Reason,
            [
                ("too_large", s => s.RejectedTooLarge), ("full", s => s.RejectedFull), ("over_budget", s => s.RejectedOverBudget),
                ("size_unknown", s => s.RejectedSizeUnknown),
            ]);
        Counter(meter, BoundedMemoryInstruments.SessionScopeChanges, "{change}", "Times a session entered another scope.", s => s.ScopeChanges);
        Counter(meter, BoundedMemoryInstruments.SessionCreations, "{session}", "Sessions created.", s => s.SessionsCreated);
        Counter(meter, BoundedMemoryInstruments.SessionCreationRejections, "{session}", "Sessions refused.", s => s.SessionsRejected);
        Counter(
            meter, BoundedMemoryInstruments.SessionEvictions, "{session}", "Sessions that have left.", BoundedMemoryInstruments.Cause,
            [
                ("evicted", s => s.SessionsEvicted), ("expired", s => s.SessionsExpired), ("trimmed", s => s.SessionsTrimmed),
                ("removed", s => s.SessionsRemoved), ("cleared", s => s.SessionsCleared), ("disposed", s => s.SessionsDisposed),
            ]);
        Counter(meter, BoundedMemoryInstruments.SessionCallbackFailures, "{failure}", "Exceptions of callbacks and of the disposal of values.", s => s.CallbackFailures);
        Level(meter, BoundedMemoryInstruments.SessionCount, "{session}", "Sessions held.", s => s.Count);
        Level(meter, BoundedMemoryInstruments.SessionCountLimit, "{session}", "Limit in sessions.", s => s.MaxSessions);
        Level(meter, BoundedMemoryInstruments.SessionLeaseCount, "{lease}", "Leases held.", s => s.Leases);
        Level(meter, BoundedMemoryInstruments.SessionEntryCount, "{entry}", "Entries held.", s => s.EntryCount);
        Level(meter, BoundedMemoryInstruments.SessionUsage, "By", "Bytes in use.", s => s.Bytes);
        Level(meter, BoundedMemoryInstruments.SessionLimit, "By", "Limit in bytes.", s => s.MaxBytes);
        Gauge(meter, BoundedMemoryInstruments.SessionUtilization, "1", "How full the fullest limit is.", s => s.Utilization);
    }

    /// <summary>The instruments of a factory, or those that stores without one share.</summary>
    public static SessionMeter For(IMeterFactory? factory) => PerFactory<SessionMeter>.For(factory, static meter => new SessionMeter(meter));
}
