namespace BoundedMemory;

/// <summary>What a <see cref="JsonLinesArchive{T}"/> has done and what it holds on disk.</summary>
public readonly record struct JsonLinesArchiveStatistics
{
    /// <summary>Items written.</summary>
    public long Written { get; init; }

    /// <summary>Items that could not be written and never will: they cannot be serialised, or their line is longer than a file may be.</summary>
    public long Refused { get; init; }

    /// <summary>Bytes of all files; at most the limit at every moment. 0 until the first item is written.</summary>
    public long Bytes { get; init; }

    /// <summary>Files.</summary>
    public int Files { get; init; }

    /// <summary>Files deleted to make room, the oldest first.</summary>
    public long FilesDeleted { get; init; }

    /// <summary>Bytes of the files deleted.</summary>
    public long BytesDeleted { get; init; }

    /// <summary>Lines without an end, which a process left behind that was killed while it wrote: cut off when writing goes on, skipped when read.</summary>
    public long TornLines { get; init; }

    /// <summary>Lines that were skipped when read because they are not an item.</summary>
    public long UnreadableLines { get; init; }

    /// <summary>Times the archive has made what it wrote durable.</summary>
    public long Flushes { get; init; }

    /// <summary>Writes and flushes that failed; nothing of such a write remains.</summary>
    public long Failures { get; init; }
}
