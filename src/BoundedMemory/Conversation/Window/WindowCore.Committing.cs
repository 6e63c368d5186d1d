using System.Diagnostics;

namespace BoundedMemory;

/// <content>What has been planned is done: nothing in here calls anybody or fails.</content>
internal sealed partial class WindowCore<TMessage>
{
    private long _appended;
    private long _evicted;
    private long _oversize;
    private long _incomplete;
    private long _trimmed;
    private long _cleared;
    private long _truncated;
    private long _emptied;
    private long _appendedBytes;
    private long _truncatedBytes;
    private long _emptiedBytes;
    private long _droppedBytes;
    private long _messageBytes;
    private long _rejectedTooLarge;
    private long _rejectedOverBudget;
    private long _rejectedSizeUnknown;
    private long _rejectedOrphans;
    private long _callbackFailures;

    public ConversationWindowStatistics Statistics
    {
        get
        {
            // Also for the owner, at the end of an operation.
            lock (this)
            {
                return CreateStatistics();
            }
        }
    }

    private ConversationWindowStatistics CreateStatistics() => new()
    {
        Appended = _appended,
        Evicted = _evicted,
        Oversize = _oversize,
        Incomplete = _incomplete,
        Trimmed = _trimmed,
        Cleared = _cleared,
        Truncated = _truncated,
        Emptied = _emptied,
        AppendedBytes = _appendedBytes,
        TruncatedBytes = _truncatedBytes,
        EmptiedBytes = _emptiedBytes,
        DroppedBytes = _droppedBytes,
        MessageBytes = _messageBytes,
        SummaryBytes = _summary?.Bytes ?? 0,
        RejectedTooLarge = _rejectedTooLarge,
        RejectedOverBudget = _rejectedOverBudget,
        RejectedSizeUnknown = _rejectedSizeUnknown,
        RejectedOrphans = _rejectedOrphans,
        CallbackFailures = Volatile.Read(in _callbackFailures),
        Count = _loose.Count + _pinned.Count,
        Bytes = _bytes,
        Tokens = Tokens,
        MaxMessages = _options.MaxMessages,
        MaxBytes = _options.MaxBytes,
        MaxTokens = _options.MaxTokens,
    };

    private void Commit(WindowPlan<TMessage> plan, in Incoming<TMessage> incoming, in MessagePlace place)
    {
        Expect(plan);
        CarryOut(plan);
        if (place.Closes)
        {
            _open.Close();
        }

        if (place.Joins && place.IsPinned && !_openIsPinned)
        {
            PinNewestGroup(place.Group);
        }

        MessageNode<TMessage> node = plan.TakePlace();
        node.Message = incoming.Message;
        node.Metadata = incoming.Metadata with { IsTruncated = incoming.Metadata.IsTruncated || incoming.IsTruncated };
        node.Group = place.Group;
        node.Bytes = incoming.Bytes;
        node.Tokens = incoming.Tokens;
        node.IsPinned = place.IsPinned;
        node.IsTruncated = incoming.IsTruncated;
        if (place.IsPinned)
        {
            _pinned.Add(node);
        }
        else
        {
            AddLoose(node);
        }

        if (!place.IsSystem)
        {
            _newest = place.Group;
        }

        if (place.StartsTurn)
        {
            _turnUser = node;
        }

        if (place.Waits)
        {
            _open.Add(place.Group, incoming.Metadata.Description);
            _openIsPinned = place.IsPinned;
        }

        Volatile.Write(ref _next, incoming.Metadata.Sequence + 1);
        _appended++;
        _appendedBytes += incoming.WholeBytes;
        _messageBytes += incoming.Bytes;
        _truncated += incoming.IsTruncated ? 1 : 0;
        _truncatedBytes += incoming.WholeBytes - incoming.Bytes;
        Publish(plan);
    }

    /// <summary>Messages become smaller or leave.</summary>
    private void CarryOut(WindowPlan<TMessage> plan)
    {
        foreach (WindowPlan<TMessage>.Change change in plan.Changes)
        {
            MessageNode<TMessage> node = change.Node;
            if (change.IsEmptied)
            {
                Report(node, DropCause.Evicted, isContentOnly: !node.IsLeaving);
                Debug.Assert(node == _oldestContent);
                node.Metadata = node.Metadata with { HasContent = false };
                _oldestContent = --_contents == 0 ? null : node.Next;
                _emptied++;
                _emptiedBytes += node.Bytes - change.Bytes;
            }
            else
            {
                bool isCut = !IsSame(node.Message, change.Message);
                node.IsTruncated = true;
                node.Metadata = node.Metadata with { IsTruncated = node.Metadata.IsTruncated || isCut };
                _truncated += isCut ? 1 : 0;
                _truncatedBytes += node.Bytes - change.Bytes;
            }

            _messageBytes += change.Bytes - node.Bytes;
            node.Message = change.Message;
            node.Bytes = change.Bytes;
            node.Tokens = change.Tokens;
        }

        bool isNewestGone = false;
        foreach ((MessageNode<TMessage> node, DropCause cause) in plan.Leaving)
        {
            isNewestGone |= node.Group == _newest;
            CountDropped(node, cause);
            RemoveLoose(node);
            _turnUser = node == _turnUser ? null : _turnUser;
            plan.GiveBack(node);
        }

        if (isNewestGone)
        {
            // Only the newest group can be the open one, and nothing but itself makes it leave.
            _open.Close();
            _newest = FindNewest();
        }
    }

    /// <summary>Before anything comes in: bytes are there before what they pay for.</summary>
    private void Expect(WindowPlan<TMessage> plan) => Volatile.Write(ref _bytes, Math.Max(_bytes, plan.Bytes));

    /// <summary>When all is done: what is not needed any more goes back.</summary>
    private void Publish(WindowPlan<TMessage> plan)
    {
        long freed = _bytes - plan.Bytes;
        Volatile.Write(ref _tokens, plan.Tokens);
        Volatile.Write(ref _count, plan.Count);
        Volatile.Write(ref _snapshot, null);
        Volatile.Write(ref _bytes, plan.Bytes);
        if (freed > 0 && !_isFilling)
        {
            _owner?.Shrink(freed);
        }
    }

    private void ClearLocked()
    {
        WindowPlan<TMessage> plan = WindowPlan<TMessage>.Rent();
        Begin(plan, builderBytes: 0);
        Clear(plan, ref _loose);
        Clear(plan, ref _pinned);
        if (_summary is not null)
        {
            plan.Count--;
            plan.Bytes -= _summary.Overhead + _summary.Bytes;
            plan.Tokens -= _summary.Tokens;
            _summary = null;
        }

        _open.Close();
        _turnUser = null;
        _oldestContent = null;
        _newest = -1;
        _contents = 0;
        _looseUsers = 0;
        Publish(plan);
        plan.Return();
    }

    private void Clear(WindowPlan<TMessage> plan, ref NodeList<TMessage> list)
    {
        for (MessageNode<TMessage>? node = list.First; node is not null; node = node.Next)
        {
            plan.Count--;
            plan.Bytes -= node.Overhead + node.Bytes;
            plan.Tokens -= node.Tokens;
            CountDropped(node, DropCause.Cleared);
        }

        list = default;
    }

    private void CountDropped(MessageNode<TMessage> node, DropCause cause)
    {
        Report(node, cause, isContentOnly: false);
        _droppedBytes += node.Bytes;
        _messageBytes -= node.Bytes;
        _ = cause switch
        {
            DropCause.Evicted => _evicted++,
            DropCause.Oversize => _oversize++,
            DropCause.Incomplete => _incomplete++,
            DropCause.Trimmed => _trimmed++,
            _ => _cleared++,
        };
    }

    /// <summary>Remembers a content for the callback, unless it has been told, or a summary covers it.</summary>
    private void Report(MessageNode<TMessage> node, DropCause cause, bool isContentOnly)
    {
        if (_dropped is not null && node.Metadata.HasContent && node.Sequence > _summarizedThrough)
        {
            (_left ??= []).Add(new DroppedMessage<TMessage>(node.Metadata, node.Message, cause, isContentOnly));
        }
    }

    private void AddLoose(MessageNode<TMessage> node)
    {
        _loose.Add(node);
        _looseUsers += IsUser(node.Metadata.Description) ? 1 : 0;
        if (node.Metadata.HasContent)
        {
            _contents++;
            _oldestContent ??= node;
        }
    }

    private void RemoveLoose(MessageNode<TMessage> node)
    {
        _looseUsers -= IsUser(node.Metadata.Description) ? 1 : 0;
        if (node.Metadata.HasContent)
        {
            _contents--;
            _oldestContent = node == _oldestContent ? node.Next : _oldestContent;
        }

        _loose.Remove(node);
    }

    /// <summary>A message that never leaves has joined the group: none of it does any more.</summary>
    private void PinNewestGroup(long group)
    {
        while (_loose.Last is { } node && node.Group == group)
        {
            RemoveLoose(node);
            node.IsPinned = true;
            _pinned.Add(node);
        }
    }

    private long FindNewest()
    {
        MessageNode<TMessage>? pinned = _pinned.Last;
        while (pinned?.Metadata.Description.Role == MessageRole.System)
        {
            pinned = pinned.Previous;
        }

        MessageNode<TMessage>? loose = _loose.Last;
        return loose is null ? pinned?.Group ?? -1 : pinned is null || loose.Sequence > pinned.Sequence ? loose.Group : pinned.Group;
    }
}
