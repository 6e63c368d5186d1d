namespace BoundedMemory;

/// <summary>What an <see cref="IMessageAdapter{TMessage}"/> tells about a message.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Kind">What it has to do with those beside it.</param>
/// <param name="ToolCalls">The calls it makes (<see cref="MessageKind.Call"/>) or answers (<see cref="MessageKind.Result"/>); null if there are none. Kept, not
/// copied: must not change.</param>
/// <param name="IsPinned">Whether it is never dropped, truncated nor emptied. Messages of the <see cref="MessageRole.System"/> are pinned anyway.</param>
public readonly record struct MessageDescription(
    MessageRole Role, MessageKind Kind = MessageKind.Text, IReadOnlyList<ToolCall>? ToolCalls = null, bool IsPinned = false);
