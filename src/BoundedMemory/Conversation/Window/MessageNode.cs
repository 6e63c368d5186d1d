namespace BoundedMemory;

/// <summary>The place of a message in a window: a node of one of its lists.</summary>
internal sealed class MessageNode<TMessage>
{
    public MessageNode<TMessage>? Previous;
    public MessageNode<TMessage>? Next;

    /// <summary>It, whole, truncated, or what stands for it.</summary>
    public TMessage Message = default!;

    public MessageMetadata Metadata;

    /// <summary>The sequence of the first message of its group.</summary>
    public long Group;

    /// <summary>What it is charged with: as measured, and what its metadata retain beyond it.</summary>
    public long Bytes;

    public int Tokens;

    /// <summary>Where in a plan it says what the message is to become; -1: it stays what it is.</summary>
    public int Change = -1;

    /// <summary>It, or another of its group, is never dropped.</summary>
    public bool IsPinned;

    /// <summary>Its texts have been cut, or found short enough.</summary>
    public bool IsTruncated;

    /// <summary>A plan says that it leaves.</summary>
    public bool IsLeaving;

    public long Sequence => Metadata.Sequence;

    /// <summary>What it is charged with besides <see cref="Bytes"/>.</summary>
    public long Overhead => WindowLayout<TMessage>.OverheadOf(Metadata.Description);
}
