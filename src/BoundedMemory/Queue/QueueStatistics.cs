namespace BoundedMemory;

/// <summary>What a queue has done and what it holds.</summary>
/// <remarks><c>Enqueued = Dequeued + Dropped + Count</c>, and <c>Dropped</c> is the sum of its causes, in every snapshot.</remarks>
public readonly record struct QueueStatistics
{
    /// <summary>Items added.</summary>
    public long Enqueued { get; init; }

    /// <summary>Items handed to readers.</summary>
    public long Dequeued { get; init; }

    /// <summary>Items that left otherwise than to a reader.</summary>
    public long Dropped => Evicted + Expired + Trimmed + Replaced + Cleared + Disposed;

    /// <summary>Items dropped to make room for newer ones.</summary>
    public long Evicted { get; init; }

    /// <summary>Items that had waited too long.</summary>
    public long Expired { get; init; }

    /// <summary>Items dropped because memory was asked back.</summary>
    public long Trimmed { get; init; }

    /// <summary>Items that a newer one with their key replaced.</summary>
    public long Replaced { get; init; }

    /// <summary>Items dropped by <c>Clear</c>.</summary>
    public long Cleared { get; init; }

    /// <summary>Items dropped by <c>Dispose</c>.</summary>
    public long Disposed { get; init; }

    /// <summary>Items refused because they alone exceed the limit in bytes.</summary>
    public long RejectedTooLarge { get; init; }

    /// <summary>Items refused because others had exhausted the budget.</summary>
    public long RejectedOverBudget { get; init; }

    /// <summary>Items refused because they could not be measured.</summary>
    public long RejectedSizeUnknown { get; init; }

    /// <summary>Items refused because the queue was completed.</summary>
    public long RejectedCompleted { get; init; }

    /// <summary>Exceptions thrown by callbacks and by the disposal of items.</summary>
    public long CallbackFailures { get; init; }

    /// <summary>Readers that wait now.</summary>
    public int Waiting { get; init; }

    /// <summary>Items held now.</summary>
    public long Count { get; init; }

    /// <summary>Bytes in use now, everything the queue consists of included; 0 in a queue that does not count bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Of these, bytes that are not items: the slots and what else the queue consists of.</summary>
    public long OverheadBytes { get; init; }

    /// <summary>Limit in bytes; null if there is none.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Limit in items; null if there is none.</summary>
    public long? MaxCount { get; init; }

    /// <summary>How full the fullest limit is, from 0 to 1.</summary>
    public double Utilization => Math.Max(Fullness.Of(Bytes, MaxBytes), Fullness.Of(Count, MaxCount));
}
