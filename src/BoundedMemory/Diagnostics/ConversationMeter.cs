using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>The instruments of all conversation stores, and windows of their own, of one meter factory.</summary>
internal sealed class ConversationMeter : SourceMeter<ConversationStoreStatistics>
{
    private ConversationMeter(Meter meter)
        : base(BoundedMemoryInstruments.ConversationName)
    {
        Counter(
            meter, BoundedMemoryInstruments.ConversationRequests, "{request}", "Conversations asked for.", BoundedMemoryInstruments.ConversationRequestType,
            [("hit", s => s.Hits), ("miss", s => s.Misses)]);
        Counter(meter, BoundedMemoryInstruments.ConversationLoads, "{load}", "Loads from the source.", s => s.Loads);
        Counter(meter, BoundedMemoryInstruments.ConversationLoadFailures, "{load}", "Loads that failed.", s => s.LoadFailures);
        Counter(
            meter, BoundedMemoryInstruments.ConversationEvictions, "{conversation}", "Conversations that have left.", BoundedMemoryInstruments.Cause,
            [
                ("idle", s => s.EvictedIdle), ("capacity", s => s.EvictedCapacity), ("trimmed", s => s.EvictedTrimmed),
                ("removed", s => s.Removed), ("cleared", s => s.Cleared), ("disposed", s => s.Disposed),
            ]);
        Counter(meter, BoundedMemoryInstruments.ConversationRefusals, "{conversation}", "Conversations refused.", s => s.RejectedConversations);
        Counter(meter, BoundedMemoryInstruments.ConversationMessagesAppended, "{message}", "Messages appended.", s => s.MessagesAppended);
        Counter(meter, BoundedMemoryInstruments.ConversationMessagesLoaded, "{message}", "Messages loaded.", s => s.MessagesLoaded);
        Counter(
            meter, BoundedMemoryInstruments.ConversationMessagesDropped, "{message}", "Messages that have left.", BoundedMemoryInstruments.Cause,
            [
                ("evicted", s => s.MessagesEvicted), ("oversize", s => s.MessagesOversize), ("incomplete", s => s.MessagesIncomplete),
                ("trimmed", s => s.MessagesTrimmed), ("cleared", s => s.MessagesCleared), ("conversation_evicted", s => s.MessagesLeft),
            ]);
        Counter(meter, BoundedMemoryInstruments.ConversationMessagesTruncated, "{message}", "Messages truncated.", s => s.MessagesTruncated);
        Counter(meter, BoundedMemoryInstruments.ConversationMessagesEmptied, "{message}", "Messages that lost their content and stayed.", s => s.MessagesEmptied);
        Counter(meter, BoundedMemoryInstruments.ConversationMessagesLost, "{message}", "Messages that were never saved.", s => s.Lost);
        Counter(
            meter, BoundedMemoryInstruments.ConversationRejections, "{message}", "Messages refused.", BoundedMemoryInstruments.Reason,
            [
                ("too_large", s => s.RejectedTooLarge), ("over_budget", s => s.RejectedOverBudget), ("size_unknown", s => s.RejectedSizeUnknown),
                ("orphan", s => s.RejectedOrphans), ("backlogged", s => s.RejectedBacklogged), ("closed", s => s.RejectedClosed),
            ]);
        Counter(meter, BoundedMemoryInstruments.ConversationSinkWrites, "{message}", "Messages the sink has written.", s => s.SinkWritten);
        Counter(meter, BoundedMemoryInstruments.ConversationSinkFailures, "{failure}", "Failed calls of the sink.", s => s.SinkFailures);
        Level(meter, BoundedMemoryInstruments.ConversationSinkPending, "{message}", "Messages that wait for the sink.", s => s.SinkPending);
        Counter(meter, BoundedMemoryInstruments.ConversationCallbackFailures, "{failure}", "Exceptions of callbacks.", s => s.CallbackFailures);
        Level(meter, BoundedMemoryInstruments.ConversationCount, "{conversation}", "Conversations held.", s => s.Count);
        Level(meter, BoundedMemoryInstruments.ConversationCountLimit, "{conversation}", "Limit in conversations.", s => s.MaxConversations);
        Level(meter, BoundedMemoryInstruments.ConversationUnsavedCount, "{conversation}", "Conversations with unsaved messages.", s => s.Unsaved);
        Level(meter, BoundedMemoryInstruments.ConversationLeaseCount, "{lease}", "Leases held.", s => s.Leases);
        Level(meter, BoundedMemoryInstruments.ConversationMessageCount, "{message}", "Messages held.", s => s.Messages);
        Level(meter, BoundedMemoryInstruments.ConversationUsage, "By", "Bytes in use.", s => s.Bytes > 0 ? s.Bytes : null);
        Level(meter, BoundedMemoryInstruments.ConversationLimit, "By", "Limit in bytes.", s => s.MaxBytes);
        Gauge(meter, BoundedMemoryInstruments.ConversationUtilization, "1", "How full the fullest limit is.", s => s.Utilization);
    }

    /// <summary>The instruments of a factory, or those that stores and windows without one share.</summary>
    public static ConversationMeter For(IMeterFactory? factory) => PerFactory<ConversationMeter>.For(factory, static meter => new ConversationMeter(meter));
}
