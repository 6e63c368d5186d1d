namespace BoundedMemory.Tests.Ring;

/// <summary>An archive in memory that can be made to fail, to be slow, to take a part, or to refuse.</summary>
internal sealed class RecordingArchive<T> : IItemArchive<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _items = [];

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_gate)
            {
                return [.. _items];
            }
        }
    }

    /// <summary>What each write throws.</summary>
    public volatile Exception? Fault;

    /// <summary>Writes wait for it.</summary>
    public volatile TaskCompletionSource? Gate;

    public Func<T, bool> Refuses { get; set; } = _ => false;

    /// <summary>Items taken of a batch at most.</summary>
    public int AtMost { get; set; } = int.MaxValue;

    public int Flushes;

    public int Writes;

    public async ValueTask<ArchiveResult> WriteAsync(ReadOnlyMemory<T> items, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Writes);
        if (Gate is { } gate)
        {
            await gate.Task;
        }

        if (Fault is { } fault)
        {
            throw fault;
        }

        lock (_gate)
        {
            T[] taken = [.. items.Span[..Math.Min(AtMost, items.Length)]];
            T[] written = [.. taken.Where(item => !Refuses(item))];
            _items.AddRange(written);
            return new ArchiveResult(written.Length, taken.Length - written.Length);
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Flushes);
        return ValueTask.CompletedTask;
    }
}
