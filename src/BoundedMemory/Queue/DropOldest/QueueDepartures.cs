using System.Buffers;

namespace BoundedMemory;

/// <summary>Items that have left under a lock, or by another's hand, and wait to be reported. Allocates nothing for one, and borrows for more.</summary>
/// <param name="isCollecting">Whether somebody wants the items, rather than their number.</param>
internal struct QueueDepartures<T>(bool isCollecting)
{
    /// <summary>Items reported after one hold of the lock, where more could leave: nobody waits for long, and what is borrowed stays small.</summary>
    public const int Batch = 64;

    private readonly bool _isCollecting = isCollecting;
    private DroppedItem<T> _first;
    private DroppedItem<T>[]? _others;
    private int _collected;

    /// <summary>How many have left.</summary>
    public int Count;

    /// <summary>What they were charged with.</summary>
    public long Bytes;

    public readonly bool HasItems => _collected > 0;

    public readonly ReadOnlySpan<DroppedItem<T>> Others => _others.AsSpan(0, Math.Max(0, _collected - 1));

    public readonly DroppedItem<T> First => _first;

    public void Add(T item, RemovalCause cause, long bytes)
    {
        Count++;
        Bytes += bytes;
        if (!_isCollecting)
        {
            return;
        }

        var dropped = new DroppedItem<T>(item, cause, bytes);
        if (_collected++ == 0)
        {
            _first = dropped;
            return;
        }

        int at = _collected - 2;
        if (_others is null || at == _others.Length)
        {
            DroppedItem<T>[] more = ArrayPool<DroppedItem<T>>.Shared.Rent(Math.Max(Batch, 2 * at));
            _others.AsSpan().CopyTo(more);
            Release();
            _others = more;
        }

        _others[at] = dropped;
    }

    /// <summary>After all have been reported: nothing keeps them alive.</summary>
    public void Release()
    {
        if (_others is not null)
        {
            ArrayPool<DroppedItem<T>>.Shared.Return(_others, clearArray: true);
            _others = null;
        }
    }
}
