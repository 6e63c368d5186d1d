namespace BoundedMemory;

/// <summary>All kinds of primitives.</summary>
internal static class AdminCatalog
{
    public static readonly AdminKind<CacheStatistics> Caches = new("cache", CacheMeter.For, static s => new AdminFigures(s.Count, s.Bytes));

    public static readonly AdminKind<HubStatistics> Hubs = new("sse", HubMeter.For, static s => new AdminFigures(s.Count, s.Bytes));

    public static readonly AdminKind<ConversationStoreStatistics> Conversations = new(
        "conversations", ConversationMeter.For, static s => new AdminFigures(s.Messages, s.Bytes), static s => s.SinkFault);

    public static readonly AdminKind<SessionStoreStatistics> Sessions = new("sessions", SessionMeter.For, static s => new AdminFigures(s.Count, s.Bytes));

    public static readonly AdminKind<QueueStatistics> Queues = new("queues", QueueMeter.For, static s => new AdminFigures(s.Count, s.Bytes));

    public static readonly AdminKind<RingStatistics> Rings = new("rings", RingMeter.For, static s => new AdminFigures(s.Count, s.Bytes), static s => s.ArchiveFault);

    /// <summary>A budget's bytes are also those of its parent: they do not add up. Nothing can be asked of one: those are asked who take from it.</summary>
    public static readonly AdminKind<MemoryBudgetStatistics> Budgets = new("budgets", BudgetMeter.For, static s => new AdminFigures(0, s.Used), addsUp: false);

    /// <summary>Those that a request may name.</summary>
    public static readonly AdminKind[] Addressable = [Caches, Hubs, Conversations, Sessions, Queues, Rings];
}
