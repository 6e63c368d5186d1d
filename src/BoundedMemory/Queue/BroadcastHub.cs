using System.Diagnostics;

namespace BoundedMemory;

/// <summary>Publish once, any number of subscribers: one ring of the newest messages that all share, and a cursor for each. What a publish costs does not depend
/// on how many there are, and one that falls behind costs nobody anything: it is told how many it missed.</summary>
/// <remarks>
/// <para><b>The bound.</b> <c>Count &lt;= MaxCount</c> and <c>Bytes &lt;= MaxBytes</c> for every reader at every moment. Room is made before a message is kept. Bytes
/// are measured (<see cref="ObjectSizer"/>) and include the ring's array at its real length, subscriptions, their private queues, and the hub itself.
/// Subscriptions take at most half of <see cref="MaxBytes"/>; more are refused.</para>
/// <para><b>What is lost.</b> The oldest message makes room for a new one, whoever has not read it. Each subscriber learns from
/// <see cref="HubMessage{T}.Missed"/> how many left before it came to them. A refused message leaves everything as it was. A subscriber that neither reads nor waits
/// for <see cref="BroadcastHubOptions{T}.IdleTimeout"/> is closed, and told why (<see cref="HubSubscription{T}.CloseCause"/>).</para>
/// <para><b>Thread safety.</b> All members are thread-safe. Messages are numbered in the order in which they are published, and each subscriber sees them in that
/// order. Filters, sizers and callbacks run under no lock.</para>
/// <para><b>Complexity.</b> <c>Publish</c> is O(1) and allocates nothing, plus the wake-ups of those subscribers that wait at that moment, plus one evaluation of
/// the filter for each subscriber with a private queue.</para>
/// <para><b>Source.</b> One ring with a cursor per receiver and the lag worked out by the reader: the broadcast channel of tokio.</para>
/// </remarks>
/// <typeparam name="T">Type of the messages. All subscribers read the same instance: it must not be changed, nor disposed, after it was published.</typeparam>
/// <example>
/// <code>
/// using var quotes = new BroadcastHub&lt;string&gt;(new() { MaxCount = 100 });
/// using HubSubscription&lt;string&gt; subscription = quotes.Subscribe();
/// quotes.Publish("ABC 12.30");
/// await foreach (HubMessage&lt;string&gt; message in subscription.WithCancellation(stopping))
/// {
///     Show(message.Value, message.Missed);
/// }
/// </code>
/// </example>
[DebuggerDisplay("{Name,nq}: {Count} messages, {Subscribers} subscribers, {Bytes} bytes")]
public sealed partial class BroadcastHub<T> : IItemReclaimer, ITrimmable, IMeterSource<HubStatistics>, ISweepable, IDisposable
{
    /// <summary>Guards the ring, the lists of subscriptions and all counters. No user code runs under it.</summary>
    private readonly object _gate = new();

    private readonly ItemBytes<T> _bytes;
    private readonly HubRing<T> _ring;

    /// <summary>Readers that wait. They enlist under the hub's lock, after a look for news; publishers look at it under that lock too: who comes second sees what
    /// the other did.</summary>
    private readonly WaitList _waiting = new();

    private readonly TimeProvider _clock;
    private readonly TimeSpan _idleTimeout;
    private readonly Sweeper _sweeper;
    private readonly WeakReference<ISweepable> _sweepLink;
    private readonly HubMeter _meter;
    private readonly WeakReference<IMeterSource<HubStatistics>> _meterLink;

    /// <summary>Number of the newest message. Written under the lock after the message is in the ring; read without it to see that there is nothing new.</summary>
    private long _newest;

    /// <summary>Bytes of the hub and of subscriptions, without the ring and private queues.</summary>
    private long _fixedBytes = HubLimits.EmptyHubBytes;

    private bool _isCompleted;
    private bool _isDisposed;
    private long _evicted;
    private long _trimmed;
    private long _cleared;
    private long _disposed;

    /// <summary>Creates a hub.</summary>
    /// <param name="options">Its limits and behaviour; copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing, out of its range or contradicts another; the message names it, its value and its range
    /// (<see cref="ArgumentOutOfRangeException"/> where a value is out of its range).</exception>
    /// <exception cref="NotSupportedException">The hub counts bytes, and on this runtime the size of messages cannot be measured without a
    /// <see cref="Sizer{T}"/> of yours.</exception>
    /// <exception cref="MemoryBudgetExceededException">The budget has no room for an empty hub.</exception>
    public BroadcastHub(BroadcastHubOptions<T> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowFirst(BroadcastHubOptionsValidator<T>.FindErrors(options));
        Name = options.Name;
        MaxSubscribers = options.MaxSubscribers;
        int maxCount = (int)(options.MaxCount ?? HubLimits.MostMessages);
        _hasMaxCount = options.MaxCount is not null;
        _clock = options.TimeProvider;
        _idleTimeout = options.IdleTimeout;
        _bytes = new ItemBytes<T>(Name, options.MaxBytes, options.Budget, options.ItemSizer);
        try
        {
            _bytes.Take(HubLimits.EmptyHubBytes + HubRing<T>.LeastArrayBytes(maxCount));
        }
        catch (MemoryBudgetExceededException)
        {
            _bytes.Dispose();
            throw;
        }

        _ring = new HubRing<T>(_bytes, maxCount);
        _meter = HubMeter.For(options.MeterFactory);
        _meterLink = _meter.Add(this);
        _sweeper = Sweeper.For(_clock, options.SweepInterval);
        _sweepLink = _sweeper.Add(this);
        _bytes.Register(this);
    }

    /// <summary>The name from the options.</summary>
    public string Name { get; }

    /// <summary>Messages held now; at most <see cref="MaxCount"/> at every moment.</summary>
    public long Count => _ring.Count;

    /// <summary>Bytes in use now, everything the hub consists of included; at most <see cref="MaxBytes"/> at every moment. 0 in a hub that does not count
    /// bytes.</summary>
    public long Bytes => _bytes.Used;

    /// <summary>Limit in messages, null if there is none; see <see cref="TryResize"/>.</summary>
    public long? MaxCount => Volatile.Read(ref _hasMaxCount) ? _ring.MaxCount : null;

    /// <summary>Limit in bytes, null if there is none; see <see cref="TryResize"/>.</summary>
    public long? MaxBytes => _bytes.Limit == long.MaxValue ? null : _bytes.Limit;

    /// <summary>Subscribers it accepts.</summary>
    public int MaxSubscribers { get; }

    internal TimeProvider Clock => _clock;

    /// <summary>Number of the newest message published; 0 before the first.</summary>
    public long NewestSequence => Volatile.Read(in _newest);

    /// <summary>Whether nothing is published any more.</summary>
    public bool IsCompleted => Volatile.Read(in _isCompleted);

    ReclaimPriority IMemoryReclaimer.Priority => ReclaimPriority.Conversation;

    long IMemoryReclaimer.UsedBytes => Bytes;

    long IMemoryReclaimer.ReclaimableBytes
    {
        get
        {
            lock (_gate)
            {
                return _isDisposed || !_bytes.AreCounted ? 0 : _ring.MessageBytes + Math.Max(0, _ring.ArrayBytes - HubRing<T>.LeastArrayBytes(_ring.MaxCount));
            }
        }
    }

    /// <summary>Ends publishing: later messages are refused, subscribers read what there is, then their enumerations end. Twice is once.</summary>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public void Complete()
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            Volatile.Write(ref _isCompleted, true);
        }

        _waiting.WakeAll();
    }

    /// <summary>Ends all subscriptions, removes all messages and gives everything back. Later calls throw; subscriptions end with
    /// <see cref="HubCloseCause.Disposed"/>.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            Volatile.Write(ref _isDisposed, true);
            _disposed += _ring.KeepNewest(0);
        }

        _meter.Remove(_meterLink);
        _sweeper.Remove(_sweepLink);
        CloseAll(HubCloseCause.Disposed);
        lock (_gate)
        {
            _bytes.Return(_fixedBytes + _ring.ArrayBytes);
            _fixedBytes = 0;
            _bytes.Dispose();
        }
    }

    long IMemoryReclaimer.Reclaim(long targetBytes) => Trim(targetBytes);

    long IItemReclaimer.Reclaim(long targetBytes, long atMost) => Trim(targetBytes, atMost);

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(in _isDisposed), this);
}
