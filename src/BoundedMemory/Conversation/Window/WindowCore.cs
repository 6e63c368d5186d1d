using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>The mechanics of a window: every change is planned, then paid for, then made.</summary>
/// <remarks>
/// <para>Invariants, under the lock: the messages are in two lists, those that may leave (loose) and pinned ones, each in order of sequence. Messages of a group follow
/// each other in one of the lists, but for system messages between them. Loose messages with content are the newest ones, at most
/// <see cref="ConversationWindowOptions{TMessage}.FullContentCount"/>. The open group is the newest.</para>
/// <para>The adapter, the sizer and the token counter are called by plans only, under the lock, which is the core itself; callbacks and what the owner defers run after
/// it has been released. What is read without the lock (<see cref="Bytes"/>, <see cref="Count"/>, <see cref="Tokens"/>, the snapshot) is one word each, written once in an
/// operation: bytes before what they pay for is there, or after it has gone.</para>
/// </remarks>
internal sealed partial class WindowCore<TMessage>
{
    private readonly ConversationWindowOptions<TMessage> _options;
    private readonly IMessageAdapter<TMessage> _adapter;
    private readonly Sizer<TMessage> _sizer;

    /// <summary>Null for a window that has but its own limits.</summary>
    private readonly IWindowOwner<TMessage>? _owner;

    private readonly Action<IReadOnlyList<DroppedMessage<TMessage>>>? _dropped;

    private NodeList<TMessage> _loose;
    private NodeList<TMessage> _pinned;
    private OpenGroup _open;

    /// <summary>Whether the open group is pinned.</summary>
    private bool _openIsPinned;

    private MessageNode<TMessage>? _summary;

    /// <summary>The last message that a summary covers; -1: none.</summary>
    private long _summarizedThrough = -1;

    /// <summary>The message that began the newest turn, while it is there.</summary>
    private MessageNode<TMessage>? _turnUser;

    /// <summary>The group of the newest message that is not the system's; -1: there is none.</summary>
    private long _newest = -1;

    /// <summary>The oldest loose message with content; those after it have theirs too.</summary>
    private MessageNode<TMessage>? _oldestContent;

    /// <summary>Loose messages with content.</summary>
    private int _contents;

    /// <summary>Loose messages of users.</summary>
    private int _looseUsers;

    private long _next;
    private long _bytes;
    private int _count;
    private long _tokens;

    /// <summary>What has left in the operation under way, for the callback.</summary>
    private List<DroppedMessage<TMessage>>? _left;

    /// <summary>How often is tried what others who share the budget are asked for: a window may take bytes twice for a message, for itself and for what waits to be written.</summary>
    private const int Attempts = 3;

    private ConversationSnapshot<TMessage>? _snapshot;
    private bool _isBusy;

    /// <summary>What a source returned is being put in: the owner, who is not there yet, takes the bytes when all is in.</summary>
    private bool _isFilling;

    private bool _isClosed;

    /// <param name="options">Valid, and not changed any more.</param>
    /// <param name="owner">Whom the window belongs to; null: nobody.</param>
    /// <param name="emptyBytes">What it is charged with while it is empty; has been taken.</param>
    /// <param name="dropped">Who is told what leaves.</param>
    public WindowCore(
        ConversationWindowOptions<TMessage> options, IWindowOwner<TMessage>? owner, long emptyBytes, Action<IReadOnlyList<DroppedMessage<TMessage>>>? dropped)
    {
        _options = options;
        _adapter = options.Adapter;
        _sizer = options.MessageSizer ?? WindowLayout<TMessage>.Sizer;
        _owner = owner;
        _dropped = dropped;
        _bytes = emptyBytes;
    }

    public ConversationWindowOptions<TMessage> Options => _options;

    public long Bytes => Volatile.Read(in _bytes);

    public int Count => Volatile.Read(in _count);

    public int? Tokens => _options.TokenCounter is null ? null : (int)Math.Min(int.MaxValue, Volatile.Read(in _tokens));

    public long NextSequence => Volatile.Read(in _next);

    public bool IsClosed => Volatile.Read(in _isClosed);

    private bool IsOfStore => _owner is not (null or BudgetOwner<TMessage>);

    public static bool IsUser(in MessageDescription description) => description.Role == MessageRole.User && description.Kind != MessageKind.Result;

    public AppendResult Append(TMessage message, out long sequence)
    {
        AppendResult result;
        int attempt = 0;
        do
        {
            result = Append(message, attempt, out sequence);
        }
        while (IsToBeRepeated(result, ref attempt));

        return result;
    }

    private AppendResult Append(TMessage message, int attempt, out long sequence)
    {
        DateTimeOffset now = _options.TimeProvider.GetUtcNow();
        AppendResult result;
        Aftermath aftermath;
        Enter();
        try
        {
            sequence = _next;
            result = ThrowOrSayIfClosed() ? AppendResult.Closed : AppendLocked(message, now, default);
            CountIfLast(result, attempt);
            aftermath = TakeAftermath();
        }
        finally
        {
            Exit();
        }

        Complete(aftermath);
        sequence = result == AppendResult.Appended ? sequence : -1;
        return result;
    }

    /// <summary>Puts a summary in the place of the one before it.</summary>
    public AppendResult SetSummary(TMessage summary, long throughSequence)
    {
        AppendResult result;
        int attempt = 0;
        do
        {
            result = SetSummary(summary, throughSequence, attempt);
        }
        while (IsToBeRepeated(result, ref attempt));

        return result;
    }

    private AppendResult SetSummary(TMessage summary, long throughSequence, int attempt)
    {
        DateTimeOffset now = _options.TimeProvider.GetUtcNow();
        AppendResult result;
        Aftermath aftermath;
        Enter();
        try
        {
            if (throughSequence < 0 || throughSequence >= _next)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(throughSequence), throughSequence, $"A summary covers messages that were appended: it must be from 0 to {_next - 1}.");
            }

            result = ThrowOrSayIfClosed() ? AppendResult.Closed
                : throughSequence < _summarizedThrough ? AppendResult.Stale
                : SetSummaryLocked(summary, throughSequence, now);
            CountIfLast(result, attempt);
            aftermath = TakeAftermath();
        }
        finally
        {
            Exit();
        }

        Complete(aftermath);
        return result;
    }

    public long Trim(long bytes, bool mayBeClosed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        long freed;
        Aftermath aftermath;
        Enter();
        try
        {
            if (!mayBeClosed)
            {
                ThrowIfClosed();
            }

            freed = TrimLocked(bytes);
            aftermath = TakeAftermath();
        }
        finally
        {
            Exit();
        }

        Complete(aftermath);
        return freed;
    }

    public void Clear()
    {
        Aftermath aftermath;
        Enter();
        try
        {
            ThrowIfClosed();
            ClearLocked();
            aftermath = TakeAftermath();
        }
        finally
        {
            Exit();
        }

        Complete(aftermath);
    }

    /// <summary>Drops everything and takes nothing more; false if that was done before.</summary>
    /// <param name="emptyBytes">What the window was charged with before its first message.</param>
    public bool Close(long emptyBytes)
    {
        Aftermath aftermath;
        Enter();
        try
        {
            if (_isClosed)
            {
                return false;
            }

            ClearLocked();
            Volatile.Write(ref _isClosed, true);
            if (!IsOfStore)
            {
                // What a store has charged a conversation with it gives back itself, once that has left.
                Volatile.Write(ref _bytes, _bytes - emptyBytes);
                _owner?.Shrink(emptyBytes);
            }
            else
            {
                // The conversation has left with its store's knowledge, and is saved or told about there.
                _left = null;
            }

            aftermath = TakeAftermath();
        }
        finally
        {
            Exit();
        }

        Complete(aftermath);
        return true;
    }

    private void Enter()
    {
        Monitor.Enter(this);
        if (_isBusy)
        {
            Monitor.Exit(this);
            throw new InvalidOperationException($"The conversation '{_options.Name}' was called back by its message adapter, sizer, token counter or owner.");
        }

        _isBusy = true;
    }

    private void Exit()
    {
        AssertInvariants();
        _isBusy = false;
        Monitor.Exit(this);
    }

    /// <summary>Whether a conversation of a store has left it; a window of its own throws.</summary>
    private bool ThrowOrSayIfClosed()
    {
        if (!IsOfStore)
        {
            ThrowIfClosed();
        }

        return _isClosed;
    }

    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_isClosed, typeof(ConversationWindow<TMessage>));

    /// <summary>Asks others who share the budget if they were what an attempt has failed for, which is then made once more: under the lock nobody is asked.</summary>
    private bool IsToBeRepeated(AppendResult result, ref int attempt)
    {
        if (result != AppendResult.OverBudget || ++attempt == Attempts)
        {
            return false;
        }

        _owner!.AskOthers();
        return true;
    }

    private void CountIfLast(AppendResult result, int attempt) => _rejectedOverBudget += result == AppendResult.OverBudget && attempt == Attempts - 1 ? 1 : 0;

    /// <summary>What is to be done once the lock is released.</summary>
    private Aftermath TakeAftermath()
    {
        var aftermath = new Aftermath(_left, _owner?.TakeDeferred());
        _left = null;
        return aftermath;
    }

    private void Complete(in Aftermath aftermath)
    {
        aftermath.Deferred?.Invoke();
        if (aftermath.Left is { } left)
        {
            try
            {
                left.Sort(static (x, y) => x.Metadata.Sequence.CompareTo(y.Metadata.Sequence));
                _dropped!(left);
            }
            catch (Exception)
            {
                Interlocked.Increment(ref _callbackFailures);
            }
        }
    }

    private static bool IsSame(TMessage x, TMessage y) =>
        typeof(TMessage).IsValueType ? EqualityComparer<TMessage>.Default.Equals(x, y) : ReferenceEquals(x, y);

    [Conditional("DEBUG")]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AssertInvariants()
    {
        Debug.Assert(_count == _loose.Count + _pinned.Count + (_summary is null ? 0 : 1));
        Debug.Assert(_contents >= 0 && _contents <= _loose.Count && _looseUsers >= 0 && _looseUsers <= _loose.Count);
        Debug.Assert(_contents > 0 == _oldestContent is not null);
        Debug.Assert(_oldestContent is null || (_oldestContent.Metadata.HasContent && _oldestContent.Previous?.Metadata.HasContent != true));
        Debug.Assert(!_open.IsOpen || _open.Id == _newest);
    }

    private readonly record struct Aftermath(List<DroppedMessage<TMessage>>? Left, Action? Deferred);
}
