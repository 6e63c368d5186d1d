namespace BoundedMemory.Tests.Conversation;

/// <summary>A message of any kind. Immutable.</summary>
internal sealed record Said(MessageRole Role, string Text, MessageKind Kind = MessageKind.Text, IReadOnlyList<ToolCall>? Calls = null, bool IsPinned = false)
{
    public static Said System(string text) => new(MessageRole.System, text);

    public static Said User(string text) => new(MessageRole.User, text);

    public static Said Assistant(string text) => new(MessageRole.Assistant, text);

    public static Said Reasoning(string text = "hm") => new(MessageRole.Assistant, text, MessageKind.Reasoning);

    public static Said Call(params string?[] ids) => new(MessageRole.Assistant, "", MessageKind.Call, [.. ids.Select(id => new ToolCall(id, "tool"))]);

    public static Said Result(string? id, string text = "done") => new(MessageRole.Tool, text, MessageKind.Result, [new ToolCall(id)]);
}

/// <summary>Tells windows about <see cref="Said"/>.</summary>
internal sealed class SaidAdapter : IMessageAdapter<Said>
{
    public const string Empty = "[gone]";

    public static readonly SaidAdapter Instance = new();

    public MessageDescription Describe(Said message) => new(message.Role, message.Kind, message.Calls, message.IsPinned);

    public int CountTokens(Said message, TokenCounter counter) => counter(message.Text) + (message.Calls?.Count ?? 0);

    public Said Truncate(Said message, in TextTruncation truncation)
    {
        string text = message.Text == Empty ? message.Text : TextTruncator.Truncate(message.Text, truncation);
        return ReferenceEquals(text, message.Text) ? message : message with { Text = text };
    }

    public Said CreatePlaceholder(in MessageMetadata metadata) =>
        new(metadata.Description.Role, Empty, metadata.Description.Kind, metadata.Description.ToolCalls, metadata.Description.IsPinned);

    public Said Create(MessageRole role, string text) => new(role, text);
}
