using BoundedMemory;

namespace Reproduce;

/// <summary>A ring; with an archive, what falls out of it goes to a file.</summary>
internal sealed class BoundedHistory<T> : IHistory<T>
{
    private readonly ConcurrentRingBuffer<T> _ring;
    private readonly JsonLinesArchive<T>? _archive;

    public BoundedHistory(RingBufferOptions<T> options, string? archiveDirectory)
    {
        if (archiveDirectory is not null)
        {
            options.Archive = _archive = new JsonLinesArchive<T>(new() { Directory = archiveDirectory });
        }

        _ring = new ConcurrentRingBuffer<T>(options);
        Bounds =
        [
            new Bound("bytes", options.MaxBytes!.Value, IsBytes: true, () => _ring.Bytes),
            new Bound("items", options.MaxCount!.Value, IsBytes: false, () => _ring.Count),
        ];
    }

    public long Entries => _ring.Count;

    public long? MaxBytes => _ring.MaxBytes;

    public IReadOnlyList<Bound> Bounds { get; }

    public Flow Flow
    {
        get
        {
            RingStatistics ring = _ring.Statistics;
            return new Flow(
                ring.Added,
                ring.Count + ring.Backlog,
                new Dictionary<string, long> { ["evicted"] = ring.Evicted, ["archived"] = ring.Archived, ["trimmed"] = ring.Trimmed },
                ring.RejectedTooLarge + ring.RejectedOverBudget + ring.RejectedSizeUnknown);
        }
    }

    public IEnumerable<T> All => _archive is null ? _ring : _archive.Read().Concat(_ring);

    public void Add(T item) => _ring.Add(item);

    public void Settle()
    {
        if (_archive is not null)
        {
            _ring.FlushArchiveAsync().GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        _ring.Dispose();
        _archive?.Dispose();
    }
}
