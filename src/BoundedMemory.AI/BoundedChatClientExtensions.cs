using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>Bounds what chat clients send, and what they stream.</summary>
public static class BoundedChatClientExtensions
{
    /// <summary>Returns a client that sends a bounded part of each history to this one.</summary>
    /// <param name="client">The client of the model; not one that calls functions, which belongs around the client that is returned (see
    /// <see cref="BoundedChatClient"/>).</param>
    /// <param name="options">What a history is bounded by; copied. Null: the defaults.</param>
    /// <returns>A client that disposes <paramref name="client"/> with itself.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="client"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static BoundedChatClient WithBoundedHistory(this IChatClient client, ConversationWindowOptions<ChatMessage>? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new BoundedChatClient(client, new ConversationWindowChatReducer(options));
    }

    /// <summary>Adds the texts of an update to a message that is streamed into a conversation, which stays bounded while it grows.</summary>
    /// <param name="builder">From <see cref="ConversationWindow{TMessage}.BeginMessage"/>.</param>
    /// <param name="update">What has arrived. Only <see cref="TextContent"/> is taken: where a response may contain calls, data or reasoning that is to be kept,
    /// append the messages of the whole response instead (<see cref="ChatResponseExtensions.ToChatResponse"/>).</param>
    /// <returns>What became of it; if anything but <see cref="AppendResult.Appended"/>, of the first text that was refused.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="update"/> is null.</exception>
    public static AppendResult AppendText(this MessageBuilder<ChatMessage> builder, ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(update);
        foreach (AIContent? content in update.Contents)
        {
            if (content is TextContent text && builder.Append(text.Text) is not AppendResult.Appended and var refused)
            {
                return refused;
            }
        }

        return AppendResult.Appended;
    }
}
