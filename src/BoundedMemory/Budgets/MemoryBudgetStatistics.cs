namespace BoundedMemory;

/// <summary>What a <see cref="MemoryBudget"/> holds and has done. Bytes, each figure of a moment of its own.</summary>
public readonly record struct MemoryBudgetStatistics
{
    /// <summary>Bytes in use: reserved, and granted to children.</summary>
    public long Used { get; init; }

    /// <summary>Its own limit; null: none but its ancestors'.</summary>
    public long? Limit { get; init; }

    /// <summary>Bytes in use here that nobody is asked to give back for others.</summary>
    public long GuaranteedBytes { get; init; }

    /// <summary>How full it is, from 0 to 1; 0 without a limit of its own.</summary>
    public double Utilization => Fullness.Of(Used, Limit);

    /// <summary>Reservations that found no room here, whoever was asked. Not those of a primitive that then made room by itself.</summary>
    public long Refusals { get; init; }

    /// <summary>Times a consumer was asked for memory because this budget was full.</summary>
    public long Reclaims { get; init; }

    /// <summary>Of these, how often the consumer's budget was as full afterwards as before: it threw, had nothing, said what is not true, or took as much again at once.</summary>
    public long ReclaimsInVain { get; init; }

    /// <summary>Consumers that threw when they were asked for anything, or gave an impossible answer.</summary>
    public long ConsumerFailures { get; init; }

    /// <summary>Bytes that consumers were asked for.</summary>
    public long RequestedBytes { get; init; }

    /// <summary>Bytes that were seen to be released for it; what a consumer took again meanwhile is missing.</summary>
    public long ReclaimedBytes { get; init; }
}
