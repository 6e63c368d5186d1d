namespace BoundedMemory;

/// <summary>When a <see cref="JsonLinesArchive{T}"/> makes what it has written durable.</summary>
public enum JsonLinesFlush
{
    /// <summary>When asked (<see cref="JsonLinesArchive{T}.FlushAsync"/>), and when a file is full or the archive is disposed. What was written before that is with
    /// the operating system: it survives the death of the process, not that of the machine.</summary>
    OnRequest,

    /// <summary>After every batch as well: each costs a round trip to the disk.</summary>
    EachBatch,
}

/// <summary>Where a <see cref="JsonLinesArchive{T}"/> writes and what it is bounded by. Copied when an archive is created.</summary>
public sealed class JsonLinesArchiveOptions
{
    /// <summary>Directory of the files; created when the first item is written. May hold other files, and other archives with another
    /// <see cref="FilePrefix"/>.</summary>
    /// <value>Must be set.</value>
    public string Directory { get; set; } = "";

    /// <summary>How the names of the files begin: <c>items-0000000001-20260131235959.jsonl</c>, with a running number and the time of creation, UTC.</summary>
    /// <value>Default <c>"items"</c>; not empty, nothing that a file name must not contain.</value>
    public string FilePrefix { get; set; } = "items";

    /// <summary>Bytes of all files of the archive together. The oldest files are deleted before more would be written.</summary>
    /// <value>Default 100,000,000. 4,096 to <see cref="long.MaxValue"/>.</value>
    public long MaxBytes { get; set; } = 100_000_000;

    /// <summary>Files of the archive.</summary>
    /// <value>Default 10. 2 to 10,000.</value>
    public int MaxFiles { get; set; } = 10;

    /// <summary>Bytes of a file, after which the next is begun. An item whose line is longer cannot be archived.</summary>
    /// <value>Default null: <see cref="MaxBytes"/> by <see cref="MaxFiles"/>. 256 to half of <see cref="MaxBytes"/>.</value>
    public long? MaxFileBytes { get; set; }

    /// <summary>Age of a file after which the next item begins another.</summary>
    /// <value>Default null: any. 1 s to 36,525 days.</value>
    public TimeSpan? MaxFileAge { get; set; }

    /// <summary>When what has been written is made durable.</summary>
    /// <value>Default <see cref="JsonLinesFlush.OnRequest"/>.</value>
    public JsonLinesFlush Flush { get; set; }

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>What is wrong with the options.</summary>
    internal IEnumerable<OptionError> FindErrors() =>
    [
        .. OptionErrors.When(string.IsNullOrWhiteSpace(Directory), nameof(Directory), Directory, "must be set"),
        .. OptionErrors.When(
            string.IsNullOrWhiteSpace(FilePrefix) || FilePrefix.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || FilePrefix.Contains('*', StringComparison.Ordinal)
            || FilePrefix.Contains('?', StringComparison.Ordinal),
            nameof(FilePrefix), FilePrefix, "must not be empty nor contain what a file name must not"),
        .. OptionErrors.Range<long>(nameof(MaxBytes), MaxBytes, 4096, long.MaxValue),
        .. OptionErrors.Range<int>(nameof(MaxFiles), MaxFiles, 2, 10_000),
        .. OptionErrors.Range(nameof(MaxFileBytes), MaxFileBytes, 256, Math.Max(256, MaxBytes / 2)),
        .. OptionErrors.When(
            MaxFileBytes is null && MaxBytes / Math.Max(1, MaxFiles) < 256,
            nameof(MaxFiles), MaxFiles, $"must leave 256 bytes of {nameof(MaxBytes)} to each file"),
        .. OptionErrors.Range(nameof(MaxFileAge), MaxFileAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(36_525)),
        .. OptionErrors.Defined(nameof(Flush), Flush),
        .. OptionErrors.When(TimeProvider is null, nameof(TimeProvider), null, "must be set"),
    ];
}
