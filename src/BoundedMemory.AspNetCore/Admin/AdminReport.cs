namespace BoundedMemory;

/// <summary>What <c>GET</c> answers. The README says what each property means.</summary>
internal sealed record AdminReport(
    DateTimeOffset Time,
    AdminMemory Memory,
    AdminSection<CacheStatistics> Cache,
    AdminSection<HubStatistics> Sse,
    AdminConversations Conversations,
    AdminSection<QueueStatistics> Queues,
    AdminSection<RingStatistics> Rings);

/// <summary>The process. <see cref="Level"/> is the highest of its watchdogs, null without one.</summary>
internal sealed record AdminMemory(
    MemoryPressureLevel? Level, AdminProcess Process, IReadOnlyList<AdminWatchdog> Watchdogs, AdminSection<MemoryBudgetStatistics> Budgets);

internal sealed record AdminConversations(AdminSection<ConversationStoreStatistics> Stores, AdminSection<SessionStoreStatistics> Sessions);

/// <summary>All primitives of a kind. <see cref="Omitted"/> of them are not in <see cref="Parts"/>, but in the sums.</summary>
internal sealed record AdminSection<TStatistics>(int Count, int Omitted, long? Items, long? Bytes, IReadOnlyList<AdminPart<TStatistics>> Parts);

/// <summary>A primitive; <see cref="Statistics"/> are its own, as its class documents them.</summary>
internal sealed record AdminPart<TStatistics>(
    string Part, string Name, AdminScope Scope, bool Trimmable, long? ReclaimableBytes, string? Fault, TStatistics Statistics);

internal sealed record AdminWatchdog(
    string Name,
    MemoryPressureLevel Level,
    bool IsStale,
    double SampleAgeSeconds,
    long? ProcessLimit,
    MemorySample Sample,
    MemoryTrend Trend,
    MemoryWatchdogStatistics Statistics)
{
    public static AdminWatchdog Of(MemoryWatchdog watchdog)
    {
        WatchdogReading reading = ((IMeterSource<WatchdogReading>)watchdog).Statistics;
        return new AdminWatchdog(
            watchdog.Name, reading.Level, watchdog.IsStale, reading.Age.TotalSeconds, reading.Options.ProcessLimit, reading.Sample, reading.Last.Trend,
            reading.Statistics);
    }
}

/// <summary>What the process takes, as the runtime says without collecting. Of its last collection: <see cref="CommittedBytes"/>, <see cref="FragmentedBytes"/>.</summary>
internal sealed record AdminProcess(
    long ResidentBytes,
    long HeapBytes,
    long CommittedBytes,
    long FragmentedBytes,
    long SlackBytes,
    long AvailableBytes,
    long AllocatedBytes,
    long Gen0Collections,
    long Gen1Collections,
    long Gen2Collections,
    double PauseSeconds,
    int PoolThreads)
{
    public static AdminProcess Read()
    {
        GCMemoryInfo last = GC.GetGCMemoryInfo(GCKind.Any);
        long heap = GC.GetTotalMemory(forceFullCollection: false);
        return new AdminProcess(
            Environment.WorkingSet, heap, last.TotalCommittedBytes, last.FragmentedBytes, Math.Max(0, last.TotalCommittedBytes - heap), last.TotalAvailableMemoryBytes,
            GC.GetTotalAllocatedBytes(), GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2), GC.GetTotalPauseDuration().TotalSeconds,
            ThreadPool.ThreadCount);
    }
}
