namespace BoundedMemory;

/// <summary>What there is to know of a conversation besides its messages.</summary>
/// <param name="NextSequence">The number the next message gets: above that of every message there ever was, also of those that have left.</param>
/// <param name="Summary">The summary; the default of its type if there is none.</param>
/// <param name="SummaryThrough">The last message that the summary covers; -1 if there is none.</param>
public sealed record ConversationState<TMessage>(long NextSequence, TMessage? Summary = default, long SummaryThrough = -1)
{
    /// <summary>Whether there is a summary.</summary>
    public bool HasSummary => SummaryThrough >= 0;
}
