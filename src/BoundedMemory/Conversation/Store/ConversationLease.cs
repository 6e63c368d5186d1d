namespace BoundedMemory;

/// <summary>A conversation of a <see cref="ConversationStore{TKey, TMessage}"/> in use: until the lease is disposed it does not leave to make room, nor because it is idle.</summary>
/// <remarks>
/// <para>Several leases on one conversation share one window: what one appends the others see.</para>
/// <para>The conversation can still be removed, cleared or its store disposed: then it can be read as it was, and <see cref="Append(TMessage)"/> returns
/// <see cref="AppendResult.Closed"/>.</para>
/// <para>Thread-safe. Ends once, however often it is disposed; what is under way on other threads ends first. A lease that is never disposed holds its conversation for
/// ever: see <see cref="ConversationStoreStatistics.Leases"/>.</para>
/// </remarks>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
/// <example>
/// <code>
/// using ConversationLease&lt;ConversationMessage&gt; conversation = await store.AcquireAsync("user 17");
/// conversation.Append(new(MessageRole.User, "And what is a lease?"));
/// foreach (ConversationMessage message in conversation.Snapshot())
/// {
///     Console.WriteLine($"{message.Role}: {message.Text}");
/// }
/// </code>
/// </example>
public sealed class ConversationLease<TMessage> : IDisposable
{
    private readonly ILeasedConversation<TMessage> _conversation;

    /// <summary>One for the lease itself and one for each operation under way; the conversation is let go by whoever makes it 0.</summary>
    private int _uses = 1;

    private bool _hasEnded;

    internal ConversationLease(ILeasedConversation<TMessage> conversation) => _conversation = conversation;

    /// <summary>What its window has done and what it holds.</summary>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public ConversationWindowStatistics Statistics
    {
        get
        {
            using Use use = Begin();
            return _conversation.Window.Statistics;
        }
    }

    /// <summary>The number the next message gets.</summary>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public long NextSequence
    {
        get
        {
            using Use use = Begin();
            return _conversation.Window.NextSequence;
        }
    }

    /// <summary>Appends a message: see <see cref="ConversationWindow{TMessage}.Append(TMessage)"/>.</summary>
    /// <param name="message">It.</param>
    /// <returns>Whether it was appended, or why not. Where the store is full, other conversations leave for it, the least recently used first.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public AppendResult Append(TMessage message) => Append(message, out _);

    /// <summary>Appends a message, and tells the number it got.</summary>
    /// <inheritdoc cref="Append(TMessage)"/>
    /// <param name="message">It.</param>
    /// <param name="sequence">Its number in the conversation; -1 if it was refused.</param>
    public AppendResult Append(TMessage message, out long sequence)
    {
        ArgumentNullException.ThrowIfNull(message);
        using Use use = Begin();
        if (_conversation.RefuseIfClosed())
        {
            sequence = -1;
            return AppendResult.Closed;
        }

        return _conversation.Window.Append(message, out sequence);
    }

    /// <summary>Begins a message that arrives in pieces: see <see cref="ConversationWindow{TMessage}.BeginMessage"/>.</summary>
    /// <param name="role">Who speaks.</param>
    /// <returns>What takes the pieces; dispose it. It keeps the conversation in place, like a lease, until it is completed or disposed.</returns>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public MessageBuilder<TMessage> BeginMessage(MessageRole role)
    {
        using Use use = Begin();
        MessageBuilder<TMessage> builder = _conversation.Window.BeginMessage(role);
        Interlocked.Increment(ref _uses);
        builder.Hold = new BuilderHold(this);
        return builder;
    }

    /// <summary>What the window holds: see <see cref="ConversationWindow{TMessage}.Snapshot"/>.</summary>
    /// <returns>Immutable; the same until something changes.</returns>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public ConversationSnapshot<TMessage> Snapshot()
    {
        using Use use = Begin();
        return _conversation.Window.Snapshot();
    }

    /// <summary>Puts a summary in place of messages that have left: see <see cref="ConversationWindow{TMessage}.SetSummary"/>.</summary>
    /// <param name="summary">It.</param>
    /// <param name="throughSequence">The last message it covers.</param>
    /// <returns>Whether it was taken, or why not.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="summary"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public AppendResult SetSummary(TMessage summary, long throughSequence)
    {
        ArgumentNullException.ThrowIfNull(summary);
        using Use use = Begin();
        return _conversation.RefuseIfClosed() ? AppendResult.Closed : _conversation.SetSummary(summary, throughSequence);
    }

    /// <summary>Says that messages have been saved by other means than the store's sink: once all of them are, the conversation may leave. For stores with a source and
    /// no sink; does nothing in one that has neither, where conversations may leave anyway.</summary>
    /// <param name="throughSequence">The last message that is saved; below <see cref="NextSequence"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such message yet.</exception>
    /// <exception cref="InvalidOperationException">The store has a sink, which is what saves.</exception>
    /// <exception cref="ObjectDisposedException">The lease has ended.</exception>
    public void MarkSaved(long throughSequence)
    {
        using Use use = Begin();
        _conversation.MarkSaved(throughSequence);
    }

    /// <summary>Ends the lease.</summary>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _hasEnded, true))
        {
            End();
        }
    }

    private Use Begin()
    {
        // Once it has ended nobody begins, though an operation under way may still hold the conversation.
        for (int uses = Volatile.Read(ref _uses); uses > 0 && !Volatile.Read(ref _hasEnded);)
        {
            int seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
            {
                return new Use(this);
            }

            uses = seen;
        }

        throw new ObjectDisposedException(typeof(ConversationLease<TMessage>).FullName);
    }

    private void End()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            _conversation.EndLease();
        }
    }

    /// <summary>What a message that is being built holds of the lease; lets go once.</summary>
    private sealed class BuilderHold(ConversationLease<TMessage> lease) : IDisposable
    {
        private ConversationLease<TMessage>? _lease = lease;

        public void Dispose() => Interlocked.Exchange(ref _lease, null)?.End();
    }

    private readonly ref struct Use(ConversationLease<TMessage> lease) : IDisposable
    {
        public void Dispose() => lease.End();
    }
}
