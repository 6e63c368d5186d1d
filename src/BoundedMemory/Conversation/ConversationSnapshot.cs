using System.Collections;
using System.Diagnostics;

namespace BoundedMemory;

/// <summary>What a window held at some moment: its messages in order, system and pinned messages where they were said, a summary before the first message that is not
/// pinned. Immutable.</summary>
/// <remarks>Thread-safe. A snapshot that somebody keeps keeps its messages on the heap; the window is charged with the newest only.</remarks>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
[DebuggerDisplay("{Count} messages, {Bytes} bytes")]
public sealed class ConversationSnapshot<TMessage> : IReadOnlyList<TMessage>
{
    private readonly TMessage[] _messages;
    private readonly MessageMetadata[] _metadata;

    internal ConversationSnapshot(TMessage[] messages, MessageMetadata[] metadata, long bytes, int? tokens)
    {
        _messages = messages;
        _metadata = metadata;
        Bytes = bytes;
        Tokens = tokens;
    }

    /// <summary>Messages in the snapshot, placeholders and the summary included.</summary>
    public int Count => _messages.Length;

    /// <summary>A message by its place.</summary>
    /// <param name="index">0 is the first, <c>Count - 1</c> the newest.</param>
    /// <exception cref="IndexOutOfRangeException"><paramref name="index"/> is negative, or not less than <see cref="Count"/>.</exception>
    public TMessage this[int index] => _messages[index];

    /// <summary>The messages, without a copy.</summary>
    public ReadOnlySpan<TMessage> Messages => _messages;

    /// <summary>What is known of each message, in the same order. Sequences increase, but for that of a summary, which is the one it was set with.</summary>
    public ReadOnlySpan<MessageMetadata> Metadata => _metadata;

    /// <summary>Bytes its messages retained on the heap.</summary>
    public long Bytes { get; }

    /// <summary>Tokens of its messages; null without a <see cref="TokenCounter"/>.</summary>
    public int? Tokens { get; }

    /// <summary>Enumerates the messages.</summary>
    public IEnumerator<TMessage> GetEnumerator() => ((IEnumerable<TMessage>)_messages).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
