using System.Diagnostics;

namespace BoundedMemory;

/// <summary>The part of a conversation that is kept: so many messages, bytes and tokens, whatever is appended.</summary>
/// <remarks>
/// <para><b>The bound.</b> <c>Count &lt;= MaxMessages</c>, <c>Bytes &lt;= MaxBytes</c> and <c>Tokens &lt;= MaxTokens</c> at every moment, also while a message streams in. What
/// an append needs is worked out first, then taken, then done; one that is refused (<see cref="AppendResult"/>) leaves everything as it was, but for one case of
/// <see cref="AppendResult.TooLarge"/>. Bytes are those of the messages, measured (<see cref="ObjectSizer"/>), and of everything the window consists of.</para>
/// <para><b>What belongs together.</b> Calls and their results are one group, and leave together: no result without its call, no call without its results. A result
/// pairs with a call by its id within the newest group only, because ids are used again. A turn is a message of the user and what follows it.</para>
/// <para><b>What is lost.</b> The content of messages but the newest few; what is too long of a text; the oldest groups, whole turns first. Each is counted by its
/// cause and handed to <see cref="ConversationWindowOptions{TMessage}.Dropped"/>. System and pinned messages never leave.</para>
/// <para><b>Thread safety.</b> All members are thread-safe. The adapter, the sizer and the token counter are called under the window's lock; callbacks are not.</para>
/// <para><b>Complexity.</b> <see cref="Append(TMessage)"/> is O(1) amortised, whatever the caps are, and allocates nothing but what the adapter makes while as much leaves
/// as comes; <see cref="Snapshot"/> is O(messages) after a change, and otherwise free.</para>
/// </remarks>
/// <typeparam name="TMessage">Type of the messages.</typeparam>
/// <example>
/// <code>
/// using var window = new ConversationWindow&lt;ConversationMessage&gt;(new() { MaxMessages = 20, MaxBytes = 100_000 });
/// window.Append(new(MessageRole.System, "Answer briefly."));
/// window.Append(new(MessageRole.User, "What is a quorum?"));
/// ConversationSnapshot&lt;ConversationMessage&gt; request = window.Snapshot();
/// </code>
/// </example>
[DebuggerDisplay("{Name,nq}: {Count} messages, {Bytes} bytes")]
public sealed class ConversationWindow<TMessage> : ITrimmable, IMeterSource<ConversationStoreStatistics>, IDisposable
{
    private readonly WindowCore<TMessage> _core;

    /// <summary>The owner of its bytes that is disposed with it.</summary>
    private readonly BudgetOwner<TMessage>? _budget;

    /// <summary>Null for a window of a store, which is what the meter sees.</summary>
    private readonly WeakReference<IMeterSource<ConversationStoreStatistics>>? _meterLink;

    /// <summary>Creates a window.</summary>
    /// <param name="options">Its limits and behaviour; copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing, out of its range or contradicts another; the message names it, its value and its range
    /// (<see cref="ArgumentOutOfRangeException"/> where a value is out of its range).</exception>
    /// <exception cref="NotSupportedException">On this runtime messages of this type cannot be measured without a <see cref="Sizer{T}"/> of yours.</exception>
    /// <exception cref="MemoryBudgetExceededException">The budget has no room for an empty window.</exception>
    public ConversationWindow(ConversationWindowOptions<TMessage> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowFirst(ConversationWindowOptionsValidator<TMessage>.FindErrors(options));
        ConversationWindowOptions<TMessage> copy = options.Copy();
        if (copy.Budget is { } budget)
        {
            _budget = new BudgetOwner<TMessage>(MemoryBudget.ForPrimitive(copy.Name, copy.MaxBytes, budget));
            try
            {
                _budget.Take(EmptyBytes);
            }
            catch (MemoryBudgetExceededException)
            {
                _budget.Dispose();
                throw;
            }
        }

        _core = new WindowCore<TMessage>(copy, _budget, EmptyBytes, copy.Dropped);
        _meterLink = ConversationMeter.For(copy.MeterFactory).Add(this);
        _budget?.Register(this);
    }

    /// <summary>Creates a window of a store.</summary>
    /// <param name="options">Valid, and not changed any more: one object for all windows of the store.</param>
    /// <param name="owner">Whom its bytes are taken from, <see cref="ChargedBytes"/> of them before the first use.</param>
    /// <param name="dropped">Who is told what leaves; null: nobody.</param>
    internal ConversationWindow(
        ConversationWindowOptions<TMessage> options, IWindowOwner<TMessage> owner, Action<IReadOnlyList<DroppedMessage<TMessage>>>? dropped = null)
    {
        _core = new WindowCore<TMessage>(options, owner, WindowLayout<TMessage>.EmptyBytes, dropped);
    }

    /// <summary>The name from the options.</summary>
    public string Name => _core.Options.Name;

    /// <summary>Messages in the window, those without content and the summary included; at most <see cref="ConversationWindowOptions{TMessage}.MaxMessages"/>.</summary>
    public int Count => _core.Count;

    /// <summary>Bytes in use; at most <see cref="ConversationWindowOptions{TMessage}.MaxBytes"/>.</summary>
    public long Bytes => _core.Bytes;

    /// <summary>Tokens of the messages in the window; null without a <see cref="TokenCounter"/>.</summary>
    public int? Tokens => _core.Tokens;

    /// <summary>The number the next message gets.</summary>
    public long NextSequence => _core.NextSequence;

    /// <summary>What the window has done and holds.</summary>
    public ConversationWindowStatistics Statistics => _core.Statistics;

    ConversationStoreStatistics IMeterSource<ConversationStoreStatistics>.Statistics => ConversationStoreStatistics.Of(_core.Statistics);

    ReclaimPriority IMemoryReclaimer.Priority => ReclaimPriority.Conversation;

    long IMemoryReclaimer.UsedBytes => _core.Bytes;

    long IMemoryReclaimer.ReclaimableBytes => _core.ReclaimableBytes;

    /// <summary>Guards everything in the window; held by the store to see several things as of one moment.</summary>
    internal object Gate => _core;

    /// <summary>Bytes taken from the owner, or, before the first use, to be taken for it.</summary>
    internal long ChargedBytes => _core.Bytes;

    private long EmptyBytes => WindowLayout<TMessage>.EmptyBytes + WindowLayout<TMessage>.StandaloneBytes + (_budget?.OwnBytes ?? 0);

    /// <summary>Appends a message; others lose their content, are truncated or leave to make room for it, the oldest first.</summary>
    /// <param name="message">The message; kept as it is, so it must not be changed any more.</param>
    /// <returns>Whether it is in the window, or why not.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The message adapter, the sizer or the token counter has called the window, or returned a negative number; nothing has
    /// changed. What they throw comes through likewise.</exception>
    /// <exception cref="ObjectDisposedException">The window is disposed.</exception>
    public AppendResult Append(TMessage message) => Append(message, out _);

    /// <summary>Appends a message, and tells the number it got.</summary>
    /// <inheritdoc cref="Append(TMessage)"/>
    /// <param name="message">The message; kept as it is, so it must not be changed any more.</param>
    /// <param name="sequence">Its number in the conversation; -1 if it was refused.</param>
    public AppendResult Append(TMessage message, out long sequence)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _core.Append(message, out sequence);
    }

    /// <summary>Begins a message that arrives in pieces.</summary>
    /// <param name="role">Who speaks.</param>
    /// <returns>What takes the pieces; dispose it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="role"/> is none.</exception>
    /// <exception cref="ObjectDisposedException">The window is disposed.</exception>
    public MessageBuilder<TMessage> BeginMessage(MessageRole role)
    {
        OptionErrors.ThrowFirst(OptionErrors.Defined(nameof(role), role));
        return _core.BeginMessage(role);
    }

    /// <summary>What the window holds.</summary>
    /// <returns>Immutable; the same instance until something changes.</returns>
    /// <exception cref="ObjectDisposedException">The window is disposed.</exception>
    public ConversationSnapshot<TMessage> Snapshot() => _core.Snapshot();

    /// <summary>Puts a summary before the first message that is not pinned, in the place of the one that was there. It keeps its content, counts in all caps and stays
    /// until the next one, or <see cref="Clear"/>; messages that it covers are not handed to <see cref="ConversationWindowOptions{TMessage}.Dropped"/> any more.</summary>
    /// <param name="summary">It; must not be changed any more.</param>
    /// <param name="throughSequence">The last message it covers. 0 to <c>NextSequence - 1</c>.</param>
    /// <returns>Whether it is in the window, or why not: <see cref="AppendResult.Stale"/> if the one that is there covers more. The oldest groups leave to make room
    /// for it, not the newest.</returns>
    /// <remarks>A store does not write summaries: set it again when the conversation has been loaded.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="summary"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such message yet.</exception>
    /// <exception cref="ObjectDisposedException">The window is disposed.</exception>
    public AppendResult SetSummary(TMessage summary, long throughSequence)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return _core.SetSummary(summary, throughSequence);
    }

    /// <summary>Drops the oldest groups until so many bytes are given back: never pinned ones, never the newest, the message that began the newest turn last.</summary>
    /// <param name="bytes">Bytes wanted; at least 0.</param>
    /// <returns>Bytes given back; less than asked for only if nothing is left that may go.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The window is disposed.</exception>
    public long Trim(long bytes) => _core.Trim(bytes, mayBeClosed: false);

    /// <summary>Drops all messages, system and pinned ones and the summary included. Numbers go on.</summary>
    /// <exception cref="ObjectDisposedException">The window is disposed.</exception>
    public void Clear() => _core.Clear();

    /// <summary>Drops all messages, as <see cref="Clear"/> does, and gives everything back. Later calls throw, but for those of counters.</summary>
    public void Dispose()
    {
        if (_core.Close(EmptyBytes))
        {
            if (_meterLink is not null)
            {
                ConversationMeter.For(_core.Options.MeterFactory).Remove(_meterLink);
            }

            _budget?.Dispose();
        }
    }

    long IMemoryReclaimer.Reclaim(long targetBytes) => _core.Trim(targetBytes, mayBeClosed: true);

    /// <summary>What the window holds, for a sink: without the summary. Under the lock.</summary>
    internal MessageMetadata[] Retained() => _core.Retained();

    /// <summary>Fills a new window with what a source returned, keeping its caps; before anything else uses it. Nothing is taken from the owner, nobody is told what
    /// does not fit.</summary>
    /// <param name="metadata">Checked by the caller.</param>
    /// <param name="contents">For each message that keeps its content, it; default for the others.</param>
    /// <param name="nextSequence">The least number the next message may get.</param>
    internal void Restore(IReadOnlyList<MessageMetadata> metadata, IReadOnlyList<TMessage> contents, long nextSequence = 0) =>
        _core.Restore(metadata, contents, nextSequence);
}
