using System.Text.Json.Serialization;

namespace BoundedMemory;

/// <summary>What a ring has done and what it holds.</summary>
/// <remarks><c>Added = Count + Backlog + Archived + ArchiveRefused + Evicted + Trimmed + Cleared + Disposed</c>. Of a <see cref="RingBuffer{T}"/> they
/// may be read from any thread, and are then as of some moment during the operation under way.</remarks>
public readonly record struct RingStatistics
{
    /// <summary>Items added.</summary>
    public long Added { get; init; }

    /// <summary>Items dropped to make room, the oldest first. In a ring with an archive: those that were lost because the archive failed or was too slow.</summary>
    public long Evicted { get; init; }

    /// <summary>Items dropped because memory was asked back or a limit was lowered.</summary>
    public long Trimmed { get; init; }

    /// <summary>Items dropped by <c>Clear</c>.</summary>
    public long Cleared { get; init; }

    /// <summary>Items dropped by <c>Dispose</c>, those included that still waited for the archive.</summary>
    public long Disposed { get; init; }

    /// <summary>Items refused because they alone exceed the limit in bytes.</summary>
    public long RejectedTooLarge { get; init; }

    /// <summary>Items refused because others have exhausted the budget.</summary>
    public long RejectedOverBudget { get; init; }

    /// <summary>Items refused because they could not be measured.</summary>
    public long RejectedSizeUnknown { get; init; }

    /// <summary>Exceptions thrown by the callback and by the disposal of items.</summary>
    public long CallbackFailures { get; init; }

    /// <summary>Items in the ring now.</summary>
    public int Count { get; init; }

    /// <summary>Bytes in use now, everything the ring consists of and what waits for the archive included; 0 in a ring that does not count bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Of these, bytes that are not items: the arrays and what else the ring consists of.</summary>
    public long OverheadBytes { get; init; }

    /// <summary>Limit in items, <see cref="Backlog"/> included; null if there is none.</summary>
    public int? MaxCount { get; init; }

    /// <summary>Limit in bytes; null if there is none.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Items spilled that wait for the archive or are being written; still part of both limits.</summary>
    public int Backlog { get; init; }

    /// <summary>Items the archive has taken.</summary>
    public long Archived { get; init; }

    /// <summary>Items the archive has refused for good, because they cannot be written, and which are lost.</summary>
    public long ArchiveRefused { get; init; }

    /// <summary>Writes to the archive that failed; the items of each were kept and written again, as long as there was room for them.</summary>
    public long ArchiveFailures { get; init; }

    /// <summary>What the archive failed with when it was last written to; null while it works. No part of it as JSON: an exception may tell what was to be written.</summary>
    [JsonIgnore]
    public Exception? ArchiveFault { get; init; }
}
