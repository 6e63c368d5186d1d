using System.Runtime.InteropServices;

namespace BoundedMemory;

/// <summary>What an operation is going to do to a window, worked out before anything is touched: whoever refuses then has nothing to undo.</summary>
/// <remarks>One for each thread, used again: an append allocates nothing for it.</remarks>
internal sealed class WindowPlan<TMessage>
{
    /// <summary>Longer lists than this are not kept.</summary>
    private const int MostKept = 256;

    /// <summary>Places of messages that have left, which a thread keeps for the next ones: they belong to no window.</summary>
    private const int MostSpares = 32;

    [ThreadStatic]
    private static WindowPlan<TMessage>? _idle;

    private readonly List<Change> _changes = [];
    private readonly List<(MessageNode<TMessage> Node, DropCause Cause)> _leaving = [];
    private readonly Stack<MessageNode<TMessage>> _spares = new(MostSpares);

    /// <summary>Messages, bytes and tokens of the window once the plan is carried out.</summary>
    public int Count { get; set; }

    /// <inheritdoc cref="Count"/>
    public long Bytes { get; set; }

    /// <inheritdoc cref="Count"/>
    public long Tokens { get; set; }

    /// <summary>Messages of users among those that leave.</summary>
    public int LeavingUsers { get; private set; }

    /// <summary>Messages with content, not pinned, among those that leave.</summary>
    public int LeavingContents { get; private set; }

    /// <summary>Messages that become others.</summary>
    public ReadOnlySpan<Change> Changes => CollectionsMarshal.AsSpan(_changes);

    public ReadOnlySpan<(MessageNode<TMessage> Node, DropCause Cause)> Leaving => CollectionsMarshal.AsSpan(_leaving);

    public static WindowPlan<TMessage> Rent()
    {
        WindowPlan<TMessage> plan = _idle ?? new WindowPlan<TMessage>();
        _idle = null;
        return plan;
    }

    /// <summary>Forgets everything and waits for the thread's next operation.</summary>
    public void Return()
    {
        Reset();
        if (_changes.Capacity <= MostKept && _leaving.Capacity <= MostKept)
        {
            _idle = this;
        }
    }

    public void Reset()
    {
        foreach (Change change in _changes)
        {
            change.Node.Change = -1;
        }

        foreach ((MessageNode<TMessage> node, _) in _leaving)
        {
            node.IsLeaving = false;
        }

        _changes.Clear();
        _leaving.Clear();
        LeavingUsers = 0;
        LeavingContents = 0;
    }

    public void Become(MessageNode<TMessage> node, TMessage message, long bytes, int tokens, bool isEmptied)
    {
        node.Change = _changes.Count;
        _changes.Add(new Change(node, message, bytes, tokens, isEmptied));
        Bytes += bytes - node.Bytes;
        Tokens += tokens - node.Tokens;
    }

    /// <summary>Takes back what messages were to become, but for the first so many.</summary>
    public void TakeBack(int but)
    {
        for (int i = _changes.Count - 1; i >= but; i--)
        {
            (MessageNode<TMessage> node, _, long bytes, int tokens, _) = _changes[i];
            node.Change = -1;
            Bytes -= bytes - node.Bytes;
            Tokens -= tokens - node.Tokens;
            _changes.RemoveAt(i);
        }
    }

    public void Leave(MessageNode<TMessage> node, DropCause cause)
    {
        node.IsLeaving = true;
        _leaving.Add((node, cause));
        Count--;
        if (node.Change >= 0)
        {
            Bytes -= node.Overhead + _changes[node.Change].Bytes;
            Tokens -= _changes[node.Change].Tokens;
        }
        else
        {
            Bytes -= node.Overhead + node.Bytes;
            Tokens -= node.Tokens;
        }

        LeavingUsers += WindowCore<TMessage>.IsUser(node.Metadata.Description) ? 1 : 0;
        LeavingContents += node.Metadata.HasContent ? 1 : 0;
    }

    /// <summary>A place for a message.</summary>
    public MessageNode<TMessage> TakePlace() => _spares.TryPop(out MessageNode<TMessage>? spare) ? spare : new MessageNode<TMessage>();

    /// <summary>A message has left its place.</summary>
    public void GiveBack(MessageNode<TMessage> place)
    {
        if (_spares.Count < MostSpares)
        {
            place.Message = default!;
            place.Metadata = default;
            _spares.Push(place);
        }
    }

    /// <summary>What a message becomes.</summary>
    internal readonly record struct Change(MessageNode<TMessage> Node, TMessage Message, long Bytes, int Tokens, bool IsEmptied);
}
