namespace BoundedMemory;

/// <summary>Loads conversations from a source: metadata first, then the contents of those messages alone that the window keeps with their content.</summary>
/// <remarks>Thread-safe; nothing is kept of a load that fails.</remarks>
internal sealed class ConversationLoader<TKey, TMessage>
    where TKey : notnull
{
    private readonly ConversationStore<TKey, TMessage> _store;
    private readonly IConversationSource<TKey, TMessage> _source;

    public ConversationLoader(ConversationStore<TKey, TMessage> store, IConversationSource<TKey, TMessage> source)
    {
        _store = store;
        _source = source;
    }

    /// <summary>Messages asked for: one more than fit, which tells that there are older ones, so that the window begins as if they had made room.</summary>
    private int Newest => _store.WindowOptions.MaxMessages + 1;

    public async ValueTask<StoredConversation<TKey, TMessage>> LoadAsync(TKey key, CancellationToken cancellationToken)
    {
        IReadOnlyList<MessageMetadata> read = await _source.ReadMetadataAsync(key, Newest, cancellationToken).ConfigureAwait(false);
        MessageMetadata[] known = SourceChecks.CopyMetadata(read, Newest, _store.WindowOptions.MaxMessages);
        ConversationState<TMessage>? state = await _source.ReadStateAsync(key, cancellationToken).ConfigureAwait(false);
        long nextSequence = SourceChecks.NextSequence(state, known);
        MessageMetadata[] kept = LoadPlan.Of(known, _store.WindowOptions);
        var contents = new TMessage[kept.Length];
        long[] wanted = [.. kept.Where(metadata => metadata.HasContent).Select(metadata => metadata.Sequence)];
        if (wanted.Length > 0)
        {
            IReadOnlyList<TMessage> messages = await _source.ReadContentAsync(key, wanted, cancellationToken).ConfigureAwait(false);
            SourceChecks.CopyContents(messages, kept, wanted.Length, contents);
        }

        var conversation = new StoredConversation<TKey, TMessage>(_store, key);
        conversation.Restore(kept, contents, nextSequence, state);
        return conversation;
    }
}
