using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>The mechanics of both forms of the ring, which differ in having a lock.</summary>
/// <remarks>
/// <para>Everything below is done under the lock, if there is one, except measuring before and <see cref="Complete"/> after: no code of the user runs
/// under it. The lock orders all that threads see of items; only counts of a word each are read without it.</para>
/// <para>Order of locks: this one, the spool's, a budget's.</para>
/// </remarks>
internal sealed partial class RingCore<T> : IDisposable
{
    private readonly object? _gate;
    private readonly ItemBytes<T> _bytes;
    private readonly ArchiveSpool<T>? _spool;
    private readonly Action<ReadOnlySpan<T>, RemovalCause>? _evicted;
    private readonly bool _disposesItems;
    private readonly int _archiveAbove;
    private readonly int _keepInMemory;

    /// <summary>Nobody asks for items that leave, and nothing is measured: one may be written over another.</summary>
    private readonly bool _isPlain;

    private readonly RingMeter _meter;

    /// <summary>Null until the ring is registered.</summary>
    private WeakReference<IMeterSource<RingStatistics>>? _meterLink;

    private RingArray<T> _ring;

    /// <summary>The ring is plain and has as many items as it may have: all that is left to do is to overwrite the oldest.</summary>
    private bool _overwrites;

    private bool _isDisposed;

    /// <summary><see cref="int.MaxValue"/>: no limit.</summary>
    private int _maxCount;

    private long _added;

    /// <summary>Bytes of the items in the ring, without those in the spool.</summary>
    private long _itemBytes;

    public RingCore(RingBufferOptions<T> options, object? gate)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowFirst(RingBufferOptionsValidator<T>.FindErrors(options));
        Name = options.Name;
        _gate = gate;
        _maxCount = options.MaxCount ?? int.MaxValue;
        _evicted = options.Evicted;
        _disposesItems = options.DisposeItems;
        _archiveAbove = options.ArchiveAbove;
        _keepInMemory = options.KeepInMemory;
        _bytes = new ItemBytes<T>(options.Name, options.MaxBytes, options.Budget, options.ItemSizer);
        _isPlain = !_bytes.AreCounted && _evicted is null && !_disposesItems && options.Archive is null;
        try
        {
            _bytes.Take(RingLimits.EmptyRingBytes + BytesOf(LeastCapacity));
            if (options.Archive is { } archive)
            {
                _bytes.Take(ArchiveSpool<T>.LeastBytes(_bytes.AreCounted));
                _spool = new ArchiveSpool<T>(archive, _bytes, options.TimeProvider, options.ArchiveRetryDelay, LeaveUnarchived, _disposesItems ? DisposeItem : null);
                _spool.Limit(_maxCount);
            }
        }
        catch (MemoryBudgetExceededException)
        {
            _bytes.Return(_bytes.Used);
            _bytes.Dispose();
            throw;
        }

        _ring = new RingArray<T>(LeastCapacity, _bytes.AreCounted);
        _meter = RingMeter.For(options.MeterFactory);
    }

    public string Name { get; }

    /// <summary>From now on others who share the budget ask the ring for memory, and the meter reports it. Once, before anybody else has the ring.</summary>
    public void Register<TRing>(TRing ring)
        where TRing : IMemoryReclaimer, IMeterSource<RingStatistics>
    {
        _bytes.Register(ring);
        _meterLink = _meter.Add(ring);
    }

    private int LeastCapacity => Math.Min(RingLimits.LeastCapacity, _maxCount);

    private int Backlog => _spool?.Count ?? 0;

    /// <summary>The whole of adding to a full ring where nobody asks for what leaves: a store and two increments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryOverwrite(in T item)
    {
        if (!_overwrites)
        {
            return false;
        }

        _ring.Overwrite(item);
        _added++;
        return true;
    }

    public AddResult Add(T item) => _isPlain && TryOverwriteLocked(item) ? AddResult.Added : AddSlowly(item);

    /// <summary>As <see cref="TryOverwrite"/>, under the lock: nothing in here can throw.</summary>
    private bool TryOverwriteLocked(in T item)
    {
        Enter();
        bool isDone = TryOverwrite(item);
        Exit();
        return isDone;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private AddResult AddSlowly(T item)
    {
        bool isMeasured = _bytes.TryMeasure(item, out long size, out _);
        GiveWhatIsWanted();
        Departed<T> left = default;
        AddResult result;
        try
        {
            result = isMeasured ? AddLocked(item, size, default, ref left) : AddResult.SizeUnknown;
            if (result == AddResult.OverBudget && _bytes.TryAsk(size + BytesToGrow, DroppableBytes, out Advance advance))
            {
                result = AddLocked(item, size, advance, ref left);
            }
        }
        finally
        {
            Complete(ref left);
        }

        if (result != AddResult.Added)
        {
            ThrowIfDisposed();
            CountRejected(result);
        }

        return result;
    }

    /// <summary>What others have given for the item is used up or returned.</summary>
    private AddResult AddLocked(in T item, long size, in Advance advance, ref Departed<T> left)
    {
        Enter();
        try
        {
            if (_isDisposed)
            {
                _bytes.Return(advance.Bytes);
                ThrowIfDisposed();
            }

            return TryOverwrite(item) ? AddResult.Added : Add(item, size, advance, ref left);
        }
        finally
        {
            Exit();
        }
    }

    public int AddRange(ReadOnlySpan<T> items)
    {
        if (_isPlain)
        {
            AddPlain(items);
            return items.Length;
        }

        ThrowIfDisposed();
        int added = 0;
        foreach (T item in items)
        {
            added += Add(item) == AddResult.Added ? 1 : 0;
        }

        return added;
    }

    private static long BytesOf(uint charge) => 8L * charge;

    private long BytesOf(int capacity) => RingArray<T>.BytesOf(capacity, _bytes.AreCounted);

    private void AddPlain(ReadOnlySpan<T> items)
    {
        Enter();
        try
        {
            ThrowIfDisposed();
            long needed = Math.Min(_maxCount, (long)_ring.Count + items.Length);
            if (needed > _ring.Capacity)
            {
                _ring.MoveTo((int)Math.Min(_maxCount, Math.Max(needed, 2L * _ring.Capacity)));
            }

            _ring.PushOverwriting(items);
            _added += items.Length;
            SetOverwrites();
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Makes room and adds; or says why not, with everything as it was. What others have given for it is used up or returned.</summary>
    private AddResult Add(in T item, long size, in Advance advance, ref Departed<T> left)
    {
        long units = (size + 7) / 8;
        long bytes = 8 * units;
        if (units > uint.MaxValue)
        {
            return AddResult.TooLarge;
        }

        if (_bytes.AsksFirst(bytes + BytesToGrow, advance))
        {
            return AddResult.OverBudget;
        }

        // What is in hand for a longer array is free when that is made, below.
        long inHand = Math.Min(advance.Bytes, bytes);
        _bytes.Return(advance.Bytes - inHand);
        if (_bytes.AreCounted && inHand < bytes)
        {
            AddResult result = Prepay(bytes - inHand, ref left, out long prepaid);
            inHand += prepaid;
            if (result != AddResult.Added)
            {
                _bytes.Return(inHand);
                return result;
            }
        }

        // What a victim was charged with stays in hand for the newcomer: nobody can take it in between.
        long dropped = 0;
        bool isRoom = true;
        while (isRoom && _ring.Count + Backlog >= _maxCount)
        {
            isRoom = TryDropOldest(ref left, out dropped);
            inHand += dropped;
        }

        if (isRoom && _ring.IsFull && !TryGrow(bytes - inHand))
        {
            inHand += DropFromRing(ref left);
        }

        while (isRoom && inHand < bytes && !_bytes.TryTake(bytes - inHand))
        {
            isRoom = TryDropOldest(ref left, out dropped);
            inHand += dropped;
        }

        // An item in place of another of its size touches no shared counter.
        if (inHand > bytes || !isRoom)
        {
            _bytes.Return(isRoom ? inHand - bytes : inHand);
        }

        if (!isRoom)
        {
            return AddResult.OverBudget;
        }

        _ring.Push(item, (uint)units);
        _itemBytes += bytes;
        _added++;
        if (_spool is not null && _ring.Count > _archiveAbove)
        {
            SpillTo(_keepInMemory);
        }

        ShrinkIfSparse();
        SetOverwrites();
        return AddResult.Added;
    }

    /// <summary>Takes beforehand what dropping items would not free. Arrays that have grown for many small items and stand in the way of a large one are
    /// made smaller first, with their oldest items.</summary>
    private AddResult Prepay(long bytes, ref Departed<T> left, out long prepaid)
    {
        while (true)
        {
            AddResult result = _bytes.TryPrepay(bytes, DroppableBytes, out prepaid);
            if (result != AddResult.TooLarge)
            {
                return result;
            }

            if (bytes > _bytes.Limit - LeastOverheadBytes)
            {
                return AddResult.TooLarge;
            }

            // A batch that is being archived cannot be dropped. Nothing is, if it leaves too little room.
            bool couldFit = bytes <= _bytes.Limit - LeastOverheadBytes - (_spool?.ItemBytes.Fixed ?? 0);
            if (!couldFit || (!TryHalve(ref left) && _spool?.TryShrink() != true))
            {
                return AddResult.OverBudget;
            }
        }
    }

    /// <summary>Bytes of an array twice as long, if that is what it takes to add an item.</summary>
    private long BytesToGrow => _ring.IsFull && _ring.Capacity < _maxCount && _bytes.AreCounted
        ? BytesOf((int)Math.Min(Math.Min(_maxCount, RingLimits.MostItems), 2L * _ring.Capacity))
        : 0;

    private void SpillTo(int keep)
    {
        _spool!.Accept(ref _ring, _ring.Count - keep, out long bytes);
        _itemBytes -= bytes;
    }

    private void SetOverwrites() => _overwrites = _isPlain && _ring.Count == _maxCount && _ring.IsFull;

    private void CountRejected(AddResult result) => Interlocked.Increment(
        ref result == AddResult.TooLarge ? ref _rejectedTooLarge : ref result == AddResult.OverBudget ? ref _rejectedOverBudget : ref _rejectedSizeUnknown);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter()
    {
        if (_gate is not null)
        {
            Monitor.Enter(_gate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Exit()
    {
        if (_gate is not null)
        {
            Monitor.Exit(_gate);
        }
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, typeof(RingBuffer<T>));

    [DoesNotReturn]
    private void ThrowOutOfRange(int index)
    {
        ThrowIfDisposed();
        throw new ArgumentOutOfRangeException(nameof(index), index, $"The ring '{Name}' has no item {index}; it has {_ring.Count}.");
    }
}
