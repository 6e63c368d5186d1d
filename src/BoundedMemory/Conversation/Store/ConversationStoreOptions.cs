using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What a <see cref="ConversationStore{TKey, TMessage}"/> is bounded by and how it behaves. Copied when a store is created.</summary>
/// <remarks>At least one of <see cref="MaxBytes"/>, <see cref="MaxConversations"/> and <see cref="Budget"/> must be set.</remarks>
/// <typeparam name="TKey">Type of the keys.</typeparam>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
public sealed class ConversationStoreOptions<TKey, TMessage> : IPrimitiveOptions
    where TKey : notnull
{
    /// <summary>Name of the store in metrics (<c>conversation.name</c>), messages and its budget's path.</summary>
    /// <value>Default <c>"conversations"</c>; not empty, no '/'. Dependency injection sets the name the store is registered with.</value>
    public string Name { get; set; } = "conversations";

    /// <summary>Bytes the store may retain on the managed heap: all conversations with their keys, what waits to be written, and everything else it consists of.</summary>
    /// <value>Default null: no limit of its own. 32,768 to <see cref="long.MaxValue"/>, and at least twice the <see cref="Window"/>'s.</value>
    public long? MaxBytes { get; set; }

    /// <summary>Conversations the store may hold.</summary>
    /// <value>Default null: no limit. 1 to <see cref="long.MaxValue"/>.</value>
    public long? MaxConversations { get; set; }

    /// <summary>How long a conversation stays that nobody uses, from the end of its last lease on. One that has unsaved messages stays until they are saved.</summary>
    /// <value>Default null: until its room is needed. 1 ms to 36,525 days.</value>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>What each conversation is bounded by. Its name, clock and meter are the store's.</summary>
    /// <value>Default: the defaults. Its <c>Budget</c> and <c>Dropped</c> must be null.</value>
    public ConversationWindowOptions<TMessage> Window { get; set; } = new();

    /// <summary>Where conversations are loaded from that the store does not hold.</summary>
    /// <value>Default null: they begin empty. Dependency injection sets the one that is registered, with the store's name as key or without a key.</value>
    public IConversationSource<TKey, TMessage>? Source { get; set; }

    /// <summary>Where what is appended is written, in the background. Not disposed by the store.</summary>
    /// <value>Default null: nowhere. Dependency injection sets the one that is registered, with the store's name as key or without a key.</value>
    public IConversationSink<TKey, TMessage>? Sink { get; set; }

    /// <summary>Messages that may wait for the <see cref="Sink"/>, those that are being written included; more are refused
    /// (<see cref="AppendResult.Backlogged"/>).</summary>
    /// <value>Default 1,000. 1 to 1,000,000.</value>
    public int MaxPendingMessages { get; set; } = 1000;

    /// <summary>How long the store waits before it writes again to a sink that has failed.</summary>
    /// <value>Default 5 s. 1 ms to 1 day.</value>
    public TimeSpan SinkRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Called with messages that have left a conversation that stays, or have lost their content there, oldest first: see
    /// <see cref="ConversationWindowOptions{TMessage}.Dropped"/>, in place of which it stands here, because it says whose they are. Not for those that leave with their
    /// conversation.</summary>
    /// <value>Default null.</value>
    public Action<TKey, IReadOnlyList<DroppedMessage<TMessage>>>? Dropped { get; set; }

    /// <summary>Called for every conversation that has left, on the thread that made it leave, under no lock. What it throws is counted and swallowed.</summary>
    /// <value>Default null.</value>
    public Action<EvictedConversation<TKey>>? Evicted { get; set; }

    /// <summary>Equality of keys.</summary>
    /// <value>Default null: <see cref="EqualityComparer{T}.Default"/>.</value>
    public IEqualityComparer<TKey>? KeyComparer { get; set; }

    /// <summary>Measures what a key retains on the heap.</summary>
    /// <value>Default null: <see cref="ObjectSizer"/>.</value>
    public Sizer<TKey>? KeySizer { get; set; }

    /// <summary>A budget that the store's bytes are part of, in addition to <see cref="MaxBytes"/>.</summary>
    /// <value>Default null.</value>
    public MemoryBudget? Budget { get; set; }

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the meter comes from.</summary>
    /// <value>Default null: one meter for the process. Dependency injection sets the one that is registered.</value>
    public IMeterFactory? MeterFactory { get; set; }
}
