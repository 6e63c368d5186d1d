using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <summary>Many conversations under one bound: in bytes really retained on the heap, in conversations, or both, at every moment and under any load.</summary>
/// <remarks>
/// <para><b>The bound.</b> <c>Bytes &lt;= MaxBytes</c> and <c>Count &lt;= MaxConversations</c> for every reader at every moment. A conversation that comes in or grows takes
/// its room first; for it the least recently used leave, as a whole. Each conversation is in addition bounded by its window
/// (<see cref="ConversationStoreOptions{TKey, TMessage}.Window"/>).</para>
/// <para><b>What stays.</b> A conversation that is leased, or has unsaved messages, does not leave for lack of room, time or memory. Where those alone fill the store, what is
/// new is refused (<see cref="MemoryBudgetExceededException"/>, <see cref="AppendResult.OverBudget"/>).</para>
/// <para><b>What is lost.</b> With an <see cref="IConversationSource{TKey, TMessage}"/> and an <see cref="IConversationSink{TKey, TMessage}"/>, nothing that leaves: it is
/// written before, and loaded again when it is next asked for. With neither the store is volatile: what leaves is gone. <see cref="Remove"/>, <see cref="Clear"/> and
/// <see cref="Dispose"/> give up what is not written yet. All of it is counted and told
/// (<see cref="ConversationStoreOptions{TKey, TMessage}.Evicted"/>).</para>
/// <para><b>Thread safety.</b> All members are thread-safe. Sources, sinks and callbacks run under no lock. Conversations have a lock each; appending takes, besides, the
/// one of the store for a moment.</para>
/// <para><b>Complexity.</b> O(1), and the work of evicting what makes room.</para>
/// </remarks>
/// <typeparam name="TKey">Type of the keys; they must not change while they are in the store.</typeparam>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
/// <example>
/// <code>
/// using var store = new ConversationStore&lt;string, ConversationMessage&gt;(new() { MaxBytes = 64_000_000, IdleTimeout = TimeSpan.FromMinutes(30) });
/// using (ConversationLease&lt;ConversationMessage&gt; conversation = await store.AcquireAsync("user 17"))
/// {
///     conversation.Append(new(MessageRole.User, "What is a quorum?"));
/// }
/// </code>
/// </example>
[DebuggerDisplay("{Name,nq}: {Count} conversations, {Bytes} bytes")]
public sealed partial class ConversationStore<TKey, TMessage> : ITrimmable, IMeterSource<ConversationStoreStatistics>, IDisposable, IAsyncDisposable
    where TKey : notnull
{
    private readonly Action<EvictedConversation<TKey>>? _evicted;
    private readonly ConversationMeter _meter;
    private readonly WeakReference<IMeterSource<ConversationStoreStatistics>> _meterLink;
    private bool _disposed;

    /// <summary>Creates a store.</summary>
    /// <param name="options">Its limits and behaviour; copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing, out of its range or contradicts another; the message names it, its value and its range
    /// (<see cref="ArgumentOutOfRangeException"/> where a value is out of its range).</exception>
    /// <exception cref="NotSupportedException">On this runtime the size of keys or messages cannot be measured without a <see cref="Sizer{T}"/> of yours.</exception>
    /// <exception cref="MemoryBudgetExceededException">The budget has no room for an empty store.</exception>
    public ConversationStore(ConversationStoreOptions<TKey, TMessage> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowFirst(ConversationStoreOptionsValidator<TKey, TMessage>.FindErrors(options));
        WindowOptions = ConversationStoreLimits.WindowOptionsOf(options);
        _evicted = options.Evicted;
        Dropped = options.Dropped;
        _loader = options.Source is { } source ? new ConversationLoader<TKey, TMessage>(this, source) : null;
        _load = _loader is null ? null : LoadAsync;
        _begin = key => new StoredConversation<TKey, TMessage>(this, key);
        WriteBehind = options.Sink is { } sink
            ? new WriteBehind<TKey, TMessage>(sink, options.MaxPendingMessages, options.SinkRetryDelay, options.TimeProvider) : null;
        Cache = new BoundedCache<TKey, StoredConversation<TKey, TMessage>>(new()
        {
            Name = options.Name,
            MaxBytes = options.MaxBytes,
            MaxCount = options.MaxConversations,
            Budget = options.Budget,
            Policy = EvictionPolicy.Lru,
            ConcurrencyLevel = 1,
            AuditInterval = 0,
            TimeToIdle = options.IdleTimeout,
            KeyComparer = options.KeyComparer,
            KeySizer = options.KeySizer,
            ValueSizer = Sizer.Create<StoredConversation<TKey, TMessage>>(static conversation => conversation.BytesAtFirst),
            Removed = Tell,
            Rejected = static refused => refused.Value.Refusal = refused,
            TimeProvider = options.TimeProvider,
            IsUnmetered = true,
        });
        long ownBytes = ConversationStoreLimits.EmptyStoreBytes + (WriteBehind is null ? 0 : WriteBehind<TKey, TMessage>.OwnBytes);
        if (!Cache.TryTakeFixed(ownBytes))
        {
            (long used, long? limit) = (Cache.Bytes, Cache.MaxBytes);
            Cache.Dispose();
            throw new MemoryBudgetExceededException(ownBytes, used, limit ?? long.MaxValue, options.Name);
        }

        Cache.ReclaimThrough(this);
        _meter = ConversationMeter.For(options.MeterFactory);
        _meterLink = _meter.Add(this);
    }

    /// <summary>The name from the options.</summary>
    public string Name => Cache.Name;

    /// <summary>Conversations held now; at most <see cref="MaxConversations"/> at every moment.</summary>
    public long Count => Cache.Count;

    /// <summary>Bytes in use now, everything the store consists of included; at most <see cref="MaxBytes"/> at every moment. Conversations that have left but are still
    /// leased are included. 0 in a store that does not count bytes.</summary>
    public long Bytes => Cache.Bytes;

    /// <summary>Limit in bytes, null if there is none; see <see cref="TryResize"/>.</summary>
    public long? MaxBytes => Cache.MaxBytes;

    /// <summary>Limit in conversations, null if there is none; see <see cref="TryResize"/>.</summary>
    public long? MaxConversations => Cache.MaxCount;

    ReclaimPriority IMemoryReclaimer.Priority => ReclaimPriority.Conversation;

    long IMemoryReclaimer.UsedBytes => Bytes;

    long IMemoryReclaimer.ReclaimableBytes => ((IMemoryReclaimer)Cache).ReclaimableBytes;

    /// <summary>Where the conversations are: what they are charged with, and in which order they leave.</summary>
    internal BoundedCache<TKey, StoredConversation<TKey, TMessage>> Cache { get; }

    /// <summary>What writes to the sink; null without one.</summary>
    internal WriteBehind<TKey, TMessage>? WriteBehind { get; }

    internal StoreTotals Totals { get; } = new();

    internal ConversationWindowOptions<TMessage> WindowOptions { get; }

    internal Action<TKey, IReadOnlyList<DroppedMessage<TMessage>>>? Dropped { get; }

    internal bool HasSource => _loader is not null;

    /// <summary>Acquires a conversation if the store holds it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="lease">The lease, if there is such a conversation; dispose it.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The conversation has more than 65,000 leases.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public bool TryAcquire(TKey key, [NotNullWhen(true)] out ConversationLease<TMessage>? lease)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        lease = Cache.TryAcquire(key, out Lease<StoredConversation<TKey, TMessage>>? held) ? held.Value.Lease(held) : null;
        return lease is not null;
    }

    /// <summary>Removes a conversation, whoever uses it. What of it is not written yet is given up, but for what is just being written: <see cref="FlushAsync"/> first
    /// where it is to be kept. What its source has stays there.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public bool Remove(TKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        return Cache.TryRemove(key);
    }

    /// <summary>Lets conversations go, the least recently used first, until so many bytes are given back.</summary>
    /// <param name="bytes">Bytes wanted; at least 0.</param>
    /// <returns>Bytes given back; less than asked for only if what is left is leased or unsaved.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public long Trim(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfDisposed();
        return Cache.Trim(bytes);
    }

    /// <summary>Changes limits while the store is in use; lowering one lets conversations go first.</summary>
    /// <param name="maxBytes">New limit in bytes; null leaves it. 32,768 to <see cref="long.MaxValue"/>, and at least twice that of the window.</param>
    /// <param name="maxConversations">New limit in conversations; null leaves it. 1 to <see cref="long.MaxValue"/>.</param>
    /// <returns>True: both limits are in force, now and at every later moment. False: what is leased or unsaved does not allow it, and the limits are what they were, though
    /// conversations may have left.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="maxBytes"/> is given, but the store was created with neither a limit in bytes nor a budget, and
    /// does not count them.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public bool TryResize(long? maxBytes = null, long? maxConversations = null)
    {
        long least = Math.Max(ConversationStoreLimits.LeastBytes, Math.Min(WindowOptions.MaxBytes, long.MaxValue / 2) * 2);
        OptionErrors.ThrowFirst(OptionErrors.Range(nameof(maxBytes), maxBytes, least, long.MaxValue));
        OptionErrors.ThrowFirst(OptionErrors.Range(nameof(maxConversations), maxConversations, 1, long.MaxValue));
        ThrowIfDisposed();
        return Cache.TryResize(maxBytes, maxConversations);
    }

    /// <summary>Removes all conversations, as <see cref="Remove"/> does; what comes in meanwhile may stay.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void Clear()
    {
        ThrowIfDisposed();
        Cache.Clear();
    }

    /// <summary>Writes everything that has been appended so far, also to a sink that has failed just now.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the writing.</param>
    /// <returns>A task that ends when it is written; it fails with what the sink throws, and everything is kept. Ends at once in a store without a sink.</returns>
    /// <exception cref="ObjectDisposedException">The store is disposed, or is while this waits.</exception>
    public Task FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return WriteBehind?.FlushAsync(cancellationToken) ?? Task.CompletedTask;
    }

    long IMemoryReclaimer.Reclaim(long targetBytes) => Trim(targetBytes);

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
}
