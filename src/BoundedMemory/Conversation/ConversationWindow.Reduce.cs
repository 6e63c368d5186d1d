namespace BoundedMemory;

/// <summary>Windows without state.</summary>
public static class ConversationWindow
{
    /// <summary>What a window with these options holds once a list of messages has been appended to it, one after the other.</summary>
    /// <param name="messages">The messages; not changed. What a window would refuse is left out.</param>
    /// <param name="options">Limits and behaviour. <see cref="ConversationWindowOptions{TMessage}.Dropped"/>, the budget and the meter are not used.</param>
    /// <returns>What is kept: the same again for what it returned, if <see cref="ConversationWindowOptions{TMessage}.RetainRatio"/> is 1.</returns>
    /// <remarks>O(messages). Stateless: nobody is told what is dropped, because the next call would tell it again.</remarks>
    /// <typeparam name="TMessage">Type of the messages.</typeparam>
    /// <exception cref="ArgumentNullException">An argument, or a message, is null.</exception>
    /// <exception cref="ArgumentException">An option is missing, out of its range or contradicts another (<see cref="ArgumentOutOfRangeException"/> where a value is out of
    /// its range).</exception>
    /// <exception cref="NotSupportedException">On this runtime messages of this type cannot be measured without a <see cref="Sizer{T}"/> of yours.</exception>
    public static ConversationSnapshot<TMessage> Reduce<TMessage>(IEnumerable<TMessage> messages, ConversationWindowOptions<TMessage> options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowFirst(ConversationWindowOptionsValidator<TMessage>.FindErrors(options));
        long empty = WindowLayout<TMessage>.EmptyBytes + WindowLayout<TMessage>.StandaloneBytes;
        var core = new WindowCore<TMessage>(options, owner: null, empty, dropped: null);
        foreach (TMessage message in messages)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
            core.Append(message, out _);
        }

        return core.Snapshot();
    }
}
