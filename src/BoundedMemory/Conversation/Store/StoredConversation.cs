namespace BoundedMemory;

/// <summary>A conversation of a store: the value of its cache entry, and what its window takes its bytes from.</summary>
/// <remarks>Fields are guarded by the window's lock, inside which that of a cache shard, a budget or the write-behind may be taken; nothing is called under it that takes
/// a window's. While it has unsaved messages the store holds its entry, so that it cannot leave for lack of room, time or memory.</remarks>
internal sealed partial class StoredConversation<TKey, TMessage> : ILeasedConversation<TMessage>, IWindowOwner<TMessage>
    where TKey : notnull
{
    /// <summary>Bytes of a conversation but for its window; told by the allocator.</summary>
    private static readonly long OwnBytes = HeapLayout.InstanceBytesByAllocation(() => new StoredConversation<TKey, TMessage>());

    /// <summary>Bytes of a delegate.</summary>
    private const long DelegateBytes = 64;

    private readonly ConversationStore<TKey, TMessage> _store;

    /// <summary>Its place in the cache; null until it is leased for the first time.</summary>
    private object? _holder;

    /// <summary>Who made room for what it grew by: to be told once the lock is released.</summary>
    private Departures<TKey, StoredConversation<TKey, TMessage>> _departures;

    /// <summary>Bytes that were refused; taken by whoever asks others for them.</summary>
    private long _refused;

    private FlowMarks _marks;

    /// <summary>Its window is part of the store's totals.</summary>
    private bool _isCounted;

    /// <summary>It has left the store for good.</summary>
    private bool _isClosed;

    /// <summary>The store holds its entry, because something is unsaved.</summary>
    private bool _isHeld;

    public StoredConversation(ConversationStore<TKey, TMessage> store, TKey key)
    {
        _store = store;
        Key = key;
        Window = new ConversationWindow<TMessage>(store.WindowOptions, this, store.Dropped is null ? null : TellDropped);
    }

    /// <summary>For <see cref="OwnBytes"/>.</summary>
    private StoredConversation()
    {
        _store = null!;
        Key = default!;
        Window = null!;
    }

    public TKey Key { get; }

    public ConversationWindow<TMessage> Window { get; }

    /// <summary>Why the store refused it; null if it did not.</summary>
    public RejectedEntry<TKey, StoredConversation<TKey, TMessage>>? Refusal { get; set; }

    /// <summary>What its value is charged with when it comes in; from then on it takes and gives back itself.</summary>
    public long BytesAtFirst => OwnBytes + (_store.Dropped is null ? 0 : DelegateBytes) + Window.ChargedBytes;

    /// <summary>Fills it with what a source returned, before it is in the store.</summary>
    public void Restore(MessageMetadata[] metadata, TMessage[] contents, long nextSequence, ConversationState<TMessage>? state)
    {
        if (state is { HasSummary: true })
        {
            // First, because it was there when the messages came, and they may have been truncated for it.
            Window.Restore([], [], nextSequence);
            if (Window.SetSummary(state.Summary!, state.SummaryThrough) == AppendResult.Appended)
            {
                (_summary, _summaryThrough) = (state.Summary, state.SummaryThrough);
            }
        }

        Window.Restore(metadata, contents, nextSequence);
    }

    /// <summary>A lease of the cache is turned into one of this conversation.</summary>
    public ConversationLease<TMessage> Lease(Lease<StoredConversation<TKey, TMessage>> lease)
    {
        lock (Window.Gate)
        {
            _holder ??= lease.Holder;
            CountOnce();
        }

        _store.Totals.LeaseBegan();
        return new ConversationLease<TMessage>(this);
    }

    public void EndLease()
    {
        // What an operation that failed has left behind.
        Action? deferred;
        lock (Window.Gate)
        {
            deferred = TakeDepartures();
        }

        deferred?.Invoke();
        _store.Totals.LeaseEnded();
        _store.Cache.Touch(_holder!);
        _store.Cache.EndHold(_holder!);
    }

    public bool RefuseIfClosed()
    {
        bool isClosed = Volatile.Read(ref _isClosed);
        if (isClosed)
        {
            _store.Totals.CountClosed();
        }

        return isClosed;
    }

    bool IWindowOwner<TMessage>.TryGrow(long bytes) => TryGrow(bytes);

    void IWindowOwner<TMessage>.Shrink(long bytes) => Shrink(bytes);

    void IWindowOwner<TMessage>.AskOthers()
    {
        long bytes = Interlocked.Exchange(ref _refused, 0);
        if (bytes > 0)
        {
            _store.Cache.TryMakeRoom(bytes);
        }
    }

    /// <summary>The end of every operation on the window: adds up what it has counted.</summary>
    Action? IWindowOwner<TMessage>.TakeDeferred()
    {
        if (_isCounted && !_isClosed)
        {
            NoteChange(_store.Totals.Add(Window.Statistics, ref _marks));
        }

        return TakeDepartures();
    }

    /// <summary>It has left the store: nothing is appended any more. What is unsaved, and not just being written, is lost.</summary>
    /// <returns>Messages that left with it, and how many of those appended were unsaved.</returns>
    public (long Messages, long Unsaved) Close()
    {
        long messages;
        long unsaved;
        lock (Window.Gate)
        {
            CountOnce();
            _store.Totals.Add(Window.Statistics, ref _marks);
            Volatile.Write(ref _isClosed, true);
            messages = _marks[(int)Flow.Held];
            _store.Totals.AddLeft(messages);
            unsaved = LoseUnsaved();
        }

        _store.WriteBehind?.Forget(this);
        return (messages, unsaved);
    }

    private void TellDropped(IReadOnlyList<DroppedMessage<TMessage>> messages) => _store.Dropped!(Key, messages);

    private void CountOnce()
    {
        if (!_isCounted)
        {
            _store.Totals.AddLoaded(Window.Statistics, out _marks);
            _isCounted = true;
        }
    }

    private Action? TakeDepartures()
    {
        if (_departures.IsEmpty)
        {
            return null;
        }

        Departures<TKey, StoredConversation<TKey, TMessage>> departures = _departures;
        _departures = default;
        return () => _store.Cache.Complete(ref departures);
    }

    private bool TryGrow(long bytes)
    {
        bool hasGrown = _holder is null || (!_isClosed && _store.Cache.TryCharge(_holder, bytes, ref _departures));
        Volatile.Write(ref _refused, hasGrown || _isClosed ? 0 : bytes);
        return hasGrown;
    }

    private void Shrink(long bytes)
    {
        if (_holder is not null)
        {
            _store.Cache.TryCharge(_holder, -bytes, ref _departures);
        }
    }

    private bool Hold()
    {
        if (!_isHeld && _store.Cache.TryHold(_holder!))
        {
            _isHeld = true;
            _store.Totals.BecameUnsaved();
        }

        return _isHeld;
    }

    private void LetGo()
    {
        if (_isHeld)
        {
            _isHeld = false;
            _store.Totals.BecameSaved();
            _store.Cache.EndHold(_holder!);
        }
    }
}
