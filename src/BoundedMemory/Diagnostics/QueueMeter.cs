using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>The instruments of all queues of one meter factory.</summary>
internal sealed class QueueMeter : SourceMeter<QueueStatistics>
{
    private QueueMeter(Meter meter)
        : base(BoundedMemoryInstruments.QueueName)
    {
        Counter(meter, BoundedMemoryInstruments.QueueEnqueued, "{item}", "Items added.", s => s.Enqueued);
        Counter(meter, BoundedMemoryInstruments.QueueDequeued, "{item}", "Items handed to readers.", s => s.Dequeued);
        Counter(
            meter, BoundedMemoryInstruments.QueueDropped, "{item}", "Items that left otherwise than to a reader.", BoundedMemoryInstruments.Cause,
            [
                ("evicted", s => s.Evicted), ("expired", s => s.Expired), ("trimmed", s => s.Trimmed), ("replaced", s => s.Replaced),
                ("cleared", s => s.Cleared), ("disposed", s => s.Disposed),
            ]);
        Counter(
            meter, BoundedMemoryInstruments.QueueRejections, "{item}", "Items refused.", BoundedMemoryInstruments.Reason,
            [
                ("too_large", s => s.RejectedTooLarge), ("over_budget", s => s.RejectedOverBudget), ("size_unknown", s => s.RejectedSizeUnknown),
                ("completed", s => s.RejectedCompleted),
            ]);
        Counter(meter, BoundedMemoryInstruments.QueueCallbackFailures, "{failure}", "Exceptions of callbacks and of the disposal of items.", s => s.CallbackFailures);
        Level(meter, BoundedMemoryInstruments.QueueItemCount, "{item}", "Items held.", s => s.Count);
        Level(meter, BoundedMemoryInstruments.QueueItemLimit, "{item}", "Limit in items.", s => s.MaxCount);
        Level(meter, BoundedMemoryInstruments.QueueReaderWaiting, "{reader}", "Readers that wait.", s => s.Waiting);
        Level(meter, BoundedMemoryInstruments.QueueUsage, "By", "Bytes in use.", s => s.Bytes > 0 ? s.Bytes : null);
        Level(meter, BoundedMemoryInstruments.QueueLimit, "By", "Limit in bytes.", s => s.MaxBytes);
        Gauge(meter, BoundedMemoryInstruments.QueueUtilization, "1", "How full the fullest limit is.", s => s.Utilization);
    }

    /// <summary>The instruments of a factory, or those that queues without one share.</summary>
    public static QueueMeter For(IMeterFactory? factory) => PerFactory<QueueMeter>.For(factory, static meter => new QueueMeter(meter));
}
