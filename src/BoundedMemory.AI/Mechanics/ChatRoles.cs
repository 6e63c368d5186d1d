using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>Which role is which.</summary>
internal static class ChatRoles
{
    private static readonly ChatRole Developer = new("developer");
    private static readonly ChatRole Function = new("function");

    public static MessageRole ToMessageRole(ChatRole role) =>
        role == ChatRole.User ? MessageRole.User
        : role == ChatRole.Tool || role == Function ? MessageRole.Tool
        : role == ChatRole.System || role == Developer ? MessageRole.System
        : MessageRole.Assistant;

    public static ChatRole ToChatRole(MessageRole role) => role switch
    {
        MessageRole.System => ChatRole.System,
        MessageRole.User => ChatRole.User,
        MessageRole.Tool => ChatRole.Tool,
        _ => ChatRole.Assistant,
    };
}
