namespace BoundedMemory;

/// <summary>Tells windows about <see cref="ConversationMessage"/>.</summary>
internal sealed class ConversationMessageAdapter : IMessageAdapter<ConversationMessage>
{
    private const string Empty = "[content not kept]";

    public MessageDescription Describe(ConversationMessage message) => new(
        message.Role,
        message.ToolCalls is not { Count: > 0 } ? MessageKind.Text : message.Role == MessageRole.Tool ? MessageKind.Result : MessageKind.Call,
        message.ToolCalls,
        message.IsPinned);

    public int CountTokens(ConversationMessage message, TokenCounter counter) => counter(message.Text);

    public ConversationMessage Truncate(ConversationMessage message, in TextTruncation truncation)
    {
        // What stands for a content stays what it is, also in a history that is reduced once more.
        if (message.Text == Empty)
        {
            return message;
        }

        string text = message.Role == MessageRole.Tool ? TruncatedResult.Truncate(message.Text, truncation) : TextTruncator.Truncate(message.Text, truncation);
        return ReferenceEquals(text, message.Text) ? message : message with { Text = text };
    }

    public ConversationMessage CreatePlaceholder(in MessageMetadata metadata) =>
        new(metadata.Description.Role, Empty) { ToolCalls = metadata.Description.ToolCalls, IsPinned = metadata.Description.IsPinned };

    public ConversationMessage Create(MessageRole role, string text) => new(role, text);
}
