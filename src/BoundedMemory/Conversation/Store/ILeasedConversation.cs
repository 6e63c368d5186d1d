namespace BoundedMemory;

/// <summary>A conversation of a store as its leases see it, whatever its key.</summary>
internal interface ILeasedConversation<TMessage>
{
    ConversationWindow<TMessage> Window { get; }

    /// <summary>Whether it has left the store for good; then something was refused for that.</summary>
    bool RefuseIfClosed();

    AppendResult SetSummary(TMessage summary, long throughSequence);

    void MarkSaved(long throughSequence);

    /// <summary>One lease less.</summary>
    void EndLease();
}
