namespace BoundedMemory;

/// <summary>The memory of the process at some moment. Bytes; null where the system does not tell.</summary>
public readonly record struct MemorySample
{
    /// <summary>When, by the watchdog's clock.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>Resident set: memory of the machine the process takes. On Windows its private commit, because there the resident set is what the system chose.</summary>
    public long? ResidentBytes { get; init; }

    /// <summary>What the container uses, without inactive file pages.</summary>
    public long? ContainerBytes { get; init; }

    /// <summary>The lowest limit of the containers the process is in.</summary>
    public long? ContainerLimit { get; init; }

    /// <summary>Objects on the managed heap, garbage included that is not yet collected.</summary>
    public long HeapBytes { get; init; }

    /// <summary>What the collector had committed at its last collection.</summary>
    public long CommittedBytes { get; init; }

    /// <summary>What the collector may commit, where a limit of the heap is in force.</summary>
    public long? HeapLimit { get; init; }

    /// <summary>What bounded primitives hold of the budget.</summary>
    public long? BudgetBytes { get; init; }

    /// <summary>The budget's limit.</summary>
    public long? BudgetLimit { get; init; }

    /// <summary>Share of time in which some task waited for memory, 0 to 1, over the last 10 seconds.</summary>
    public double? Stall { get; init; }

    /// <summary>How full the nearest limit is; 0 if there is none or nothing of it could be read, may be above 1.</summary>
    public double Utilization { get; init; }

    /// <summary>Which that is.</summary>
    public UtilizationTerm Term { get; init; }

    /// <summary>Committed by the collector, and free to be used again.</summary>
    public long SlackBytes { get; init; }

    /// <summary>Resident without slack: objects, code, stacks, native memory.</summary>
    public long LiveBytes { get; init; }

    /// <summary>Live, and neither in the budget nor held by a registered consumer: where leaks are.</summary>
    public long UnaccountedBytes { get; init; }
}
