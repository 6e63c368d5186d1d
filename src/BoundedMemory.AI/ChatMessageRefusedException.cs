using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>A chat history cannot be reduced, because a message that may not be left out does not fit: the newest one, or one of the system or pinned.</summary>
public sealed class ChatMessageRefusedException : InvalidOperationException
{
    internal ChatMessageRefusedException(ChatRole role, AppendResult reason, ConversationWindowOptions<ChatMessage> options)
        : base($"A message of the role '{role}' that may not be left out does not fit ({reason}): the history is bounded by {options.MaxMessages} messages, {options.MaxBytes} bytes"
            + $"{(options.MaxTokens is { } tokens ? $" and {tokens} tokens" : "")}.")
    {
        Role = role;
        Reason = reason;
    }

    /// <summary>Whose message it is.</summary>
    public ChatRole Role { get; }

    /// <summary>Why it was refused.</summary>
    public AppendResult Reason { get; }
}
