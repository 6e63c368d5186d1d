#pragma warning disable CS1591, CA1711, IDE0060 // Skeleton.
using System.Collections;

namespace BoundedMemory;

/// <summary>What a window held at some moment. Immutable.</summary>
public sealed class ConversationSnapshot<TMessage> : IReadOnlyList<TMessage>
{
    public int Count => throw new NotImplementedException();

    public TMessage this[int index] => throw new NotImplementedException();

    public ReadOnlySpan<MessageMetadata> Metadata => throw new NotImplementedException();

    public long Bytes => throw new NotImplementedException();

    public int? Tokens => throw new NotImplementedException();

    public IEnumerator<TMessage> GetEnumerator() => throw new NotImplementedException();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
