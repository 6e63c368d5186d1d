namespace BoundedMemory;

/// <summary>What a window has done and what it holds, as of one moment. Exact.</summary>
/// <remarks><c>Appended = Count + Evicted + Oversize + Incomplete + Trimmed + Cleared</c> (a summary is not counted),
/// <c>AppendedBytes = MessageBytes + TruncatedBytes + EmptiedBytes + DroppedBytes</c>.</remarks>
public readonly record struct ConversationWindowStatistics
{
    /// <summary>Messages appended; of a window of a store, also those that were loaded into it.</summary>
    public long Appended { get; init; }

    /// <summary>Messages dropped because a cap was reached.</summary>
    public long Evicted { get; init; }

    /// <summary>Messages dropped because their group had become too large for the window.</summary>
    public long Oversize { get; init; }

    /// <summary>Messages dropped because their group was closed while calls had no answer.</summary>
    public long Incomplete { get; init; }

    /// <summary>Messages dropped because memory was asked back.</summary>
    public long Trimmed { get; init; }

    /// <summary>Messages dropped by <c>Clear</c> or <c>Dispose</c>.</summary>
    public long Cleared { get; init; }

    /// <summary>How often texts of a message were truncated.</summary>
    public long Truncated { get; init; }

    /// <summary>Messages whose content was dropped while they stayed.</summary>
    public long Emptied { get; init; }

    /// <summary>Bytes of the messages appended, as they came.</summary>
    public long AppendedBytes { get; init; }

    /// <summary>Bytes that truncation has freed.</summary>
    public long TruncatedBytes { get; init; }

    /// <summary>Bytes that placeholders in place of contents have freed; negative where they are larger.</summary>
    public long EmptiedBytes { get; init; }

    /// <summary>Bytes of the messages dropped, as they were then.</summary>
    public long DroppedBytes { get; init; }

    /// <summary>Bytes of the messages held now.</summary>
    public long MessageBytes { get; init; }

    /// <summary>Bytes of the summary held now.</summary>
    public long SummaryBytes { get; init; }

    /// <summary>Messages and summaries refused because they, with what must not leave, exceed a cap.</summary>
    public long RejectedTooLarge { get; init; }

    /// <summary>Messages and summaries refused because others have exhausted the budget.</summary>
    public long RejectedOverBudget { get; init; }

    /// <summary>Messages and summaries refused because they could not be measured.</summary>
    public long RejectedSizeUnknown { get; init; }

    /// <summary>Results refused because no call waits for them.</summary>
    public long RejectedOrphans { get; init; }

    /// <summary>Exceptions thrown by <c>Dropped</c>.</summary>
    public long CallbackFailures { get; init; }

    /// <summary>Messages held now, with or without content; without the summary.</summary>
    public long Count { get; init; }

    /// <summary>Bytes in use now, everything the window consists of included.</summary>
    public long Bytes { get; init; }

    /// <summary>Tokens of the messages held now, the summary included; null without a <see cref="TokenCounter"/>.</summary>
    public int? Tokens { get; init; }

    /// <summary>Limit in messages.</summary>
    public int MaxMessages { get; init; }

    /// <summary>Limit in bytes.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Limit in tokens; null if there is none.</summary>
    public int? MaxTokens { get; init; }
}
