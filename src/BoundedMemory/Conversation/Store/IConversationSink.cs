namespace BoundedMemory;

/// <summary>Where a store writes what was appended, some time after it was.</summary>
/// <remarks>Called from the thread pool, one call at a time for each conversation, under no lock. What it throws means: nothing of this was written; it is kept, counted, and
/// written again.</remarks>
/// <typeparam name="TKey">Type of the keys.</typeparam>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
public interface IConversationSink<TKey, TMessage>
    where TKey : notnull
{
    /// <summary>Writes what was appended to a conversation since the last write; nothing was if only its window, or its summary, has changed.</summary>
    /// <param name="write">What.</param>
    /// <param name="cancellationToken">Signalled when the store is disposed.</param>
    /// <returns>A task that ends when it is written, as durably as it is meant to be.</returns>
    ValueTask WriteAsync(ConversationWrite<TKey, TMessage> write, CancellationToken cancellationToken);
}

/// <summary>What was appended to a conversation, and what its window holds now.</summary>
/// <param name="Key">The conversation.</param>
/// <param name="Appended">Messages appended since the last write, whole, in order; may have been written before if that write failed half-way: the sequence tells.</param>
/// <param name="Retained">What the window holds: return it from <see cref="IConversationSource{TKey, TMessage}.ReadMetadataAsync"/> and the window is, after a reload, what it was.</param>
/// <param name="State">What else there is to know: return it from <see cref="IConversationSource{TKey, TMessage}.ReadStateAsync"/>.</param>
public sealed record ConversationWrite<TKey, TMessage>(
    TKey Key, IReadOnlyList<StoredMessage<TMessage>> Appended, IReadOnlyList<MessageMetadata> Retained, ConversationState<TMessage> State)
    where TKey : notnull;

/// <summary>A message and what is known of it.</summary>
/// <param name="Metadata">Number, role, time.</param>
/// <param name="Message">The message.</param>
public readonly record struct StoredMessage<TMessage>(MessageMetadata Metadata, TMessage Message);
