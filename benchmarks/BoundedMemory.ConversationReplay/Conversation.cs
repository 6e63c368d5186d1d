using Microsoft.Extensions.AI;

namespace BoundedMemory.ConversationReplay;

/// <summary>A conversation. The id of each message is its number, so that it is known again when it was copied.</summary>
internal sealed record Conversation(IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>Whether the model is called with everything up to a message.</summary>
    public static bool IsRequest(ChatMessage newest) => newest.Role == ChatRole.User || newest.Role == ChatRole.Tool;
}
