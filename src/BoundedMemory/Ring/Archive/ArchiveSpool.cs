using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <summary>Items that are on their way to an archive: those that wait, and the batch that is being written. They are the oldest of their ring, stay
/// charged until they have left, and can be dropped for newer ones, but for the batch while it is being written.</summary>
/// <remarks>A ring moves items in and drops them under its own lock, if it has one, and this one; one work item of the thread pool at a time takes them
/// out. The archive is called under no lock. So the number of items here only falls while a ring looks at it, and a ring that found room has it.</remarks>
internal sealed partial class ArchiveSpool<T> : IThreadPoolWorkItem, IDisposable
{
    private readonly Lock _gate = new();
    private readonly IItemArchive<T> _archive;
    private readonly ItemBytes<T> _bytes;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _retryDelay;
    private readonly Action<T> _lose;
    private readonly Action<T>? _archived;
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationToken _ended;

    /// <summary>The batch; its items are contiguous, from <see cref="_flightStart"/>.</summary>
    private readonly T[] _flight = new T[RingLimits.ArchiveBatch];

    private readonly uint[]? _flightCharges;
    private int _flightStart;
    private int _flightCount;

    /// <summary>What waits behind the batch.</summary>
    private RingArray<T> _waiting;

    /// <summary>Items in both; written under the lock, read without.</summary>
    private int _count;

    /// <summary>Bytes of the items in both.</summary>
    private long _itemBytes;

    private long _flightBytes;

    /// <summary>The most items of a batch, so that a ring of few items can drop some.</summary>
    private int _maxFlight = RingLimits.ArchiveBatch;

    private bool _isWriting;
    private bool _isRunning;

    /// <summary>The archive has failed, and is to be left alone until the timer says so.</summary>
    private bool _isPausing;

    /// <summary>Nothing is begun any more; what is being written is lost if it fails.</summary>
    private bool _isStopped;

    /// <summary>The arrays have been given back, those of a batch that is being written when that has ended.</summary>
    private bool _isDisposed;

    private ITimer? _retry;
    private long _entered;
    private long _archivedCount;
    private long _refused;
    private long _failures;
    private Exception? _fault;

    /// <summary>Those who wait until what had come in by then has been written.</summary>
    private List<(long Entered, TaskCompletionSource Done)>? _waiters;

    /// <param name="archive">Where items go.</param>
    /// <param name="bytes">The ring's; <see cref="LeastBytes"/> have been taken from it.</param>
    /// <param name="clock">Counts the pause after a failure.</param>
    /// <param name="retryDelay">The pause after a failure.</param>
    /// <param name="lose">Is given each item of a batch that was not written before this was disposed.</param>
    /// <param name="archived">Is given each item the archive is done with; null: nobody asks.</param>
    public ArchiveSpool(IItemArchive<T> archive, ItemBytes<T> bytes, TimeProvider clock, TimeSpan retryDelay, Action<T> lose, Action<T>? archived)
    {
        _archive = archive;
        _bytes = bytes;
        _clock = clock;
        _retryDelay = retryDelay;
        _lose = lose;
        _archived = archived;
        _ended = _end.Token;
        _flightCharges = bytes.AreCounted ? new uint[RingLimits.ArchiveBatch] : null;
        _waiting = new RingArray<T>(RingLimits.LeastCapacity, bytes.AreCounted);
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Bytes of what could be dropped now, and of what cannot because it is being written.</summary>
    public (long Droppable, long Fixed) ItemBytes
    {
        get
        {
            lock (_gate)
            {
                long flying = _isWriting ? _flightBytes : 0;
                return (_itemBytes - flying, flying);
            }
        }
    }

    public SpoolCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return new SpoolCounts(_count, _itemBytes, _archivedCount, _refused, _failures, _fault);
            }
        }
    }

    /// <summary>What an empty spool takes.</summary>
    public static long LeastBytes(bool charged) =>
        RingLimits.SpoolBytes + RingArray<T>.BytesOf(RingLimits.ArchiveBatch, charged) + RingArray<T>.BytesOf(RingLimits.LeastCapacity, charged);

    /// <summary>Sees to it that a batch leaves something to be dropped where so many items are allowed.</summary>
    public void Limit(int maxCount)
    {
        lock (_gate)
        {
            _maxFlight = Math.Clamp(maxCount - 1, 1, RingLimits.ArchiveBatch);
        }
    }

    /// <summary>Takes the oldest items of a ring over, with what they are charged with: as many as there is room to note.</summary>
    public void Accept(ref RingArray<T> ring, int count, out long bytes)
    {
        bytes = 0;
        lock (_gate)
        {
            for (; count > 0 && (!_waiting.IsFull || TryMoveTo(count)); count--)
            {
                T item = ring.Pop(out uint charge);
                _waiting.Push(item, charge);
                bytes += 8L * charge;
                _count++;
                _entered++;
            }

            _itemBytes += bytes;
            Start();
        }
    }

    /// <summary>Takes the oldest item out that is not being written; its charge stays taken.</summary>
    public bool TryDrop([MaybeNullWhen(false)] out T item, out uint charge)
    {
        lock (_gate)
        {
            charge = 0;
            if (!_isWriting && _flightCount > 0)
            {
                item = Land(out charge);
            }
            else if (_waiting.Count > 0)
            {
                item = _waiting.Pop(out charge);
            }
            else
            {
                item = default;
                return false;
            }

            _count--;
            _itemBytes -= 8L * charge;
            return true;
        }
    }

    /// <summary>Makes the array as short as it began, if nothing is in it that would not fit.</summary>
    public bool TryShrink()
    {
        lock (_gate)
        {
            return TryShrinkLocked();
        }
    }

    /// <summary>Ends when all that has come in so far has left, and the archive has made it durable.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopped, typeof(RingBuffer<T>));
            if (_count == 0)
            {
                done.SetResult();
            }
            else
            {
                (_waiters ??= []).Add((_entered, done));
                _isPausing = false;
                Start();
            }
        }

        try
        {
            await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _waiters?.RemoveAll(waiter => waiter.Done == done);
            }
        }

        await _archive.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins nothing any more; what waits can still be dropped.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            _retry?.Dispose();
            FailWaiters(new ObjectDisposedException(typeof(RingBuffer<T>).Name));
        }

        _end.Cancel();
        _end.Dispose();
    }

    /// <summary>Gives the arrays back, after everything was dropped that is not being written; the rest when that has ended.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            if (_bytes.AreCounted)
            {
                _bytes.Return(RingArray<T>.BytesOf(_waiting.Capacity, charged: true) + (_isWriting ? 0 : FlightArrayBytes));
            }

            _waiting = new RingArray<T>(0, _bytes.AreCounted);
        }
    }

    private static long FlightArrayBytes => RingLimits.SpoolBytes + RingArray<T>.BytesOf(RingLimits.ArchiveBatch, charged: true);

    /// <summary>Under the lock.</summary>
    private void Start()
    {
        if (!_isRunning && !_isPausing && !_isStopped && _count > 0)
        {
            _isRunning = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private bool TryMoveTo(int more)
    {
        long capacity = Math.Min(RingLimits.MostItems, Math.Max(2L * _waiting.Capacity, (long)_waiting.Count + more));
        return TryCharge((int)capacity) || (more > RingLimits.LeastCapacity && TryCharge(Math.Min(RingLimits.MostItems - 1, _waiting.Count + RingLimits.LeastCapacity)));
    }

    private bool TryShrinkLocked() =>
        _waiting.Capacity > RingLimits.LeastCapacity && _waiting.Count <= RingLimits.LeastCapacity && TryCharge(RingLimits.LeastCapacity);

    /// <summary>Moves what waits into an array of another length; both are charged while both are there.</summary>
    private bool TryCharge(int capacity)
    {
        long bytes = RingArray<T>.BytesOf(capacity, _bytes.AreCounted);
        if (_isDisposed || !_bytes.TryTake(bytes))
        {
            return false;
        }

        long former = RingArray<T>.BytesOf(_waiting.Capacity, _bytes.AreCounted);
        try
        {
            _waiting.MoveTo(capacity);
        }
        catch (OutOfMemoryException)
        {
            _bytes.Return(bytes);
            return false;
        }

        _bytes.Return(former);
        return true;
    }
}

/// <summary>What a spool has done and holds, at one moment.</summary>
internal readonly record struct SpoolCounts(int Backlog, long Bytes, long Archived, long Refused, long Failures, Exception? Fault)
{
    /// <summary>Items that left their ring by this way, or are on it.</summary>
    public long Items => Backlog + Archived + Refused;
}
