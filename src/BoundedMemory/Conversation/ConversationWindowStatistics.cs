#pragma warning disable CS1591, CA1711, IDE0060 // Skeleton.
namespace BoundedMemory;

/// <summary>What a window has done and what it holds.</summary>
/// <remarks><c>Appended = Count + Evicted + Oversize + Incomplete + Trimmed + Cleared</c> (the summary is not counted),
/// <c>AppendedBytes = MessageBytes + TruncatedBytes + EmptiedBytes + DroppedBytes</c>.</remarks>
public readonly record struct ConversationWindowStatistics
{
    public long Appended { get; init; }

    public long Evicted { get; init; }

    public long Oversize { get; init; }

    public long Incomplete { get; init; }

    public long Trimmed { get; init; }

    public long Cleared { get; init; }

    public long Truncated { get; init; }

    public long Emptied { get; init; }

    public long AppendedBytes { get; init; }

    public long TruncatedBytes { get; init; }

    public long EmptiedBytes { get; init; }

    public long DroppedBytes { get; init; }

    public long MessageBytes { get; init; }

    public long RejectedTooLarge { get; init; }

    public long RejectedOverBudget { get; init; }

    public long RejectedSizeUnknown { get; init; }

    public long RejectedOrphans { get; init; }

    public long CallbackFailures { get; init; }

    public long Count { get; init; }

    public long Bytes { get; init; }

    public int? Tokens { get; init; }

    public int MaxMessages { get; init; }

    public long MaxBytes { get; init; }

    public int? MaxTokens { get; init; }
}
