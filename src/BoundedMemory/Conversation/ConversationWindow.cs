#pragma warning disable CS1591, CA1711, IDE0060 // Skeleton.
using System.Diagnostics;

namespace BoundedMemory;

/// <summary>The part of a conversation that is kept: so many messages, bytes and tokens, whatever is appended.</summary>
[DebuggerDisplay("{Name,nq}: {Count} messages, {Bytes} bytes")]
public sealed class ConversationWindow<TMessage> : IMemoryReclaimer, IDisposable
{
    /// <summary>Creates a window.</summary>
    public ConversationWindow(ConversationWindowOptions<TMessage> options) => throw new NotImplementedException();

    /// <summary>Creates a window of a store.</summary>
    internal ConversationWindow(ConversationWindowOptions<TMessage> options, IWindowOwner<TMessage> owner) => throw new NotImplementedException();

    /// <summary>Guards everything in the window; held by the store to see several things as of one moment.</summary>
    internal object Gate => throw new NotImplementedException();

    /// <summary>Bytes taken from the owner, or, before the first use, to be taken for it.</summary>
    internal long ChargedBytes => throw new NotImplementedException();

    /// <summary>What the window holds, for a sink. Under the lock.</summary>
    internal MessageMetadata[] Retained() => throw new NotImplementedException();

    /// <summary>Fills a new window with what a source returned, keeping its caps; before anything else uses it.</summary>
    /// <param name="metadata">Checked by the caller.</param>
    /// <param name="contents">For each message that keeps its content, it; default for the others.</param>
    internal void Restore(IReadOnlyList<MessageMetadata> metadata, IReadOnlyList<TMessage> contents) => throw new NotImplementedException();

    public string Name => throw new NotImplementedException();

    public int Count => throw new NotImplementedException();

    public long Bytes => throw new NotImplementedException();

    public int? Tokens => throw new NotImplementedException();

    public long NextSequence => throw new NotImplementedException();

    public ConversationWindowStatistics Statistics => throw new NotImplementedException();

    public AppendResult Append(TMessage message) => throw new NotImplementedException();

    public AppendResult Append(TMessage message, out long sequence) => throw new NotImplementedException();

    public MessageBuilder<TMessage> BeginMessage(MessageRole role) => throw new NotImplementedException();

    public ConversationSnapshot<TMessage> Snapshot() => throw new NotImplementedException();

    public AppendResult SetSummary(TMessage summary, long throughSequence) => throw new NotImplementedException();

    public long Trim(long bytes) => throw new NotImplementedException();

    public void Clear() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();

    ReclaimPriority IMemoryReclaimer.Priority => ReclaimPriority.Conversation;

    long IMemoryReclaimer.UsedBytes => Bytes;

    long IMemoryReclaimer.ReclaimableBytes => throw new NotImplementedException();

    long IMemoryReclaimer.Reclaim(long targetBytes) => Trim(targetBytes);
}

/// <summary>Windows without state.</summary>
public static class ConversationWindow
{
    /// <summary>What a window with these options keeps of a list of messages.</summary>
    public static ConversationSnapshot<TMessage> Reduce<TMessage>(IEnumerable<TMessage> messages, ConversationWindowOptions<TMessage> options) =>
        throw new NotImplementedException();
}
