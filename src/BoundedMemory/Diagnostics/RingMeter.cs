using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>The instruments of all rings of one meter factory.</summary>
internal sealed class RingMeter : SourceMeter<RingStatistics>
{
    private RingMeter(Meter meter)
        : base(BoundedMemoryInstruments.RingName)
    {
        Counter(meter, BoundedMemoryInstruments.RingAdditions, "{item}", "Items added.", s => s.Added);
        Counter(
            meter, BoundedMemoryInstruments.RingDrops, "{item}", "Items that were dropped.", BoundedMemoryInstruments.Cause,
            [("evicted", s => s.Evicted), ("trimmed", s => s.Trimmed), ("cleared", s => s.Cleared), ("disposed", s => s.Disposed)]);
        Counter(
            meter, BoundedMemoryInstruments.RingRejections, "{item}", "Items refused.", BoundedMemoryInstruments.Reason,
            [("too_large", s => s.RejectedTooLarge), ("over_budget", s => s.RejectedOverBudget), ("size_unknown", s => s.RejectedSizeUnknown)]);
        Counter(meter, BoundedMemoryInstruments.RingCallbackFailures, "{failure}", "Exceptions of callbacks and of the disposal of items.", s => s.CallbackFailures);
        Counter(meter, BoundedMemoryInstruments.RingArchiveWrites, "{item}", "Items the archive has taken.", s => s.Archived);
        Counter(meter, BoundedMemoryInstruments.RingArchiveRefusals, "{item}", "Items the archive has refused for good.", s => s.ArchiveRefused);
        Counter(meter, BoundedMemoryInstruments.RingArchiveFailures, "{failure}", "Failed writes to the archive.", s => s.ArchiveFailures);
        Level(meter, BoundedMemoryInstruments.RingArchiveBacklog, "{item}", "Items that wait for the archive.", s => s.Backlog);
        Level(meter, BoundedMemoryInstruments.RingItemCount, "{item}", "Items held.", s => s.Count);
        Level(meter, BoundedMemoryInstruments.RingItemLimit, "{item}", "Limit in items.", s => s.MaxCount);
        Level(meter, BoundedMemoryInstruments.RingUsage, "By", "Bytes in use.", s => s.Bytes > 0 ? s.Bytes : null);
        Level(meter, BoundedMemoryInstruments.RingLimit, "By", "Limit in bytes.", s => s.MaxBytes);
    }

    /// <summary>The instruments of a factory, or those that rings without one share.</summary>
    public static RingMeter For(IMeterFactory? factory) => PerFactory<RingMeter>.For(factory, static meter => new RingMeter(meter));
}
