namespace BoundedMemory;

/// <summary>What a watchdog has done since it was created.</summary>
public readonly record struct MemoryWatchdogStatistics
{
    /// <summary>Samples taken.</summary>
    public long Samples { get; init; }

    /// <summary>Changes of level.</summary>
    public long Transitions { get; init; }

    /// <summary>Times <see cref="MemoryPressureLevel.Warning"/> was entered, from above or below.</summary>
    public long EnteredWarning { get; init; }

    /// <summary>Times <see cref="MemoryPressureLevel.Critical"/> was entered.</summary>
    public long EnteredCritical { get; init; }

    /// <summary>Times <see cref="MemoryPressureLevel.Abort"/> was entered.</summary>
    public long EnteredAbort { get; init; }

    /// <summary>Rounds in which consumers were asked for memory.</summary>
    public long Reclaims { get; init; }

    /// <summary>Bytes they were asked for.</summary>
    public long RequestedBytes { get; init; }

    /// <summary>Bytes they gave, by what they held before and after.</summary>
    public long ReclaimedBytes { get; init; }

    /// <summary>Collections of the whole heap beside the running threads that were induced.</summary>
    public long BackgroundCollections { get; init; }

    /// <summary>Collections that give all that is possible back to the system and were induced.</summary>
    public long AggressiveCollections { get; init; }

    /// <summary>Times a consumer threw, gave a number that cannot be, or less than half of what it said.</summary>
    public long ConsumerFailures { get; init; }

    /// <summary>Exceptions of callbacks.</summary>
    public long CallbackFailures { get; init; }

    /// <summary>Sources of figures that exist and could not be read, each time.</summary>
    public long ProbeFailures { get; init; }

    /// <summary>Times the runtime did not take the limit of the heap that <see cref="GcPolicy.Enforce"/> was to set.</summary>
    public long HardLimitFailures { get; init; }
}
