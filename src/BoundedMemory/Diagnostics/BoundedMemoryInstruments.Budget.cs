namespace BoundedMemory;

/// <content>Of budgets: roots, and children created by <see cref="MemoryBudget.CreateChild"/>; what primitives take for themselves is in their own instruments.
/// Budgets of one path are reported as one: of many alike, give all the same name. A budget's figures contain those of its children.</content>
public static partial class BoundedMemoryInstruments
{
    /// <summary>Bytes in use, <c>By</c>, by <see cref="BudgetPath"/>. UpDownCounter.</summary>
    public const string BudgetUsage = "bounded_memory.budget.usage";

    /// <summary>Limit in bytes, <c>By</c>, by <see cref="BudgetPath"/>; absent without one. UpDownCounter.</summary>
    public const string BudgetLimit = "bounded_memory.budget.limit";

    /// <summary>Guaranteed bytes, <c>By</c>, by <see cref="BudgetPath"/>; absent without any. UpDownCounter.</summary>
    public const string BudgetGuarantee = "bounded_memory.budget.guarantee";

    /// <summary>How full the limit is, <c>1</c>, from 0 to 1, by <see cref="BudgetPath"/>; absent without one. Gauge.</summary>
    public const string BudgetUtilization = "bounded_memory.budget.utilization";

    /// <summary>Reservations refused, <c>{reservation}</c>, by <see cref="BudgetPath"/>. Counter.</summary>
    public const string BudgetRefusals = "bounded_memory.budget.refusals";

    /// <summary>Times a consumer was asked for memory because the budget was full, <c>{request}</c>, by <see cref="BudgetPath"/>. Counter.</summary>
    public const string BudgetReclaims = "bounded_memory.budget.reclaims";

    /// <summary>Of these, those that freed nothing, <c>{request}</c>, by <see cref="BudgetPath"/>. Counter.</summary>
    public const string BudgetReclaimsInVain = "bounded_memory.budget.reclaims.in_vain";

    /// <summary>Bytes that consumers were asked for, <c>By</c>, by <see cref="BudgetPath"/>. Counter.</summary>
    public const string BudgetReclaimRequested = "bounded_memory.budget.reclaim.requested";

    /// <summary>Bytes released for it, <c>By</c>, by <see cref="BudgetPath"/>. Counter.</summary>
    public const string BudgetReclaimed = "bounded_memory.budget.reclaim.released";

    /// <summary>Consumers that threw when they were asked, or gave an impossible answer, <c>{failure}</c>, by <see cref="BudgetPath"/>. Counter.</summary>
    public const string BudgetConsumerFailures = "bounded_memory.budget.consumer.failures";

    /// <summary>Tag: path of the budget, names from the root joined by '/'.</summary>
    public const string BudgetPath = "budget.path";
}
