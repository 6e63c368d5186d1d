using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>The instruments of all hubs of one meter factory.</summary>
internal sealed class HubMeter : SourceMeter<HubStatistics>
{
    private HubMeter(Meter meter)
        : base(BoundedMemoryInstruments.HubName)
    {
        Counter(meter, BoundedMemoryInstruments.HubPublished, "{message}", "Messages published.", s => s.Published);
        Counter(
            meter, BoundedMemoryInstruments.HubDropped, "{message}", "Messages that have left the hub.", BoundedMemoryInstruments.Cause,
            [("evicted", s => s.Evicted), ("trimmed", s => s.Trimmed), ("cleared", s => s.Cleared), ("disposed", s => s.Disposed)]);
        Counter(
            meter, BoundedMemoryInstruments.HubRejections, "{message}", "Messages refused.", BoundedMemoryInstruments.Reason,
            [
                ("too_large", s => s.RejectedTooLarge), ("over_budget", s => s.RejectedOverBudget),
                ("size_unknown", s => s.RejectedSizeUnknown), ("completed", s => s.RejectedCompleted),
            ]);
        Counter(meter, BoundedMemoryInstruments.HubDelivered, "{message}", "Messages read by subscribers.", s => s.Delivered);
        Counter(meter, BoundedMemoryInstruments.HubFiltered, "{message}", "Messages held back by filters of subscribers.", s => s.Filtered);
        Counter(meter, BoundedMemoryInstruments.HubMissed, "{message}", "Messages that left before a subscriber read them.", s => s.Missed);
        Counter(meter, BoundedMemoryInstruments.HubUnread, "{message}", "Messages unread when subscriptions ended.", s => s.Unread);
        Gauge(meter, BoundedMemoryInstruments.HubLag, "{message}", "Messages by which the subscriber furthest behind is behind.", s => s.Lag);
        Level(meter, BoundedMemoryInstruments.HubSubscribers, "{subscriber}", "Subscribers.", s => s.Subscribers);
        Counter(
            meter, BoundedMemoryInstruments.HubSubscribersClosed, "{subscriber}", "Subscriptions that have ended.", BoundedMemoryInstruments.Cause,
            [
                ("unsubscribed", s => s.ClosedUnsubscribed), ("idle", s => s.ClosedIdle), ("lagged", s => s.ClosedLagged),
                ("completed", s => s.ClosedCompleted), ("disposed", s => s.ClosedDisposed),
            ]);
        Counter(meter, BoundedMemoryInstruments.HubSubscribersRejected, "{subscriber}", "Subscribers refused.", s => s.SubscribersRejected);
        Counter(meter, BoundedMemoryInstruments.HubCallbackFailures, "{failure}", "Exceptions of filters and of what is called when subscriptions end.", s => s.CallbackFailures);
        Level(meter, BoundedMemoryInstruments.HubMessageCount, "{message}", "Messages held.", s => s.Count);
        Level(meter, BoundedMemoryInstruments.HubMessageLimit, "{message}", "Limit in messages.", s => s.MaxCount);
        Level(meter, BoundedMemoryInstruments.HubUsage, "By", "Bytes in use.", s => s.Bytes > 0 ? s.Bytes : null);
        Level(meter, BoundedMemoryInstruments.HubLimit, "By", "Limit in bytes.", s => s.MaxBytes);
        Gauge(meter, BoundedMemoryInstruments.HubUtilization, "1", "How full the fullest limit is.", s => s.Utilization);
    }

    /// <summary>The instruments of a factory, or those that hubs without one share.</summary>
    public static HubMeter For(IMeterFactory? factory) => PerFactory<HubMeter>.For(factory, static meter => new HubMeter(meter));
}
