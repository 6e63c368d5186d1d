using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>Items in the order of arrival in an array that grows and shrinks, under one lock: for a queue that counts bytes, age or keys.</summary>
/// <remarks>
/// <para>Whatever the queue holds has been taken from <see cref="ItemBytes{T}"/> before: an item before it is stored, arrays before they are made,
/// the old ones beside the new until these are filled. Room for an item is first made sure of, then made, and what the leaving items give up goes to
/// the new one without being free in between: nobody slips in, and nothing leaves in vain.</para>
/// <para>No user code runs under the lock, but for the comparer of keys. Departures are reported by the caller.</para>
/// <para><b>Ordering.</b> <see cref="Count"/> is written under the lock and read without it, by readers who then know whether it is worth taking.
/// Whether somebody waits is read under the lock, as are the conditions of <see cref="MaySleep"/>: see <see cref="WaitList"/>.</para>
/// </remarks>
internal sealed partial class LockedQueue<T> : IDisposable
{
    private const int LeastSlots = 4;

    /// <summary>Room for some small items; little beside the 64 KB that a budget grants its children at a time.</summary>
    private const long MostIdleBytes = 4096;

    /// <summary>Charge of a slot whose item has just been replaced, and whose next one is not there yet.</summary>
    private const long Vacant = -1;

    /// <summary>Guards everything below.</summary>
    private BriefLock _gate;

    private readonly ItemBytes<T> _bytes;
    private readonly ConflationIndex<T>? _index;
    private readonly QueueClock _clock;

    /// <summary>Milliseconds an item may wait; 0: for ever.</summary>
    private readonly long _maxAge;

    /// <summary>The latest time at which an item was added.</summary>
    private long _latest;

    private readonly WaitList _readers;
    private readonly WaitList _watchers;

    private T?[] _items = [];

    /// <summary>What each item was charged with; empty where bytes are not counted.</summary>
    private long[] _charges = [];

    /// <summary>When each item has waited too long; empty if none ever has.</summary>
    private long[] _deadlines = [];

    private int _head;
    private int _count;
    private long _maxCount;

    /// <summary>Sum of the charges of the items.</summary>
    private long _itemBytes;

    /// <summary>Taken for the arrays and everything else.</summary>
    private long _overheadBytes;

    /// <summary>Taken, and kept for the next item: a write and a read change no counter that is shared. At most <see cref="_mostIdleBytes"/>.</summary>
    private long _idleBytes;

    private readonly long _mostIdleBytes;

    private bool _isClosed;
    private bool _isDisposed;

    /// <summary>Items added, and those that have left, by whoever took them and by cause.</summary>
    private long _enqueued;
    private long _dequeued;
    private readonly long[] _left = new long[(int)RemovalCause.Disposed + 1];

    /// <summary>Slots vacated: says what was there before another moment.</summary>
    private long _removed;

    public LockedQueue(DropOldestQueueOptions<T> options, WaitList readers, WaitList watchers)
    {
        _index = options.ConflateBy?.CreateIndex();
        _clock = new QueueClock(options.TimeProvider);
        _maxAge = options.MaxAge is { } age ? Math.Max(1, (long)age.TotalMilliseconds) : 0;
        _maxCount = options.MaxCount ?? QueueLimits.MostItems;
        (_readers, _watchers) = (readers, watchers);
        _bytes = new ItemBytes<T>(options.Name, options.MaxBytes, options.Budget, options.ItemSizer);
        _mostIdleBytes = _bytes.AreCounted ? Math.Min(MostIdleBytes, _bytes.Limit / 64) : 0;
        try
        {
            _bytes.Take(QueueLimits.EmptyQueueBytes);
            _overheadBytes = QueueLimits.EmptyQueueBytes;
            int slots = (int)Math.Min(LeastSlots, _maxCount);
            long bytes = BytesFor(slots);
            _bytes.Take(bytes);
            _overheadBytes += bytes;
            Move(slots);
        }
        catch
        {
            _bytes.Return(_overheadBytes);
            _bytes.Dispose();
            throw;
        }
    }

    public ItemBytes<T> Bytes => _bytes;

    /// <summary>Bytes in use. What is kept idle is not: of two words that others change meanwhile the difference may be of no one moment, but what is idle is
    /// never negative, so it never exceeds what is taken, nor the limit.</summary>
    public long UsedBytes => Math.Max(0, _bytes.Used - Volatile.Read(ref _idleBytes));

    public long Count => Volatile.Read(ref _count);

    public long MaxCount => Volatile.Read(ref _maxCount);

    public long ItemBytes => Volatile.Read(ref _itemBytes);

    public bool IsDrained
    {
        get
        {
            using (_gate.EnterScope())
            {
                return _isClosed && _count == 0;
            }
        }
    }

    /// <summary>Adds an item that has been measured.</summary>
    public AddResult Enqueue(T item, long bytes, ref QueueDepartures<T> left)
    {
        if (_index is not null)
        {
            return _index.Enqueue(this, item, bytes, ref left);
        }

        return _maxAge == 0 && TryEnqueueSimply(item, bytes, ref left) is { } result ? result : Enqueue(item, bytes, default(NoKeying), ref left);
    }

    /// <summary>Adds an item to a slot that is there, or in the place of the oldest one if it needs no more than that; null if it is not so simple.</summary>
    private AddResult? TryEnqueueSimply(T item, long bytes, ref QueueDepartures<T> left)
    {
        bool readerWaits;
        bool watcherWaits;
        using (_gate.EnterScope())
        {
            int count = _count;
            if (_isClosed)
            {
                return AddResult.Completed;
            }

            if (count < _maxCount)
            {
                if (count == _items.Length || !TryTake(bytes))
                {
                    return null;
                }

                Store(Wrap(_head + count), item, bytes, now: 0);
                Volatile.Write(ref _count, count + 1);
            }
            else
            {
                int slot = _head;
                long charge = ChargeOf(slot);
                if (count != _items.Length || bytes > charge)
                {
                    return null;
                }

                left.Add(At(slot)!, RemovalCause.Evicted, charge);
                _left[(int)RemovalCause.Evicted]++;
                _removed++;
                if (_charges.Length > 0 && bytes < charge)
                {
                    Volatile.Write(ref _itemBytes, _itemBytes - charge);
                    Store(slot, item, bytes, now: 0);
                    Return(charge - bytes);
                }
                else
                {
                    At(slot) = item;
                }

                _head = Wrap(slot + 1);
            }

            _enqueued++;
            readerWaits = !_readers.IsEmpty;
            watcherWaits = !_watchers.IsEmpty;
        }

        Wake(readerWaits, watcherWaits);
        return AddResult.Added;
    }

    /// <summary>Adds an item; others who share the budget are asked where there is no room for it.</summary>
    public AddResult Enqueue<TKeying>(T item, long bytes, TKeying keying, ref QueueDepartures<T> left)
        where TKeying : struct, IQueueKeying
    {
        AddResult result = Enqueue(item, bytes, keying, default, ref left);
        return result == AddResult.OverBudget && _bytes.TryAsk(bytes + BytesToGrow, ItemBytes, out Advance advance)
            ? Enqueue(item, bytes, keying, advance, ref left)
            : result;
    }

    /// <summary>Adds an item; what others have given for it is used up or returned.</summary>
    private AddResult Enqueue<TKeying>(T item, long bytes, TKeying keying, in Advance advance, ref QueueDepartures<T> left)
        where TKeying : struct, IQueueKeying
    {
        long now = _maxAge == 0 ? 0 : _clock.Now;
        bool readerWaits;
        bool watcherWaits;
        using (_gate.EnterScope())
        {
            // What is in hand for more slots is free when they are made, below.
            long taken = Math.Min(advance.Bytes, bytes);
            _bytes.Return(advance.Bytes - taken);
            if (_isClosed)
            {
                _bytes.Return(taken);
                return AddResult.Completed;
            }

            if (_bytes.AsksFirst(bytes + BytesToGrow, advance))
            {
                return AddResult.OverBudget;
            }

            // What surely leaves need not be taken and returned.
            long leaving = _count >= _maxCount && _index is null ? ChargeOf(_head) : 0;
            long more = 0;
            if (bytes > leaving + taken && TryReserve(bytes - leaving - taken, leaving, out more) is not AddResult.Added and var refusal)
            {
                _bytes.Return(taken);
                return refusal;
            }

            taken += more;

            // From here on nothing fails: what has been taken and what items hold is enough.
            DropStale(now, ref left, ref taken);
            int slot = keying.Find();
            if (slot >= 0)
            {
                taken += Replace(slot, ref left);
            }
            else
            {
                while (_count >= _maxCount)
                {
                    taken += RemoveOldest(RemovalCause.Evicted, ref left);
                }
            }

            while (taken < bytes)
            {
                Debug.Assert(_count > 0, "What was reserved and what the items hold is enough.");
                slot = slot == _head ? -1 : slot;
                taken += RemoveOldest(RemovalCause.Evicted, ref left);
            }

            if (slot < 0)
            {
                if (_count == _items.Length && !TryGrow())
                {
                    taken += RemoveOldest(RemovalCause.Evicted, ref left);
                }

                slot = Wrap(_head + _count);
                Volatile.Write(ref _count, _count + 1);
                keying.Note(slot);
            }

            Store(slot, item, bytes, now);
            _enqueued++;
            Return(taken - bytes);

            readerWaits = !_readers.IsEmpty;
            watcherWaits = !_watchers.IsEmpty;
        }

        Wake(readerWaits, watcherWaits);
        return AddResult.Added;
    }

    private void Wake(bool aReader, bool theWatchers)
    {
        if (aReader)
        {
            _readers.WakeOne();
        }

        if (theWatchers)
        {
            _watchers.WakeAll();
        }
    }

    /// <summary>Removes the oldest item that is not stale; stale ones before it leave.</summary>
    /// <returns>Null: ask again, once those that have left are reported.</returns>
    public bool? TryDequeue(out T? item, ref QueueDepartures<T> left)
    {
        item = default;
        if (Volatile.Read(ref _count) == 0)
        {
            return false;
        }

        long now = _maxAge == 0 ? 0 : _clock.Now;
        using (_gate.EnterScope())
        {
            if (!TryDropStale(now, ref left))
            {
                return null;
            }

            if (_count == 0)
            {
                return false;
            }

            item = Dequeue();
            ShrinkIfSparse();
            return true;
        }
    }

    /// <summary>Removes the oldest items that are not stale, as many as are there and fit.</summary>
    /// <returns>How many; -1: ask again, once those that have left are reported.</returns>
    public int Dequeue(Span<T> items, ref QueueDepartures<T> left)
    {
        if (Volatile.Read(ref _count) == 0)
        {
            return 0;
        }

        long now = _maxAge == 0 ? 0 : _clock.Now;
        using (_gate.EnterScope())
        {
            int taken = 0;
            while (taken < items.Length)
            {
                if (!TryDropStale(now, ref left))
                {
                    taken = taken == 0 ? -1 : taken;
                    break;
                }

                if (_count == 0)
                {
                    break;
                }

                items[taken++] = Dequeue()!;
            }

            ShrinkIfSparse();
            return taken;
        }
    }

    /// <summary>Reads the oldest item that is not stale; stale ones before it leave.</summary>
    /// <returns>Null: ask again, once those that have left are reported.</returns>
    public bool? TryPeek(out T? item, ref QueueDepartures<T> left)
    {
        item = default;
        long now = _maxAge == 0 ? 0 : _clock.Now;
        using (_gate.EnterScope())
        {
            if (!TryDropStale(now, ref left))
            {
                return null;
            }

            item = _count == 0 ? default : _items[_head];
            return _count > 0;
        }
    }

    /// <summary>The items that are not stale, oldest first.</summary>
    public T[] Snapshot()
    {
        long now = _maxAge == 0 ? 0 : _clock.Now;
        using (_gate.EnterScope())
        {
            var items = new List<T>(_count);
            for (int i = 0; i < _count; i++)
            {
                int slot = Wrap(_head + i);
                if (_maxAge == 0 || now < _deadlines[slot])
                {
                    items.Add(_items[slot]!);
                }
            }

            return [.. items];
        }
    }

    /// <summary>Whether who has enlisted may wait: there is nothing, and whoever adds something from now on sees him.</summary>
    public bool MaySleep()
    {
        using (_gate.EnterScope())
        {
            return _count == 0 && !_isClosed;
        }
    }

    public void Close()
    {
        using (_gate.EnterScope())
        {
            _isClosed = true;
        }
    }

    private T? Dequeue()
    {
        T? item = At(_head);
        long charge = Vacate();
        Return(charge);
        _dequeued++;
        return item;
    }

    /// <summary>Removes the oldest item; returns its charge, which stays taken.</summary>
    private long RemoveOldest(RemovalCause cause, ref QueueDepartures<T> left)
    {
        T? item = At(_head);
        bool isReplaced = _charges.Length > 0 && _charges[_head] < 0;
        long charge = Vacate();
        if (!isReplaced)
        {
            _left[(int)cause]++;
            left.Add(item!, cause, charge);
        }

        return Math.Max(0, charge);
    }

    /// <summary>The item of a slot makes way for one that will be stored there; returns its charge, which stays taken.</summary>
    private long Replace(int slot, ref QueueDepartures<T> left)
    {
        long charge = ChargeOf(slot);
        left.Add(_items[slot]!, RemovalCause.Replaced, charge);
        _left[(int)RemovalCause.Replaced]++;
        _items[slot] = default;
        if (_charges.Length > 0)
        {
            Volatile.Write(ref _itemBytes, _itemBytes - charge);
            _charges[slot] = Vacant;
        }

        return charge;
    }

    /// <summary>Empties the oldest slot; returns what its item was charged with.</summary>
    private long Vacate()
    {
        int slot = _head;
        long charge = ChargeOf(slot);
        _index?.Remove(slot);
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            At(slot) = default;
        }

        Volatile.Write(ref _itemBytes, _itemBytes - Math.Max(0, charge));
        _head = Wrap(slot + 1);
        _removed++;
        Volatile.Write(ref _count, _count - 1);
        return charge;
    }

    private void Store(int slot, T item, long bytes, long now)
    {
        At(slot) = item;
        if (_charges.Length > 0)
        {
            _charges[slot] = bytes;
            Volatile.Write(ref _itemBytes, _itemBytes + bytes);
        }

        if (_maxAge > 0)
        {
            // The clock was read before the lock was taken: in the order of arrival, deadlines do not go back.
            _latest = Math.Max(_latest, now);
            _deadlines[slot] = _latest > long.MaxValue - _maxAge ? long.MaxValue : _latest + _maxAge;
        }
    }

    private long ChargeOf(int slot) => _charges.Length == 0 ? 0 : _charges[slot];

    /// <summary>A slot without the check of the array's type, which is known, that each store would make.</summary>
    private ref T? At(int slot)
    {
        Debug.Assert((uint)slot < (uint)_items.Length, "Slots are within the array.");
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_items), slot);
    }

    private int Wrap(int slot) => slot >= _items.Length ? slot - _items.Length : slot;
}
