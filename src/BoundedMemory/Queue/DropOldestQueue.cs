using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>A queue that keeps its bound by dropping the oldest item: producers never wait, and readers always get the newest there is room for.</summary>
/// <remarks>
/// <para><b>The bound.</b> <c>Count &lt;= MaxCount</c> and <c>Bytes &lt;= MaxBytes</c> for every reader at every moment. Room is reserved, made by
/// dropping the oldest, and only then is the new item there. Bytes are measured (<see cref="ObjectSizer"/>) and include the items, the slots at
/// their real number and the queue itself; readers that wait and items on their way to a callback are not part of it.</para>
/// <para><b>What is lost.</b> The oldest item, when a newer one needs its place; a stale one; the older one of a key. Each is counted by its
/// <see cref="RemovalCause"/>, handed to <see cref="DropOldestQueueOptions{T}.Dropped"/>, and disposed if the queue is to do that. An item that is
/// refused is counted by its <see cref="AddResult"/>, stays the producer's, and leaves everything as it was. Always
/// <c>Enqueued = Dequeued + Dropped + Count</c>. A cancelled read loses nothing.</para>
/// <para><b>Order.</b> First in, first out: for the items of one producer exactly. A conflated item takes the place of the older one.</para>
/// <para><b>Thread safety.</b> All members are thread-safe, for any number of producers and readers. Callbacks, sizers and the disposal of items never
/// run under a lock; nothing a reader does runs on a producer's thread.</para>
/// <para><b>Complexity.</b> All operations on one item are O(1) (amortised where bytes are counted) and allocate nothing, nor does a wait. With only a
/// <c>MaxCount</c> of up to 65,536 no lock is taken (after D. Vyukov's bounded queue and the forced push of crossbeam's <c>ArrayQueue</c>), and the slots
/// are made at once; otherwise one lock is held briefly, and slots grow and shrink with the items.</para>
/// </remarks>
/// <typeparam name="T">Type of the items.</typeparam>
/// <example>
/// <code>
/// using var lines = new DropOldestQueue&lt;string&gt;(new() { MaxCount = 1000, MaxBytes = 1_000_000 });
/// lines.Enqueue("started");
/// string line = await lines.DequeueAsync();
/// </code>
/// </example>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue; ICollection is not what makes one.")]
[DebuggerDisplay("{Name,nq}: {Count} items, {Bytes} bytes")]
public sealed partial class DropOldestQueue<T> : IItemReclaimer, ITrimmable, IMeterSource<QueueStatistics>, IDisposable
{
    /// <summary>Those who wait for an item: one is woken for each item.</summary>
    private readonly WaitList _readers = new();

    /// <summary>Those who wait for there to be something, and may not take it: all are woken.</summary>
    private readonly WaitList _watchers = new();

    /// <summary>The items of a queue with only a small bound in items; else null.</summary>
    private readonly ForcePushRing<T>? _ring;

    /// <summary>The items of any other queue; else null.</summary>
    private readonly LockedQueue<T>? _locked;

    /// <summary>Items may retain something beyond their slots.</summary>
    private readonly bool _measures;

    private readonly Action<DroppedItem<T>>? _dropped;
    private readonly bool _disposesItems;
    private readonly QueueMeter _meter;
    private readonly WeakReference<IMeterSource<QueueStatistics>> _meterLink;

    /// <summary>Creates a queue.</summary>
    /// <param name="options">Its limits and behaviour; copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of its range; the message names it, its value and its range
    /// (<see cref="ArgumentOutOfRangeException"/> where a value is out of its range).</exception>
    /// <exception cref="NotSupportedException">The queue counts bytes, and on this runtime the size of items cannot be measured without a
    /// <see cref="Sizer{T}"/> of yours.</exception>
    /// <exception cref="MemoryBudgetExceededException">There is no room for an empty queue.</exception>
    public DropOldestQueue(DropOldestQueueOptions<T> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowFirst(DropOldestQueueOptionsValidator<T>.FindErrors(options));
        Name = options.Name;
        _dropped = options.Dropped;
        _disposesItems = options.DisposeItems;
        if (options is { MaxBytes: null, Budget: null, MaxAge: null, ConflateBy: null, MaxCount: <= QueueLimits.MostSlotsAtOnce })
        {
            _ring = new ForcePushRing<T>((int)options.MaxCount.Value, _readers, _watchers);
        }
        else
        {
            _locked = new LockedQueue<T>(options, _readers, _watchers);
        }

        _measures = _locked is { Bytes.AreCounted: true }
            && (options.ItemSizer is not null || RuntimeHelpers.IsReferenceOrContainsReferences<T>() || typeof(IHasSize).IsAssignableFrom(typeof(T)));
        _meter = QueueMeter.For(options.MeterFactory);
        _meterLink = _meter.Add(this);
        _locked?.Bytes.Register(this);
    }

    /// <summary>The name from the options.</summary>
    public string Name { get; }

    /// <summary>Items held now; at most <see cref="MaxCount"/> at every moment. Items that are stale count until somebody reads or adds.</summary>
    public long Count => _ring?.Count ?? _locked!.Count;

    /// <summary>Bytes in use now, everything the queue consists of included; at most <see cref="MaxBytes"/> at every moment. 0 in a queue that does not
    /// count bytes.</summary>
    public long Bytes => _locked?.UsedBytes ?? 0;

    /// <summary>Limit in items, null if there is none; see <see cref="TryResize"/>.</summary>
    public long? MaxCount => _ring is not null ? _ring.Capacity : _locked!.MaxCount is var most && most != QueueLimits.MostItems ? most : null;

    /// <summary>Limit in bytes, null if there is none; see <see cref="TryResize"/>.</summary>
    public long? MaxBytes => _locked is null || _locked.Bytes.Limit == long.MaxValue ? null : _locked.Bytes.Limit;

    ReclaimPriority IMemoryReclaimer.Priority => ReclaimPriority.Conversation;

    long IMemoryReclaimer.UsedBytes => Bytes;

    long IMemoryReclaimer.ReclaimableBytes => _locked?.ItemBytes ?? 0;

    /// <summary>Adds an item; the oldest ones leave if it needs their room. Never waits.</summary>
    /// <param name="item">The item.</param>
    /// <returns>Whether it was added, or why not, and how much left for it.</returns>
    /// <exception cref="InvalidOperationException">The sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public EnqueueResult Enqueue(T item)
    {
        if (_ring is null)
        {
            return EnqueueLocked(item, wantsDropped: false, out _);
        }

        Pushed pushed = _ring.Push(item, out T? displaced);
        if (pushed == Pushed.Added)
        {
            return default;
        }

        if (pushed == Pushed.Closed)
        {
            return Refuse(AddResult.Completed);
        }

        if (Reports)
        {
            ReportEvicted(displaced!);
        }

        return new EnqueueResult(AddResult.Added, 1, 0);
    }

    /// <summary>Adds an item, as <see cref="Enqueue(T)"/> does, and returns what was dropped for it.</summary>
    /// <param name="item">The item.</param>
    /// <param name="dropped">The first item that was dropped for it; the result says how many there were. It is handed to
    /// <see cref="DropOldestQueueOptions{T}.Dropped"/> too, but not disposed by the queue.</param>
    /// <returns>Whether it was added, or why not, and how much left for it.</returns>
    /// <exception cref="InvalidOperationException">The sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public EnqueueResult Enqueue(T item, out T? dropped)
    {
        if (_ring is null)
        {
            return EnqueueLocked(item, wantsDropped: true, out dropped);
        }

        Pushed pushed = _ring.Push(item, out dropped);
        if (pushed == Pushed.AddedForOldest)
        {
            Report(new DroppedItem<T>(dropped!, RemovalCause.Evicted, 0), disposes: false);
        }

        return pushed == Pushed.Closed ? Refuse(AddResult.Completed) : new EnqueueResult(AddResult.Added, pushed == Pushed.AddedForOldest ? 1 : 0, 0);
    }

    /// <summary>Removes the oldest item.</summary>
    /// <param name="item">The item, if there was one that is not stale.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        bool isThere = _ring?.TryPop(out item!) ?? TryDequeueLocked(out item!);
        if (!isThere)
        {
            ThrowIfDisposed();
        }
        else if (_isCompleted)
        {
            EndIfDrained();
        }

        return isThere;
    }

    /// <summary>Removes the oldest items, as many as are there and fit, at the cost of little more than one.</summary>
    /// <param name="items">Where they go, oldest first.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public int DequeueBatch(Span<T> items)
    {
        int count = _ring?.Pop(items) ?? DequeueLocked(items);
        if (count == 0)
        {
            ThrowIfDisposed();
        }
        else if (_isCompleted)
        {
            EndIfDrained();
        }

        return count;
    }

    /// <summary>Reads the oldest item and leaves it there.</summary>
    /// <param name="item">The item, if there was one that is not stale.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        ThrowIfDisposed();
        return _ring?.TryPeek(out item!) ?? TryPeekLocked(out item!);
    }

    /// <summary>The items, oldest first, without removing them. O(n).</summary>
    /// <returns>Those that were there at one moment and are not stale; in a queue without a lock, those of one moment that have not left before a
    /// second one, without gaps.</returns>
    /// <exception cref="ObjectDisposedException">The queue is disposed.</exception>
    public T[] Snapshot()
    {
        ThrowIfDisposed();
        return _ring is null ? _locked!.Snapshot() : _ring.Snapshot();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
}
