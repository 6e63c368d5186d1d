#pragma warning disable CS1591 // Skeleton.
namespace BoundedMemory;

/// <summary>What a watchdog has done.</summary>
public readonly record struct MemoryWatchdogStatistics
{
    public long Samples { get; init; }

    public long Transitions { get; init; }

    public long Reclaims { get; init; }

    public long RequestedBytes { get; init; }

    public long ReclaimedBytes { get; init; }

    public long BackgroundCollections { get; init; }

    public long AggressiveCollections { get; init; }

    public long ConsumerFailures { get; init; }

    public long CallbackFailures { get; init; }

    public long ProbeFailures { get; init; }
}
