namespace BoundedMemory;

/// <summary>Decides which messages of a conversation are kept when it is loaded, and which with their content, before any content is: by a window of their metadata, with the
/// same rules as that of the messages, but for bytes and tokens, which only contents have.</summary>
internal static class LoadPlan
{
    /// <summary>The metadata of the messages that are kept.</summary>
    public static MessageMetadata[] Of<TMessage>(MessageMetadata[] known, ConversationWindowOptions<TMessage> options)
    {
        if (known.Length == 0)
        {
            return known;
        }

        var window = new ConversationWindow<MessageMetadata>(
            new ConversationWindowOptions<MessageMetadata>
            {
                Adapter = Adapter.Instance,
                MaxMessages = options.MaxMessages,
                MaxBytes = long.MaxValue,
                FullContentCount = options.FullContentCount,
                Content = null,
                RetainRatio = 1,
                StartOn = options.StartOn,
                IncompleteGroup = options.IncompleteGroup,
                MessageSizer = Adapter.Sizer,
            },
            Adapter.Instance);

        // A result whose call is not among them is refused; those that are taken are numbered by the window.
        var taken = new Dictionary<long, MessageMetadata>(known.Length);
        foreach (MessageMetadata metadata in known)
        {
            if (window.Append(metadata, out long sequence) == AppendResult.Appended)
            {
                taken[sequence] = metadata;
            }
        }

        var kept = new List<MessageMetadata>(Math.Min(known.Length, options.MaxMessages));
        foreach (MessageMetadata planned in window.Snapshot().Metadata)
        {
            MessageMetadata metadata = taken[planned.Sequence];
            kept.Add(metadata with { HasContent = metadata.HasContent && planned.HasContent });
        }

        return [.. kept];
    }

    /// <summary>Metadata as messages, in a window that nobody owns.</summary>
    private sealed class Adapter : IMessageAdapter<MessageMetadata>, IWindowOwner<MessageMetadata>
    {
        public static readonly Adapter Instance = new();

        public static readonly Sizer<MessageMetadata> Sizer = BoundedMemory.Sizer.Create<MessageMetadata>(static _ => 0);

        public MessageDescription Describe(MessageMetadata message) => message.Description;

        public int CountTokens(MessageMetadata message, TokenCounter counter) => 0;

        public MessageMetadata Truncate(MessageMetadata message, in TextTruncation truncation) => message;

        public MessageMetadata CreatePlaceholder(in MessageMetadata metadata) => metadata;

        public MessageMetadata Create(MessageRole role, string text) => throw new NotSupportedException();

        public bool TryGrow(long bytes) => true;

        public void AskOthers()
        {
        }

        public void Shrink(long bytes)
        {
        }

        public AppendResult TryKeep(in StoredMessage<MessageMetadata> message, long bytes) => AppendResult.Appended;

        public Action? TakeDeferred() => null;
    }
}
