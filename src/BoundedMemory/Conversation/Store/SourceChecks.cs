using System.Globalization;

namespace BoundedMemory;

/// <summary>Checks what a source returns. The messages of its exceptions say what is wrong and where, and nothing that users have said or are called by.</summary>
internal static class SourceChecks
{
    /// <summary>Copies metadata, so that it cannot change any more, and checks it.</summary>
    /// <param name="read">What the source returned.</param>
    /// <param name="newest">How many messages it may return that are neither the system's nor pinned.</param>
    /// <param name="pinned">How many it may return that are.</param>
    /// <exception cref="InvalidDataException">It cannot be.</exception>
    public static MessageMetadata[] CopyMetadata(IReadOnlyList<MessageMetadata>? read, int newest, int pinned)
    {
        if (read is null)
        {
            throw Invalid($"no list of metadata, not even an empty one");
        }

        int count = read.Count;
        if (count < 0 || count > (long)newest + pinned)
        {
            throw Invalid($"the metadata of {count} messages, where at most {newest} were asked for besides pinned ones");
        }

        var copy = new MessageMetadata[count];
        long former = -1;
        int unpinned = 0;
        for (int i = 0; i < count; i++)
        {
            MessageMetadata metadata = read[i];
            if (FindError(metadata, former) is { } complaint)
            {
                throw Invalid($"metadata {i} of {count} {complaint}");
            }

            unpinned += IsPinned(metadata) ? 0 : 1;
            former = metadata.Sequence;
            copy[i] = metadata;
        }

        return unpinned <= newest ? copy : throw Invalid($"the metadata of {unpinned} messages that are not pinned, where at most {newest} were asked for");
    }

    /// <summary>The number of the next message.</summary>
    /// <exception cref="InvalidDataException">It cannot be.</exception>
    public static long NextSequence<TMessage>(ConversationState<TMessage>? state, MessageMetadata[] metadata)
    {
        long next = metadata.Length == 0 ? 0 : metadata[^1].Sequence + 1;
        if (state is null)
        {
            return next;
        }

        if (state.NextSequence < next || state.NextSequence > ConversationStoreLimits.HighestSequence)
        {
            throw Invalid($"{state.NextSequence} as the number of the next message, where it must be from {next} to {ConversationStoreLimits.HighestSequence}");
        }

        return state.SummaryThrough < state.NextSequence && (state.SummaryThrough < 0 || state.Summary is not null)
            ? state.NextSequence
            : throw Invalid($"a summary through message {state.SummaryThrough}, where the next one is {state.NextSequence}");
    }

    /// <summary>Checks contents and puts each to its metadata.</summary>
    /// <exception cref="InvalidDataException">They cannot be.</exception>
    public static void CopyContents<TMessage>(IReadOnlyList<TMessage>? read, MessageMetadata[] metadata, int wanted, TMessage[] contents)
    {
        if (read is null || read.Count != wanted)
        {
            throw Invalid($"{read?.Count ?? 0} messages, where {wanted} were asked for");
        }

        int next = 0;
        for (int i = 0; i < metadata.Length; i++)
        {
            if (metadata[i].HasContent)
            {
                contents[i] = read[next++] ?? throw Invalid($"null for message {metadata[i].Sequence}");
            }
        }
    }

    /// <summary>What is wrong with the metadata of a message; null if nothing.</summary>
    private static FormattableString? FindError(in MessageMetadata metadata, long former)
    {
        MessageDescription description = metadata.Description;
        if (metadata.Sequence <= former || metadata.Sequence >= ConversationStoreLimits.HighestSequence)
        {
            return $"with the sequence {metadata.Sequence}, where it must be above {former} and below {ConversationStoreLimits.HighestSequence}";
        }

        if (!Enum.IsDefined(description.Role) || !Enum.IsDefined(description.Kind))
        {
            return $"with the role {(int)description.Role} and the kind {(int)description.Kind}, one of which does not exist";
        }

        if (description.ToolCalls is { Count: < 0 or > ConversationStoreLimits.MostToolCalls } calls)
        {
            return $"with {calls.Count} tool calls, where there may be {ConversationStoreLimits.MostToolCalls}";
        }

        if (metadata.ContentBytes is < 0 or > CacheLimits.MostValueBytes)
        {
            return $"with {metadata.ContentBytes} bytes of content, where there may be from 0 to {CacheLimits.MostValueBytes}";
        }

        return !metadata.HasContent && IsPinned(metadata) ? (FormattableString)$"of a message that is pinned and has no content" : null;
    }

    private static bool IsPinned(in MessageMetadata metadata) => metadata.Description.IsPinned || metadata.Description.Role == MessageRole.System;

    private static InvalidDataException Invalid(FormattableString complaint) =>
        new($"The source of conversations returned {complaint.ToString(CultureInfo.InvariantCulture)}.");
}
