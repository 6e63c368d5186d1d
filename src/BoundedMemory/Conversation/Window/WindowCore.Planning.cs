namespace BoundedMemory;

/// <content>What has to leave, or to become smaller, for what comes in.</content>
internal sealed partial class WindowCore<TMessage>
{
    /// <summary>What happens whether there is room or not: a group that was never answered leaves, contents beyond the newest go, the group that was the newest is
    /// truncated.</summary>
    private void PlanContent(WindowPlan<TMessage> plan, in MessagePlace place, bool hasContent)
    {
        if (place.Closes && !_openIsPinned && _options.IncompleteGroup == IncompleteGroup.Drop)
        {
            PlanNewestGroupLeaving(plan, _open.Id, DropCause.Incomplete);
        }

        if (!place.IsPinned)
        {
            // A message that comes without content is older than what has any.
            int most = hasContent ? _options.FullContentCount - 1 : 0;
            int excess = _contents - plan.LeavingContents - most;
            for (MessageNode<TMessage>? node = _oldestContent; excess > 0; node = node.Next)
            {
                if (!node!.IsLeaving)
                {
                    PlanEmptying(plan, node);
                    excess--;
                }
            }
        }

        if (!place.Joins && !place.IsSystem)
        {
            PlanNewestGroupTruncation(plan, _newest);
        }
    }

    /// <summary>Plans to drop what it takes to be within all caps: the oldest groups first, those before the newest turn; in that the user's message and the newest group stay.</summary>
    /// <param name="plan">The plan, with what comes in.</param>
    /// <param name="place">Where that belongs.</param>
    /// <param name="trims">Whether a cap was exceeded before, and messages left for the same newcomer.</param>
    /// <returns>Whether there is room then.</returns>
    private bool TryMakeRoom(WindowPlan<TMessage> plan, in MessagePlace place, bool trims)
    {
        if (!trims && !IsOver(plan))
        {
            return true;
        }

        long newest = NewestGroup(place);
        long turn = place.StartsTurn ? long.MaxValue : _turnUser?.Sequence ?? -1;
        MessageNode<TMessage>? node = Staying(_loose.First);
        bool hasLeft = false;
        while (node is not null && node.Sequence < turn && node.Group != newest && IsOver(plan, _options.RetainRatio))
        {
            node = PlanLeaving(plan, node, DropCause.Evicted);
            hasLeft = true;
        }

        if (hasLeft)
        {
            node = PlanStart(plan, node, newest, place.StartsTurn && !place.IsPinned);
        }

        while (node is not null && node.Group != newest && IsOver(plan))
        {
            node = node == _turnUser && !place.StartsTurn ? Staying(node.Next) : PlanLeaving(plan, node, DropCause.Evicted);
        }

        return !IsOver(plan);
    }

    /// <summary>The last means: the newest group is truncated, or the message that began its turn leaves, or both.</summary>
    private bool TryMakeRoomInNewestTurn(WindowPlan<TMessage> plan, in MessagePlace place, ref Incoming<TMessage> incoming)
    {
        long newest = NewestGroup(place);
        Incoming<TMessage> whole = incoming;
        int changes = plan.Changes.Length;
        if (TryTruncateNewest(plan, place, ref incoming))
        {
            return true;
        }

        if (place.StartsTurn || _turnUser is not { IsPinned: false, IsLeaving: false } user || user.Group == newest)
        {
            return false;
        }

        // Nothing is truncated that has room without it.
        plan.TakeBack(changes);
        Replace(plan, ref incoming, whole);
        PlanLeaving(plan, user, DropCause.Evicted);
        return !IsOver(plan) || TryTruncateNewest(plan, place, ref incoming);
    }

    private bool TryTruncateNewest(WindowPlan<TMessage> plan, in MessagePlace place, ref Incoming<TMessage> incoming)
    {
        if (!CanTruncateNewest || !IsOverInSize(plan) || (place.IsPinned && !place.IsSystem))
        {
            return false;
        }

        PlanNewestGroupTruncation(plan, NewestGroup(place));
        if (!place.IsPinned && incoming.Metadata.HasContent)
        {
            Incoming<TMessage> cut = incoming;
            Truncate(ref cut);
            Replace(plan, ref incoming, cut);
        }

        return !IsOver(plan);
    }

    private static void Replace(WindowPlan<TMessage> plan, ref Incoming<TMessage> incoming, in Incoming<TMessage> by)
    {
        plan.Bytes += by.Bytes - incoming.Bytes;
        plan.Tokens += by.Tokens - incoming.Tokens;
        incoming = by;
    }

    /// <summary>Drops what is there of a group that has become too large for the window, if the message that is refused would have joined it.</summary>
    private void DropOutgrownGroup(WindowPlan<TMessage> plan, in MessagePlace place)
    {
        if (!place.Joins || place.IsPinned || _options.OversizeGroup != OversizeGroup.TruncateThenDrop)
        {
            return;
        }

        plan.Reset();
        Begin(plan, builderBytes: 0);
        PlanNewestGroupLeaving(plan, place.Group, DropCause.Oversize);
        CarryOut(plan);
        Publish(plan);
    }

    private long TrimLocked(long bytes)
    {
        WindowPlan<TMessage> plan = WindowPlan<TMessage>.Rent();
        try
        {
            Begin(plan, builderBytes: 0);
            MessageNode<TMessage>? node = _loose.First;
            bool hasLeft = false;
            while (node is not null && node.Group != _newest && _bytes - plan.Bytes < bytes)
            {
                bool isKept = node == _turnUser;
                node = isKept ? Staying(node.Next) : PlanLeaving(plan, node, DropCause.Trimmed);
                hasLeft |= !isKept;
            }

            if (_bytes - plan.Bytes < bytes && _turnUser is { IsPinned: false } user && user.Group != _newest)
            {
                PlanLeaving(plan, user, DropCause.Trimmed);
            }
            else if (hasLeft)
            {
                PlanStart(plan, Staying(_loose.First), _newest, startsTurn: false, DropCause.Trimmed);
            }

            long freed = _bytes - plan.Bytes;
            CarryOut(plan);
            Publish(plan);
            return freed;
        }
        finally
        {
            plan.Return();
        }
    }

    /// <summary>Bytes that <see cref="Trim"/> could give back.</summary>
    private long ReclaimableLocked()
    {
        long bytes = 0;
        for (MessageNode<TMessage>? node = _loose.First; node is not null && node.Group != _newest; node = node.Next)
        {
            bytes += node.Overhead + node.Bytes;
        }

        return bytes;
    }

    private bool CanTruncateNewest => _options.OversizeGroup == OversizeGroup.TruncateThenDrop && _options.Content is not null;

    /// <summary>The group that may not leave for a message: its own, or for one of the system the newest there is.</summary>
    private long NewestGroup(in MessagePlace place) => place.IsSystem ? _newest : place.Group;

    private bool IsOver(WindowPlan<TMessage> plan) => plan.Count > _options.MaxMessages || IsOverInSize(plan);

    private bool IsOverInSize(WindowPlan<TMessage> plan) => plan.Bytes > _options.MaxBytes || plan.Tokens > (_options.MaxTokens ?? long.MaxValue);

    /// <summary>Whether it would be fuller than it is meant to be after a cap was exceeded.</summary>
    private bool IsOver(WindowPlan<TMessage> plan, double ratio) => ratio == 1
        ? IsOver(plan)
        : plan.Count > Math.Max(1, ratio * _options.MaxMessages) || plan.Bytes > ratio * _options.MaxBytes || plan.Tokens > ratio * (_options.MaxTokens ?? double.PositiveInfinity);

    /// <summary>Drops on, until the first message that is not pinned is the user's, if there is any.</summary>
    private MessageNode<TMessage>? PlanStart(
        WindowPlan<TMessage> plan, MessageNode<TMessage>? node, long newest, bool startsTurn, DropCause cause = DropCause.Evicted)
    {
        if (_options.StartOn == StartOn.UserMessageIfPossible && _looseUsers - plan.LeavingUsers + (startsTurn ? 1 : 0) > 0)
        {
            while (node is not null && node.Group != newest && !IsUser(node.Metadata.Description))
            {
                node = PlanLeaving(plan, node, cause);
            }
        }

        return node;
    }

    /// <summary>Plans that a group leaves, and returns what follows it.</summary>
    private static MessageNode<TMessage>? PlanLeaving(WindowPlan<TMessage> plan, MessageNode<TMessage> first, DropCause cause)
    {
        MessageNode<TMessage>? node = first;
        for (; node is not null && node.Group == first.Group; node = node.Next)
        {
            plan.Leave(node, cause);
        }

        return Staying(node);
    }

    private void PlanNewestGroupLeaving(WindowPlan<TMessage> plan, long group, DropCause cause)
    {
        for (MessageNode<TMessage>? node = _loose.Last; node?.Group == group; node = node.Previous)
        {
            plan.Leave(node, cause);
        }
    }

    /// <summary>Truncates what has not been before: messages without content, and those that have, are at its beginning.</summary>
    private void PlanNewestGroupTruncation(WindowPlan<TMessage> plan, long group)
    {
        if (_options.Content is not { } content)
        {
            return;
        }

        for (MessageNode<TMessage>? node = _loose.Last; node?.Group == group && node.Metadata.HasContent && !node.IsTruncated; node = node.Previous)
        {
            if (node.Change >= 0 || node.IsLeaving)
            {
                continue;
            }

            TMessage cut = _adapter.Truncate(node.Message, content);
            long bytes = node.Bytes;
            int tokens = node.Tokens;
            if (!IsSame(cut, node.Message))
            {
                Measure(cut, node.Metadata, out bytes, out tokens);
            }

            plan.Become(node, cut, bytes, tokens, isEmptied: false);
        }
    }

    private void PlanEmptying(WindowPlan<TMessage> plan, MessageNode<TMessage> node)
    {
        TMessage placeholder = _adapter.CreatePlaceholder(node.Metadata with { HasContent = false });
        Measure(placeholder, node.Metadata, out long bytes, out int tokens);
        plan.Become(node, placeholder, bytes, tokens, isEmptied: true);
    }

    /// <summary>The first message from here on that stays.</summary>
    private static MessageNode<TMessage>? Staying(MessageNode<TMessage>? node)
    {
        while (node?.IsLeaving == true)
        {
            node = node.Next;
        }

        return node;
    }
}
