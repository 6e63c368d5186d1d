namespace BoundedMemory;

/// <content>What is read.</content>
internal sealed partial class WindowCore<TMessage>
{
    public long ReclaimableBytes
    {
        get
        {
            lock (this)
            {
                return ReclaimableLocked();
            }
        }
    }

    /// <summary>What there is, the same until something changes.</summary>
    public ConversationSnapshot<TMessage> Snapshot()
    {
        ConversationSnapshot<TMessage>? snapshot = Volatile.Read(in _snapshot);
        if (snapshot is null)
        {
            lock (this)
            {
                ThrowIfClosed();
                snapshot = _snapshot;
                if (snapshot is null)
                {
                    snapshot = CreateSnapshot();
                    Volatile.Write(ref _snapshot, snapshot);
                }
            }
        }

        return snapshot;
    }

    /// <summary>What is known of the messages that are there, without the summary.</summary>
    public MessageMetadata[] Retained()
    {
        lock (this)
        {
            var retained = new MessageMetadata[_loose.Count + _pinned.Count];
            MessageNode<TMessage>? loose = _loose.First;
            MessageNode<TMessage>? pinned = _pinned.First;
            for (int i = 0; i < retained.Length; i++)
            {
                retained[i] = NextInOrder(ref loose, ref pinned)!.Metadata;
            }

            return retained;
        }
    }

    private ConversationSnapshot<TMessage> CreateSnapshot()
    {
        MessageNode<TMessage>? loose = _options.WithoutContent == WithoutContent.Omit ? FirstWithContent() : _loose.First;
        int count = _pinned.Count + (_summary is null ? 0 : 1);
        for (MessageNode<TMessage>? node = loose; node is not null; node = node.Next)
        {
            count++;
        }

        var messages = new TMessage[count];
        var metadata = new MessageMetadata[count];
        MessageNode<TMessage>? summary = _summary;
        MessageNode<TMessage>? pinned = _pinned.First;
        long bytes = 0;
        long tokens = 0;
        for (int i = 0; i < count; i++)
        {
            MessageNode<TMessage> node;
            if (summary is not null && (pinned is null || loose?.Sequence < pinned.Sequence))
            {
                node = summary;
                summary = null;
            }
            else
            {
                node = NextInOrder(ref loose, ref pinned)!;
            }

            messages[i] = node.Message;
            metadata[i] = node.Metadata;
            bytes += node.Bytes;
            tokens += node.Tokens;
        }

        return new ConversationSnapshot<TMessage>(messages, metadata, bytes, _options.TokenCounter is null ? null : (int)Math.Min(int.MaxValue, tokens));
    }

    /// <summary>Where a snapshot begins that shows no placeholders: after the last message without content and the rest of its group, and at a message of the user, if
    /// that is wanted and there is one. Of the newest group all is shown.</summary>
    private MessageNode<TMessage>? FirstWithContent()
    {
        MessageNode<TMessage>? first = _loose.First;
        while (first is not null && first != _oldestContent && first.Group != _newest)
        {
            first = first.Next;
        }

        while (first?.Previous is { Metadata.HasContent: false } before && first.Group == before.Group && first.Group != _newest)
        {
            // The whole group has to go, and what it consists of is this message and those after it.
            long group = first.Group;
            while (first?.Group == group)
            {
                first = first.Next;
            }
        }

        MessageNode<TMessage>? user = first;
        while (user is not null && !IsUser(user.Metadata.Description))
        {
            user = user.Next;
        }

        return user is not null && first != _loose.First && _options.StartOn == StartOn.UserMessageIfPossible ? user : first;
    }

    /// <summary>The next of the messages of both lists.</summary>
    private static MessageNode<TMessage>? NextInOrder(ref MessageNode<TMessage>? loose, ref MessageNode<TMessage>? pinned)
    {
        ref MessageNode<TMessage>? next = ref loose is not null && (pinned is null || loose.Sequence < pinned.Sequence) ? ref loose : ref pinned;
        MessageNode<TMessage>? node = next;
        next = node?.Next;
        return node;
    }
}
