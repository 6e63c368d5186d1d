using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>What became of an item that was to be pushed.</summary>
internal enum Pushed
{
    Added,
    AddedForOldest,
    Closed,
}

/// <summary>A ring of a fixed number of slots into which any number of threads push and from which any number pop, without a lock; a push into the full
/// ring takes the place of the oldest item.</summary>
/// <remarks>
/// <para>Descends from D. Vyukov's bounded MPMC queue, whose slots carry the position they are ready for, and from the forced push of crossbeam's
/// <c>ArrayQueue</c>. Every item has exactly one owner at every moment, so each is popped or displaced once.</para>
/// <para><b>Positions.</b> A word is <c>lap | index | flags</c>: the index needs no division, and any capacity will do. Position <c>p</c> of slot <c>i</c>:
/// stamp <c>p</c> means free for a push at <c>p</c>; <c>p + 1</c>, holding the item pushed at <c>p</c>. A pop leaves the position one lap on.</para>
/// <para><b>Ordering.</b> Who changes head or tail by compare-and-swap owns the slot; the stamp is read before it (acquire) and written after the
/// item (release), so who sees the stamp sees the item, and who sees the slot free sees that it is empty.</para>
/// <para><b>The forced push</b> claims the oldest item by moving the head, and with it the slot, which is the one that the tail points to. Until it
/// has stored the tail and the stamp nobody else gets past this position: others who push find a stamp that is neither free nor a full ring, and
/// wait. So the tail is stored plainly, and the count of displaced items beside it is incremented plainly; the tail's store (release), and the next pusher's load of it
/// (acquire), order both for him.</para>
/// <para><b>Flags that such a store may erase.</b> <see cref="Closed"/> and the two of those who wait are raised in the tail by others. Whoever raises one
/// checks that no forced push is between its two steps at that position: its slot is then either free for the position (<c>stamp == p</c>), after
/// which only a compare-and-swap of the tail gets there, or the head has not moved, and is closed. See <see cref="MaySleep"/> and
/// <see cref="Close"/>.</para>
/// <para><b>Not wait-free.</b> A thread that is preempted between its claim and its stamp holds up those who come to that slot: they spin, and yield.</para>
/// </remarks>
internal sealed class ForcePushRing<T>
{
    /// <summary>In the tail: somebody waits to pop. Lowered by who wakes the last.</summary>
    public const long ReaderWaits = 1;

    /// <summary>In the tail: somebody waits to be told that there is something.</summary>
    public const long WatcherWaits = 2;

    /// <summary>In head and tail: nothing is pushed any more.</summary>
    private const long Closed = 4;

    private const long Flags = 7;
    private const int FlagBits = 3;
    private const long Step = 1L << FlagBits;

    /// <summary>Iterations of the pause of who finds nothing: some tens of nanoseconds.</summary>
    private const int EmptyPause = 2;

    /// <summary>Added to a position: the slot holds an item.</summary>
    private const long Full = 1;

    private readonly Slot[] _slots;
    private readonly int _capacity;

    /// <summary>What a lap adds to a word.</summary>
    private readonly long _lap;

    private readonly WaitList _readers;
    private readonly WaitList _watchers;

    private Ends _ends;

    public ForcePushRing(int capacity, WaitList readers, WaitList watchers)
    {
        _capacity = capacity;
        _lap = (long)BitOperations.RoundUpToPowerOf2((uint)capacity) << FlagBits;
        (_readers, _watchers) = (readers, watchers);
        _slots = new Slot[capacity];
        for (int i = 0; i < capacity; i++)
        {
            _slots[i].Stamp = (long)i << FlagBits;
        }
    }

    public int Capacity => _capacity;

    /// <summary>Items that are there or being pushed: exact while nothing else happens.</summary>
    public long Count
    {
        get
        {
            // The head first: it never passes the tail, which only grows meanwhile.
            long head = PositionOf(Volatile.Read(ref _ends.Head));
            return Math.Min(_capacity, PositionOf(Volatile.Read(ref _ends.Tail)) - head);
        }
    }

    /// <summary>After <see cref="Close"/>: whether everything has left, for good.</summary>
    public bool IsEmpty => (Volatile.Read(ref _ends.Head) & ~Flags) == (Volatile.Read(ref _ends.Tail) & ~Flags);

    /// <summary>Adds an item; if the ring is full, in the place of the oldest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Pushed Push(T item, out T? displaced)
    {
        var spin = new SpinWait();
        while (true)
        {
            long tail = Volatile.Read(ref _ends.Tail);
            if ((tail & Closed) != 0)
            {
                displaced = default;
                return Pushed.Closed;
            }

            long at = tail & ~Flags;
            ref Slot slot = ref SlotAt(at);
            long stamp = Volatile.Read(ref slot.Stamp);
            if (stamp == at)
            {
                if (Interlocked.CompareExchange(ref _ends.Tail, Next(at) | (tail & Flags), tail) == tail)
                {
                    slot.Item = item;
                    Volatile.Write(ref slot.Stamp, at + Full);
                    displaced = default;
                    if ((tail & Flags) != 0)
                    {
                        Wake(tail);
                    }

                    return Pushed.Added;
                }
            }
            else if (stamp == at - _lap + Full)
            {
                long head = Volatile.Read(ref _ends.Head);
                if ((head & ~Flags) == at - _lap)
                {
                    if ((head & Closed) != 0)
                    {
                        displaced = default;
                        return Pushed.Closed;
                    }

                    if (Interlocked.CompareExchange(ref _ends.Head, Next(head), head) == head)
                    {
                        // Alone here until the tail and the stamp are stored.
                        _ends.Displaced++;
                        Volatile.Write(ref _ends.Tail, Next(at) | (tail & Flags));
                        displaced = slot.Item;
                        slot.Item = item;
                        Volatile.Write(ref slot.Stamp, at + Full);
                        if ((tail & Flags) != 0)
                        {
                            Wake(tail);
                        }

                        return Pushed.AddedForOldest;
                    }

                    continue;
                }

                // Its reader, or another forced push, has not finished yet.
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    /// <summary>Removes the oldest item; false if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPop(out T? item)
    {
        var spin = new SpinWait();
        while (true)
        {
            long head = Volatile.Read(ref _ends.Head);
            long at = head & ~Flags;
            ref Slot slot = ref SlotAt(at);
            long stamp = Volatile.Read(ref slot.Stamp);
            if (stamp == at + Full)
            {
                if (Interlocked.CompareExchange(ref _ends.Head, Next(at) | (head & Flags), head) == head)
                {
                    item = slot.Item;
                    if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
                    {
                        slot.Item = default;
                    }

                    Volatile.Write(ref slot.Stamp, at + _lap);
                    return true;
                }
            }
            else if (stamp == at && (Volatile.Read(ref _ends.Tail) & ~Flags) == at)
            {
                // The head was here before, and never passes the tail: empty. Who asks again at once would take the next slot's memory away from
                // whoever is writing to it: a pause lets some items gather.
                Thread.SpinWait(EmptyPause);
                item = default;
                return false;
            }
            else if (stamp == at || stamp == at - _lap + Full)
            {
                // It is being pushed, in its first step or in its second.
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    /// <summary>Removes up to so many of the oldest items, as many at once as are there.</summary>
    public int Pop(Span<T> items)
    {
        while (items.Length > 0)
        {
            long head = Volatile.Read(ref _ends.Head);
            long at = head & ~Flags;
            int ready = 0;
            long end = at;
            while (ready < items.Length && ready < _capacity && Volatile.Read(ref SlotAt(end).Stamp) == end + Full)
            {
                ready++;
                end = Next(end);
            }

            if (ready == 0)
            {
                if (!TryPop(out items[0]!))
                {
                    return 0;
                }

                return 1;
            }

            if (Interlocked.CompareExchange(ref _ends.Head, end | (head & Flags), head) == head)
            {
                for (int i = 0; i < ready; i++, at = Next(at))
                {
                    ref Slot slot = ref SlotAt(at);
                    items[i] = slot.Item!;
                    if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
                    {
                        slot.Item = default;
                    }

                    Volatile.Write(ref slot.Stamp, at + _lap);
                }

                return ready;
            }
        }

        return 0;
    }

    /// <summary>Reads the oldest item and leaves it there; false if there is none.</summary>
    public bool TryPeek(out T? item)
    {
        var spin = new SpinWait();
        while (true)
        {
            long at = Volatile.Read(ref _ends.Head) & ~Flags;
            if (TryRead(at, out item))
            {
                return true;
            }

            if ((Volatile.Read(ref _ends.Head) & ~Flags) == at && (Volatile.Read(ref _ends.Tail) & ~Flags) == at)
            {
                item = default;
                return false;
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>The items that were there when this began and are still there when it ends, oldest first.</summary>
    public T[] Snapshot()
    {
        var items = new List<T>();
        long tail = Volatile.Read(ref _ends.Tail) & ~Flags;
        long head = Volatile.Read(ref _ends.Head) & ~Flags;
        long first = head;
        var spin = new SpinWait();
        for (long at = head; at < tail;)
        {
            if (TryRead(at, out T? item))
            {
                items.Add(item!);
                at = Next(at);
                continue;
            }

            head = Volatile.Read(ref _ends.Head) & ~Flags;
            if (head > at)
            {
                items.Clear();
                first = at = head;
            }
            else
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }

        long gone = PositionOf(Volatile.Read(ref _ends.Head)) - PositionOf(first);
        items.RemoveRange(0, (int)Math.Min(items.Count, gone));
        return [.. items];
    }

    /// <summary>Whether who has enlisted may wait: there is nothing, and whoever pushes from now on sees the flag that says that somebody waits.</summary>
    /// <remarks>The flag is raised by an interlocked operation that also tells the tail. If the ring is empty up to there and the slot is free for a
    /// push at that position, the next push moves the tail by compare-and-swap, and finds the flag in what it swaps. If the slot is not free, a
    /// forced push may be about to store a tail that it read before the flag was there: look again.</remarks>
    public bool MaySleep(long flag)
    {
        var spin = new SpinWait();
        while (true)
        {
            long tail = Interlocked.Or(ref _ends.Tail, flag);
            long at = tail & ~Flags;
            if ((tail & Closed) != 0 || (Volatile.Read(ref _ends.Head) & ~Flags) != at)
            {
                return false;
            }

            if (Volatile.Read(ref SlotAt(at).Stamp) == at)
            {
                return true;
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Nothing is pushed any more once this returns; what is there can be popped.</summary>
    /// <remarks>Closing the head first lets no further forced push begin. One that has begun may store a tail without the flag: it is waited for. Where
    /// the head is a lap behind the tail none has begun at this position, and none will.</remarks>
    public void Close()
    {
        Interlocked.Or(ref _ends.Head, Closed);
        var spin = new SpinWait();
        while (true)
        {
            long at = Interlocked.Or(ref _ends.Tail, Closed) & ~Flags;
            if ((Volatile.Read(ref _ends.Head) & ~Flags) == at - _lap || Volatile.Read(ref SlotAt(at).Stamp) == at)
            {
                return;
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Items pushed, items that have left, and how many of these were displaced, all of one moment, if one is found in which none is being
    /// displaced; else an item that is being displaced may be counted with those that were popped.</summary>
    public (long Pushed, long Left, long Displaced) Totals()
    {
        var spin = new SpinWait();
        for (int tries = 0; ; tries++)
        {
            long head = Volatile.Read(ref _ends.Head);
            long tail = Volatile.Read(ref _ends.Tail) & ~Flags;
            long displaced = Volatile.Read(ref _ends.Displaced);
            long stamp = Volatile.Read(ref SlotAt(tail).Stamp);
            bool isBetweenSteps = stamp == tail - _lap + Full && (head & ~Flags) != tail - _lap;
            bool isOneMoment = Volatile.Read(ref _ends.Head) == head && (Volatile.Read(ref _ends.Tail) & ~Flags) == tail;
            if (isOneMoment && (!isBetweenSteps || tries > MostTries))
            {
                return (PositionOf(tail), PositionOf(head), displaced);
            }

            if (tries > 16)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    private const int MostTries = 1000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot SlotAt(long word) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), (nint)((word & (_lap - 1)) >> FlagBits));

    /// <summary>The word of the next position, its flags included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Next(long word)
    {
        long index = (word & (_lap - 1)) >> FlagBits;
        return index + 1 < _capacity ? word + Step : (word & (~(_lap - 1) | Flags)) + _lap;
    }

    /// <summary>The number of positions before this one.</summary>
    private long PositionOf(long word) => (word / _lap * _capacity) + ((word & (_lap - 1)) >> FlagBits);

    /// <summary>Reads the item of a position, if it was pushed and had not left when it was read.</summary>
    /// <remarks>The item of a position is overwritten only after the head has passed it: who reads the head after the item, and finds it
    /// has not, has read the whole item, of whatever size.</remarks>
    private bool TryRead(long at, out T? item)
    {
        ref Slot slot = ref SlotAt(at);
        if (Volatile.Read(ref slot.Stamp) == at + Full)
        {
            item = slot.Item;
            Volatile.ReadBarrier();
            if ((Volatile.Read(ref _ends.Head) & ~Flags) <= at)
            {
                return true;
            }
        }

        item = default;
        return false;
    }

    /// <summary>After the push: its item is there for whoever is woken.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Wake(long tail)
    {
        if ((tail & ReaderWaits) != 0)
        {
            _readers.WakeOne(ref _ends.Tail, ReaderWaits);
        }

        if ((tail & WatcherWaits) != 0)
        {
            _watchers.WakeAll(ref _ends.Tail, WatcherWaits);
        }
    }

    private struct Slot
    {
        public long Stamp;
        public T? Item;
    }
}

/// <summary>Both ends of a ring, each on cache lines of its own, also where the processor fetches two at a time.</summary>
[StructLayout(LayoutKind.Explicit, Size = 384)]
internal struct Ends
{
    /// <summary>The oldest item's position. Changed by compare-and-swap only.</summary>
    [FieldOffset(128)]
    public long Head;

    /// <summary>The position of the next push.</summary>
    [FieldOffset(256)]
    public long Tail;

    /// <summary>Items displaced by forced pushes; written by whoever is between the two steps of one.</summary>
    [FieldOffset(264)]
    public long Displaced;
}
