namespace BoundedMemory;

/// <summary>Where a store loads conversations from that it does not hold: metadata first, and then only the contents that are kept.</summary>
/// <remarks>Thread-safe; called for one conversation at a time, under no lock. What it throws reaches those who acquire the conversation, and nothing is stored. What it returns is
/// checked; what cannot be is an <see cref="InvalidDataException"/> for them.</remarks>
/// <typeparam name="TKey">Type of the keys.</typeparam>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
public interface IConversationSource<TKey, TMessage>
    where TKey : notnull
{
    /// <summary>Reads what is known of a conversation's messages.</summary>
    /// <param name="key">The key.</param>
    /// <param name="newest">How many messages at most, the newest ones, besides system and pinned ones.</param>
    /// <param name="cancellationToken">Signalled when nobody waits any more.</param>
    /// <returns>In order of sequence; empty for a conversation that does not exist. Where an <see cref="IConversationSink{TKey, TMessage}"/> has been given
    /// <see cref="ConversationWrite{TKey, TMessage}.Retained"/>, that: then the window is what it was. Otherwise the newest messages of the conversation.</returns>
    ValueTask<IReadOnlyList<MessageMetadata>> ReadMetadataAsync(TKey key, int newest, CancellationToken cancellationToken);

    /// <summary>Reads messages.</summary>
    /// <param name="key">The key.</param>
    /// <param name="sequences">Which, in order: those of the metadata that keep their content.</param>
    /// <param name="cancellationToken">Signalled when nobody waits any more.</param>
    /// <returns>One message for each, in that order, whole as they were appended.</returns>
    ValueTask<IReadOnlyList<TMessage>> ReadContentAsync(TKey key, ReadOnlyMemory<long> sequences, CancellationToken cancellationToken);

    /// <summary>Reads what else is known of a conversation, after its metadata.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Signalled when nobody waits any more.</param>
    /// <returns>What an <see cref="IConversationSink{TKey, TMessage}"/> was last given as <see cref="ConversationWrite{TKey, TMessage}.State"/>; null, which is what it
    /// returns unless it is implemented, where there is none: then the next message is numbered after the last one of the metadata, and there is no summary.</returns>
    ValueTask<ConversationState<TMessage>?> ReadStateAsync(TKey key, CancellationToken cancellationToken) => default;
}
