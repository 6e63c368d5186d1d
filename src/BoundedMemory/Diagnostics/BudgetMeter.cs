using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>The instruments of all budgets of one meter factory that were created by name.</summary>
internal sealed class BudgetMeter : SourceMeter<MemoryBudgetStatistics>
{
    private BudgetMeter(Meter meter)
        : base(BoundedMemoryInstruments.BudgetPath)
    {
        Level(meter, BoundedMemoryInstruments.BudgetUsage, "By", "Bytes in use.", s => s.Used);
        Level(meter, BoundedMemoryInstruments.BudgetLimit, "By", "Limit in bytes.", s => s.Limit);
        Level(meter, BoundedMemoryInstruments.BudgetGuarantee, "By", "Guaranteed bytes.", s => s.GuaranteedBytes > 0 ? s.GuaranteedBytes : null);
        Gauge(meter, BoundedMemoryInstruments.BudgetUtilization, "1", "How full the limit is.", s => s.Limit is null ? null : s.Utilization);
        Counter(meter, BoundedMemoryInstruments.BudgetRefusals, "{reservation}", "Reservations refused.", s => s.Refusals);
        Counter(meter, BoundedMemoryInstruments.BudgetReclaims, "{request}", "Times a consumer was asked for memory.", s => s.Reclaims);
        Counter(meter, BoundedMemoryInstruments.BudgetReclaimsInVain, "{request}", "Times that freed nothing.", s => s.ReclaimsInVain);
        Counter(meter, BoundedMemoryInstruments.BudgetReclaimRequested, "By", "Bytes that consumers were asked for.", s => s.RequestedBytes);
        Counter(meter, BoundedMemoryInstruments.BudgetReclaimed, "By", "Bytes released for it.", s => s.ReclaimedBytes);
        Counter(meter, BoundedMemoryInstruments.BudgetConsumerFailures, "{failure}", "Consumers that threw, or gave an impossible answer.", s => s.ConsumerFailures);
    }

    /// <summary>The instruments of a factory, or those that budgets without one share.</summary>
    public static BudgetMeter For(IMeterFactory? factory) => PerFactory<BudgetMeter>.For(factory, static meter => new BudgetMeter(meter));
}
