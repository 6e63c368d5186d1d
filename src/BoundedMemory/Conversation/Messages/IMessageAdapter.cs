namespace BoundedMemory;

/// <summary>Tells a window what it has to know of messages, whatever their type. Stateless.</summary>
/// <remarks>
/// <para>Thread-safe: one adapter serves any number of conversations. Called with the conversation's own lock held, never one that others wait for; it must not
/// call back into the conversation.</para>
/// <para>A message that was appended is never changed: <see cref="Truncate"/> and <see cref="CreatePlaceholder"/> make new ones.</para>
/// </remarks>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
public interface IMessageAdapter<TMessage>
{
    /// <summary>Returns what is kept of a message that is appended, before anything else is asked about it: without what would be retained for nothing, such as a provider's own objects.</summary>
    /// <param name="message">The message; not changed.</param>
    /// <returns>The same instance, which is what happens unless an adapter decides otherwise, or a copy of which <see cref="Retain"/> would leave out nothing more.</returns>
    TMessage Retain(TMessage message) => message;

    /// <summary>Describes a message; the same answer for the same message, and for what <see cref="Truncate"/> makes of it.</summary>
    /// <param name="message">The message.</param>
    MessageDescription Describe(TMessage message);

    /// <summary>Counts tokens of everything that a model reads of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="counter">Counts those of a text.</param>
    /// <returns>At least 0.</returns>
    int CountTokens(TMessage message, TokenCounter counter);

    /// <summary>Returns a message whose texts are cut, the same instance if none has to be. Arguments of calls are never cut; a result that is too long becomes
    /// text that says so, because what is cut is no longer valid JSON.</summary>
    /// <param name="message">The message; not changed.</param>
    /// <param name="truncation">How long each text may be, and where to cut it.</param>
    /// <returns>A message that <see cref="Truncate"/> would return unchanged.</returns>
    TMessage Truncate(TMessage message, in TextTruncation truncation);

    /// <summary>Makes what stands for a message whose content is not kept: the same role, the same calls, a few words instead of the content.</summary>
    /// <param name="metadata">What is known of it.</param>
    /// <returns>A small message; the same for the same metadata. <see cref="Truncate"/> returns it unchanged, however short: else a history that was reduced would
    /// become another when it is reduced again.</returns>
    TMessage CreatePlaceholder(in MessageMetadata metadata);

    /// <summary>Makes a message from a text that was streamed.</summary>
    /// <param name="role">Who speaks.</param>
    /// <param name="text">All of the text.</param>
    TMessage Create(MessageRole role, string text);
}
