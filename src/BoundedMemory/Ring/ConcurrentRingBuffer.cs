using System.Collections;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <summary>Keeps the newest items, by count, by bytes really retained on the heap, or both, for any number of threads. For one thread there is
/// <see cref="RingBuffer{T}"/>, with the same contract and without the lock.</summary>
/// <remarks>
/// <para><b>The bound, and what is lost.</b> As in <see cref="RingBuffer{T}"/>, for every reader at every moment.</para>
/// <para><b>Thread safety.</b> All members are thread-safe. Each reads or changes the ring under one short lock, so that what it returns is the ring at
/// one moment: a snapshot never tears, and an index is checked against the count that holds. Measuring, callbacks, disposal and the archive run under
/// no lock. Items of one thread are kept in the order in which it added them.</para>
/// <para><b>Complexity.</b> As in <see cref="RingBuffer{T}"/>; a full ring allocates nothing.</para>
/// </remarks>
/// <typeparam name="T">Type of the items.</typeparam>
/// <example>
/// <code>
/// using var log = new ConcurrentRingBuffer&lt;string&gt;(new() { MaxCount = 1000, MaxBytes = 1_000_000 });
/// log.Add("started");
/// string[] page = log.Newest(10);
/// </code>
/// </example>
[DebuggerDisplay("{Name,nq}: {Count} items, {Bytes} bytes")]
public sealed class ConcurrentRingBuffer<T> : IEnumerable<T>, IItemReclaimer, ITrimmable, IMeterSource<RingStatistics>, IDisposable
{
    private readonly RingCore<T> _core;

    /// <summary>Creates a ring.</summary>
    /// <param name="options">Its limits and behaviour; copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing, out of its range or contradicts another; the message names it, its value and its
    /// range (<see cref="ArgumentOutOfRangeException"/> where a value is out of its range).</exception>
    /// <exception cref="NotSupportedException">The ring counts bytes, and on this runtime items of this type cannot be measured without a
    /// <see cref="Sizer{T}"/> of yours.</exception>
    /// <exception cref="MemoryBudgetExceededException">The limit in bytes or the budget has no room for an empty ring.</exception>
    public ConcurrentRingBuffer(RingBufferOptions<T> options)
    {
        _core = new RingCore<T>(options, gate: new object());
        _core.Register(this);
    }

    /// <summary>The name from the options.</summary>
    public string Name => _core.Name;

    /// <summary>Items in the ring now; at most <see cref="MaxCount"/> at every moment.</summary>
    public int Count => _core.Count;

    /// <summary>Bytes in use now; at most <see cref="MaxBytes"/> at every moment. 0 in a ring that does not count bytes.</summary>
    public long Bytes => _core.Bytes;

    /// <summary>Limit in items, null if there is none; see <see cref="TryResize"/>.</summary>
    public int? MaxCount => _core.MaxCount;

    /// <summary>Limit in bytes, null if there is none; see <see cref="TryResize"/>.</summary>
    public long? MaxBytes => _core.MaxBytes;

    /// <summary>What the ring has done and holds.</summary>
    public RingStatistics Statistics => _core.Statistics;

    ReclaimPriority IMemoryReclaimer.Priority => ReclaimPriority.Conversation;

    long IMemoryReclaimer.UsedBytes => _core.Bytes;

    long IMemoryReclaimer.ReclaimableBytes => _core.ReclaimableBytes;

    /// <summary>An item by its age, now: what is added by others moves the ages. To walk through the ring, take a <see cref="Snapshot"/>.</summary>
    /// <param name="index">0 is the oldest, <c>Count - 1</c> the newest.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative, or not less than <see cref="Count"/>.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public T this[int index] => _core.ItemAt(index);

    /// <summary>Adds an item; the oldest ones are dropped to make room, or spilled to the archive.</summary>
    /// <param name="item">The item.</param>
    /// <returns>Whether it was added, or why not; a refused item leaves everything as it was.</returns>
    /// <exception cref="InvalidOperationException">The sizer returned a negative number.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public AddResult Add(T item) => _core.Add(item);

    /// <summary>Adds items one after the other, as <see cref="Add(T)"/> does; those of others may come in
    /// between. Where only the count is bounded, as one copy, with nothing in between.</summary>
    /// <param name="items">The items, oldest first; of more than there is room for, the first ones are added and dropped.</param>
    /// <returns>How many were added; the others were refused.</returns>
    /// <exception cref="InvalidOperationException">The sizer returned a negative number; the items before were added.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public int AddRange(ReadOnlySpan<T> items) => _core.AddRange(items);

    /// <summary>The oldest item.</summary>
    /// <param name="item">The item, if there is one.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public bool TryPeekOldest([MaybeNullWhen(false)] out T item) => _core.TryPeek(newest: false, out item);

    /// <summary>The newest item.</summary>
    /// <param name="item">The item, if there is one.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public bool TryPeekNewest([MaybeNullWhen(false)] out T item) => _core.TryPeek(newest: true, out item);

    /// <summary>Copies the newest items, oldest first.</summary>
    /// <param name="count">How many; at least 0. All, if there are fewer.</param>
    /// <returns>An array of the items copied.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public T[] Newest(int count) => _core.Newest(count);

    /// <summary>Copies as many of the newest items as fit, oldest first; allocates nothing.</summary>
    /// <param name="destination">Where to.</param>
    /// <returns>How many were copied.</returns>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public int CopyNewestTo(Span<T> destination) => _core.CopyNewestTo(destination);

    /// <summary>Copies all items, oldest first.</summary>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public T[] Snapshot() => _core.Newest(int.MaxValue);

    /// <summary>Drops all items that are there now; what others add meanwhile may stay. What has been spilled to the archive is still written.</summary>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public void Clear() => _core.Clear();

    /// <summary>Drops items, those first that wait for the archive, then the oldest, until so many bytes are given back.</summary>
    /// <param name="bytes">Bytes wanted; at least 0. In a ring that does not count bytes, an item counts as much as its slot.</param>
    /// <returns>Bytes given back; less than asked for only if nothing is left.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public long Trim(long bytes) => _core.Trim(bytes);

    /// <summary>Changes limits while the ring is in use; lowering one drops the oldest items that exceed it first (<see cref="RemovalCause.Trimmed"/>).</summary>
    /// <param name="maxBytes">New limit in bytes; null leaves it. 8,192 to <see cref="long.MaxValue"/>.</param>
    /// <param name="maxCount">New limit in items; null leaves it. 1 to 2,147,483,591.</param>
    /// <returns>True: both limits are in force. False: what the ring itself consists of, or a batch that is being written to the archive, does not allow
    /// it, and the limits are what they were, though items may have been dropped.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="maxBytes"/> is given, but the ring was created with neither a limit in bytes nor a
    /// budget, and does not count them.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public bool TryResize(long? maxBytes = null, int? maxCount = null) => _core.TryResize(maxBytes, maxCount);

    /// <summary>Hands the oldest items to the archive now, in the background, whether there are many or not.</summary>
    /// <param name="keepInMemory">Items, the newest ones, that stay; at least 0.</param>
    /// <returns>How many were handed over: fewer than there are if there is no room for more to wait.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="keepInMemory"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">The ring has no archive.</exception>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public int Spill(int keepInMemory = 0) => _core.Spill(keepInMemory);

    /// <summary>Waits until everything that was spilled so far is written and durable. An archive that has failed is tried again at once.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The ring has no archive.</exception>
    /// <exception cref="ObjectDisposedException">The ring is, or was meanwhile, disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was signalled.</exception>
    /// <exception cref="Exception">What the archive failed with. What was spilled still waits, and is written when that is possible.</exception>
    public Task FlushArchiveAsync(CancellationToken cancellationToken = default) => _core.FlushArchiveAsync(cancellationToken);

    /// <summary>Drops all items, with their cause, those included that still wait for the archive, and gives everything back; a batch that is just being
    /// written when that has ended. To keep them, call <see cref="Spill"/> and <see cref="FlushArchiveAsync"/> first. Later calls throw.</summary>
    public void Dispose() => _core.Dispose();

    /// <summary>Enumerates a snapshot, taken now: what changes meanwhile is not seen.</summary>
    /// <exception cref="ObjectDisposedException">The ring is disposed.</exception>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Snapshot()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    long IMemoryReclaimer.Reclaim(long targetBytes) => _core.Reclaim(targetBytes);

    long IItemReclaimer.Reclaim(long targetBytes, long atMost) => _core.Reclaim(targetBytes, atMost);
}
