using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>Reduces a chat history to what a <see cref="ConversationWindow{TMessage}"/> would hold of it: so many messages, bytes and tokens, whatever the history
/// is.</summary>
/// <remarks>
/// <para><b>What holds for every history</b>: no cap is exceeded; calls and their results stay together; a result without its call, or a call that was never
/// answered before the next turn, is not sent; messages of the system are there, once, in order; so is the newest message. To reduce what was reduced changes
/// nothing, with the default <see cref="ConversationWindowOptions{TMessage}.RetainRatio"/> of 1.</para>
/// <para><b>Stateless</b>: one instance serves any number of conversations and threads. The messages given are never changed; what is returned are they themselves
/// where nothing was cut or left out (see <see cref="ChatMessageAdapter"/>), otherwise copies. Time and memory are proportional to the history.</para>
/// <para><b>What may not be left out</b> and does not fit, the newest message or one of the system or pinned, is an exception: without it, it would be another
/// request.</para>
/// <para><b>Where.</b> Around each call of the model (<see cref="BoundedChatClient"/>), or where a history is stored.</para>
/// </remarks>
/// <example>
/// <code>
/// var reducer = new ConversationWindowChatReducer(new() { MaxMessages = 20, MaxBytes = 256 * 1024 });
/// IEnumerable&lt;ChatMessage&gt; request = await reducer.ReduceAsync(history, cancellationToken);
/// </code>
/// </example>
public sealed class ConversationWindowChatReducer : IChatReducer
{
    private readonly ConversationWindowOptions<ChatMessage> _options;

    /// <summary>Creates a reducer.</summary>
    /// <param name="options">What a history is bounded by; copied. Where none is set, the adapter is <see cref="ChatMessageAdapter.Default"/>, the sizer
    /// <see cref="ChatMessageAdapter.Sizer"/>.
    /// <see cref="ConversationWindowOptions{TMessage}.Dropped"/>, the budget and the meter are not used: nothing is kept, and the next reduction would tell the
    /// same. Null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range or contradicts another (<see cref="ArgumentOutOfRangeException"/> where a value is out of
    /// its range).</exception>
    public ConversationWindowChatReducer(ConversationWindowOptions<ChatMessage>? options = null)
    {
        _options = (options ?? new()).Copy();
        _options.Adapter ??= ChatMessageAdapter.Default;
        _options.MessageSizer ??= ChatMessageAdapter.Sizer;
        OptionErrors.ThrowFirst(ConversationWindowOptionsValidator<ChatMessage>.FindErrors(_options));
    }

    /// <summary>Reduces a history.</summary>
    /// <param name="messages">The history, oldest first; read once.</param>
    /// <param name="cancellationToken">Ends the reduction.</param>
    /// <returns>A finished task; an immutable list.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> or one of them is null.</exception>
    /// <exception cref="ChatMessageRefusedException">The newest message, or one of the system or pinned, does not fit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was signalled.</exception>
    public Task<IEnumerable<ChatMessage>> ReduceAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        try
        {
            return Task.FromResult<IEnumerable<ChatMessage>>(Reduce(messages, out _, cancellationToken));
        }
        catch (OperationCanceledException e) when (e.CancellationToken == cancellationToken)
        {
            return Task.FromCanceled<IEnumerable<ChatMessage>>(cancellationToken);
        }
        catch (ChatMessageRefusedException e)
        {
            return Task.FromException<IEnumerable<ChatMessage>>(e);
        }
    }

    /// <summary>Reduces a history, and says what became of its messages.</summary>
    internal ConversationSnapshot<ChatMessage> Reduce(IEnumerable<ChatMessage> messages, out ConversationWindowStatistics statistics, CancellationToken cancellationToken)
    {
        long empty = WindowLayout<ChatMessage>.EmptyBytes + WindowLayout<ChatMessage>.StandaloneBytes;
        var window = new WindowCore<ChatMessage>(_options, owner: null, empty, dropped: null);
        ChatMessage? newest = null;
        var result = AppendResult.Appended;
        foreach (ChatMessage message in messages)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
            cancellationToken.ThrowIfCancellationRequested();
            newest = message;
            result = window.Append(message, out _);
            if (result is not (AppendResult.Appended or AppendResult.Orphan) && IsPinned(message))
            {
                throw new ChatMessageRefusedException(message.Role, result, _options);
            }
        }

        if (result is not (AppendResult.Appended or AppendResult.Orphan))
        {
            throw new ChatMessageRefusedException(newest!.Role, result, _options);
        }

        statistics = window.Statistics;
        return window.Snapshot();
    }

    private bool IsPinned(ChatMessage message)
    {
        MessageDescription description = _options.Adapter.Describe(message);
        return description.IsPinned || description.Role == MessageRole.System;
    }
}
