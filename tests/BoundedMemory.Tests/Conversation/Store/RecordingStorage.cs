namespace BoundedMemory.Tests.Conversation.Store;

/// <summary>A source and a sink in memory, which remember what they were asked for and can be made slow or faulty.</summary>
internal sealed class RecordingStorage<TKey, TMessage> : IConversationSource<TKey, TMessage>, IConversationSink<TKey, TMessage>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Saved> _saved = [];
    private readonly List<(TKey Key, long[] Sequences)> _fetched = [];
    private readonly List<ConversationWrite<TKey, TMessage>> _writes = [];
    private readonly HashSet<TKey> _beingWritten = [];

    /// <summary>Run before a write is taken; what it throws, the sink throws.</summary>
    public Func<ConversationWrite<TKey, TMessage>, CancellationToken, ValueTask>? OnWrite { get; set; }

    /// <summary>Run before metadata is returned.</summary>
    public Func<TKey, CancellationToken, ValueTask>? OnReadMetadata { get; set; }

    /// <summary>Run before the state is returned.</summary>
    public Func<TKey, CancellationToken, ValueTask>? OnReadState { get; set; }

    /// <summary>Run before contents are returned.</summary>
    public Func<TKey, CancellationToken, ValueTask>? OnReadContent { get; set; }

    /// <summary>Whether it returns the newest messages there ever were, and not what windows held.</summary>
    public bool IgnoresRetained { get; set; }

    /// <summary>How often metadata was asked for.</summary>
    public int Reads { get; private set; }

    /// <summary>Whether the sink was called for a conversation while it was writing it.</summary>
    public bool HasOverlapped { get; private set; }

    public IReadOnlyList<(TKey Key, long[] Sequences)> Fetched
    {
        get
        {
            lock (_gate)
            {
                return [.. _fetched];
            }
        }
    }

    public IReadOnlyList<ConversationWrite<TKey, TMessage>> Writes
    {
        get
        {
            lock (_gate)
            {
                return [.. _writes];
            }
        }
    }

    /// <summary>All messages of a conversation that were written, in order.</summary>
    public IReadOnlyList<StoredMessage<TMessage>> MessagesOf(TKey key)
    {
        lock (_gate)
        {
            return _saved.TryGetValue(key, out Saved? saved) ? [.. saved.Messages.Values] : [];
        }
    }

    public async ValueTask WriteAsync(ConversationWrite<TKey, TMessage> write, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            HasOverlapped |= !_beingWritten.Add(write.Key);
        }

        try
        {
            if (OnWrite is { } act)
            {
                await act(write, cancellationToken);
            }

            lock (_gate)
            {
                if (!_saved.TryGetValue(write.Key, out Saved? saved))
                {
                    _saved[write.Key] = saved = new Saved();
                }

                foreach (StoredMessage<TMessage> message in write.Appended)
                {
                    saved.Messages[message.Metadata.Sequence] = message;
                }

                saved.Retained = [.. write.Retained];
                saved.State = write.State;
                _writes.Add(write);
            }
        }
        finally
        {
            lock (_gate)
            {
                _beingWritten.Remove(write.Key);
            }
        }
    }

    public async ValueTask<IReadOnlyList<MessageMetadata>> ReadMetadataAsync(TKey key, int newest, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Reads++;
        }

        if (OnReadMetadata is { } act)
        {
            await act(key, cancellationToken);
        }

        lock (_gate)
        {
            return !_saved.TryGetValue(key, out Saved? saved) ? []
                : !IgnoresRetained ? saved.Retained
                : [.. saved.Messages.Values.Select(message => message.Metadata).Where(IsPinned)
                    .Concat(saved.Messages.Values.Select(message => message.Metadata).Where(metadata => !IsPinned(metadata)).TakeLast(newest))
                    .OrderBy(metadata => metadata.Sequence)];
        }
    }

    public async ValueTask<ConversationState<TMessage>?> ReadStateAsync(TKey key, CancellationToken cancellationToken)
    {
        if (OnReadState is { } act)
        {
            await act(key, cancellationToken);
        }

        lock (_gate)
        {
            return _saved.TryGetValue(key, out Saved? saved) ? saved.State : null;
        }
    }

    public async ValueTask<IReadOnlyList<TMessage>> ReadContentAsync(TKey key, ReadOnlyMemory<long> sequences, CancellationToken cancellationToken)
    {
        if (OnReadContent is { } act)
        {
            await act(key, cancellationToken);
        }

        lock (_gate)
        {
            _fetched.Add((key, sequences.ToArray()));
            return [.. sequences.ToArray().Select(sequence => _saved[key].Messages[sequence].Message)];
        }
    }

    private static bool IsPinned(MessageMetadata metadata) => metadata.Description.IsPinned || metadata.Description.Role == MessageRole.System;

    private sealed class Saved
    {
        public SortedDictionary<long, StoredMessage<TMessage>> Messages { get; } = [];

        public MessageMetadata[] Retained { get; set; } = [];

        public ConversationState<TMessage>? State { get; set; }
    }
}
