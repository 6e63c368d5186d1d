namespace BoundedMemory;

/// <summary>A plain message, for those who have no message type of their own. Immutable.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Text">What is said; of a tool, its result.</param>
/// <example>
/// <code>
/// using var window = new ConversationWindow&lt;ConversationMessage&gt;(new());
/// window.Append(new(MessageRole.User, "What is a quorum?"));
/// </code>
/// </example>
public sealed record ConversationMessage(MessageRole Role, string Text)
{
    /// <summary>Calls it makes, or, of a tool, the one it answers; null if none.</summary>
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }

    /// <summary>Whether it is never dropped, truncated nor emptied.</summary>
    public bool IsPinned { get; init; }

    /// <summary>Tells windows about messages of this type.</summary>
    public static IMessageAdapter<ConversationMessage> Adapter { get; } = new ConversationMessageAdapter();
}
