using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>Tells conversation windows and stores what they have to know of a <see cref="ChatMessage"/>. Stateless; thread-safe.</summary>
/// <remarks>
/// <para><b>Roles.</b> <c>system</c> and <c>developer</c> are the <see cref="MessageRole.System"/>, <c>tool</c> and the older <c>function</c> a
/// <see cref="MessageRole.Tool"/>, regardless of case. A role that is not known counts as the <see cref="MessageRole.Assistant"/>: it is neither kept for ever, nor
/// begins a turn, nor ends calls that wait for their results.</para>
/// <para><b>Calls and results</b> are what derives from <see cref="ToolCallContent"/> and <see cref="ToolResultContent"/>, and requests for an approval with their
/// responses (<see cref="InputRequestContent"/>, <see cref="InputResponseContent"/>). Those answered within their own message, as hosted tools are, bind it to no
/// other. A message that answers earlier calls and makes new ones is described by what it calls if it is the assistant's, by what it answers otherwise.</para>
/// <para><b>What is kept of a message</b> (<see cref="Retain"/>): all but the provider's own objects, exceptions and annotations, which no provider reads in a
/// request and which would keep alive what is cut. Contents that are nothing but a provider's object stay as they are. Messages of the system and pinned ones are
/// not touched.</para>
/// <para><b>What is cut</b> (<see cref="Truncate"/>): texts, reasoning, errors, results. A result becomes marked text, because half a JSON document is none. Never
/// arguments, nor data and images: these stay whole or leave with their message. Reasoning that a provider signed or encrypted is left out instead of cut. Contents
/// that are cut lose their <see cref="AIContent.AdditionalProperties"/>, and so does their message.</para>
/// <para><b>The text of a result</b> is the string, the text of a JSON value, or what <see cref="AIJsonUtilities.DefaultOptions"/> makes of any other object, as it
/// is sent to the model. In a trimmed program that knows only types it was given descriptions of; a result of another type is never cut, its bytes count.</para>
/// <para><b>Tokens</b> are counted of texts, reasoning, results, names and arguments; images and other data have none here: bound them with bytes.</para>
/// </remarks>
/// <example>
/// <code>
/// using var window = new ConversationWindow&lt;ChatMessage&gt;(new() { Adapter = ChatMessageAdapter.Default, MessageSizer = ChatMessageAdapter.Sizer });
/// window.Append(new ChatMessage(ChatRole.User, "What is a quorum?"));
/// ChatResponse response = await client.GetResponseAsync(window.Snapshot());
/// </code>
/// </example>
public sealed class ChatMessageAdapter : IMessageAdapter<ChatMessage>
{
    /// <summary>What stands for a content that is not kept.</summary>
    internal const string Placeholder = "[content not kept]";

    private static readonly Lazy<Sizer<ChatMessage>> Measured = new(static () => new ChatMessageSizer());

    private readonly Func<ChatMessage, bool>? _isPinned;

    /// <summary>Creates an adapter.</summary>
    /// <param name="isPinned">Says whether a message is never dropped, truncated nor emptied, by what does not change; called by many threads, with a conversation's
    /// lock held. Null: only messages of the system are.</param>
    public ChatMessageAdapter(Func<ChatMessage, bool>? isPinned = null) => _isPinned = isPinned;

    /// <summary>The adapter for which only messages of the system are pinned.</summary>
    public static ChatMessageAdapter Default { get; } = new();

    /// <summary>Measures messages as <see cref="ObjectSizer"/> does, and <see cref="DataContent"/> with both its forms, bytes and data URI: it keeps them both once
    /// it was asked for the other one, which happens when it is sent, after it was measured. For <see cref="ConversationWindowOptions{TMessage}.MessageSizer"/>;
    /// <see cref="ConversationWindowChatReducer"/> and the registration of stores set it.</summary>
    /// <exception cref="NotSupportedException">On this runtime messages cannot be measured.</exception>
    public static Sizer<ChatMessage> Sizer => Measured.Value;

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null.</exception>
    public MessageDescription Describe(ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        MessageRole role = ChatRoles.ToMessageRole(message.Role);
        (MessageKind kind, ToolCall[]? calls) = ChatCalls.Of(message, role);
        return new MessageDescription(role, kind, calls, _isPinned?.Invoke(message) ?? false);
    }

    /// <summary>Returns what is kept of a message: without <see cref="ChatMessage.RawRepresentation"/>, <see cref="AIContent.RawRepresentation"/>,
    /// <see cref="AIContent.Annotations"/>, exceptions and contents that are null.</summary>
    /// <param name="message">The message; not changed.</param>
    /// <returns>The same instance if there is nothing to leave out, or if it is the system's or pinned; otherwise a copy, which shares the contents that could stay
    /// as they were.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null.</exception>
    public ChatMessage Retain(ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return IsUntouchable(message) ? message : ChatContents.Strip(message);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> or <paramref name="counter"/> is null.</exception>
    public int CountTokens(ChatMessage message, TokenCounter counter)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(counter);
        return ChatTokens.Count(message.Contents, counter);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null.</exception>
    public ChatMessage Truncate(ChatMessage message, in TextTruncation truncation)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ChatContents.Truncate(message, truncation);
    }

    /// <inheritdoc/>
    public ChatMessage CreatePlaceholder(in MessageMetadata metadata)
    {
        MessageDescription description = metadata.Description;
        return new ChatMessage(ChatRoles.ToChatRole(description.Role), ChatCalls.Placeholders(description));
    }

    /// <inheritdoc/>
    public ChatMessage Create(MessageRole role, string text) => new(ChatRoles.ToChatRole(role), text);

    private bool IsUntouchable(ChatMessage message) => ChatRoles.ToMessageRole(message.Role) == MessageRole.System || _isPinned?.Invoke(message) == true;
}
