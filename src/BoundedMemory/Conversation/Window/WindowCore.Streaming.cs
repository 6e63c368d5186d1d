namespace BoundedMemory;

/// <content>Messages that arrive in pieces.</content>
internal sealed partial class WindowCore<TMessage>
{
    /// <summary>What a builder is charged with besides its text.</summary>
    private const long BuilderBytes = 104;

    public MessageBuilder<TMessage> BeginMessage(MessageRole role)
    {
        Enter();
        try
        {
            // In a store that has removed the conversation each piece is refused.
            ThrowOrSayIfClosed();
            return new MessageBuilder<TMessage>(this, role, _adapter.Describe(_adapter.Create(role, "")));
        }
        finally
        {
            Exit();
        }
    }

    public AppendResult AppendText(MessageBuilder<TMessage> builder, ReadOnlySpan<char> piece)
    {
        AppendResult result;
        int attempt = 0;
        do
        {
            result = AppendText(builder, piece, attempt);
        }
        while (IsToBeRepeated(result, ref attempt));

        return result;
    }

    private AppendResult AppendText(MessageBuilder<TMessage> builder, ReadOnlySpan<char> piece, int attempt)
    {
        AppendResult result;
        Aftermath aftermath;
        Enter();
        try
        {
            builder.ThrowIfEnded();
            result = ThrowOrSayIfClosed() ? Refuse(builder, AppendResult.Closed)
                : builder.Refused ?? (piece.IsEmpty ? AppendResult.Appended : AppendLocked(builder, piece));
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

    public AppendResult Complete(MessageBuilder<TMessage> builder, out long sequence)
    {
        AppendResult result;
        int attempt = 0;
        do
        {
            result = Complete(builder, attempt, out sequence);
        }
        while (IsToBeRepeated(result, ref attempt));

        return result;
    }

    private AppendResult Complete(MessageBuilder<TMessage> builder, int attempt, out long sequence)
    {
        DateTimeOffset now = _options.TimeProvider.GetUtcNow();
        AppendResult result;
        Aftermath aftermath;
        Enter();
        try
        {
            builder.ThrowIfEnded();
            sequence = _next;
            result = ThrowOrSayIfClosed() ? AppendResult.Closed : builder.Refused ?? CompleteLocked(builder, now);

            // What may be possible later can be tried again.
            if (result is not (AppendResult.OverBudget or AppendResult.Backlogged))
            {
                End(builder);
            }

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

    /// <summary>Gives up a message that is not complete.</summary>
    public void Abandon(MessageBuilder<TMessage> builder)
    {
        Enter();
        End(builder);
        Exit();
    }

    private AppendResult AppendLocked(MessageBuilder<TMessage> builder, ReadOnlySpan<char> piece)
    {
        if (builder.Text is null)
        {
            builder.Text = new StreamedText();
            if (_options.TruncateNewestGroup && CanBound(builder))
            {
                builder.Text.Bound(_options.Content!.Value);
            }
        }

        StreamedText text = builder.Text;
        AppendResult result = TryTakeRoom(builder, piece.Length, out long taken);
        if (result == AppendResult.TooLarge && _options.OversizeGroup == OversizeGroup.TruncateThenDrop && !text.IsBounded && CanBound(builder))
        {
            long before = text.Bytes;
            text.Bound(_options.Content!.Value);
            GiveBack(builder, builder.Charged == 0 ? 0 : before - text.Bytes);
            result = TryTakeRoom(builder, piece.Length, out taken);
        }

        if (result == AppendResult.TooLarge)
        {
            _rejectedTooLarge++;
            return Refuse(builder, AppendResult.TooLarge);
        }

        if (result == AppendResult.Appended)
        {
            builder.Charged += taken;
            text.Append(piece);
        }

        return result;
    }

    /// <summary>Takes the bytes that a piece needs, at the cost of what would leave for the message; the buffer counts, not only what it is for.</summary>
    private AppendResult TryTakeRoom(MessageBuilder<TMessage> builder, int chars, out long bytes)
    {
        bytes = (builder.Charged == 0 ? BuilderBytes + StreamedText.EmptyBytes : 0) + builder.Text!.BytesToAppend(chars);
        if (bytes == 0)
        {
            return AppendResult.Appended;
        }

        if (bytes > _options.MaxBytes - _bytes && !TryMakeRoom(builder, bytes))
        {
            return AppendResult.TooLarge;
        }

        if (_owner?.TryGrow(bytes) == false)
        {
            return AppendResult.OverBudget;
        }

        Volatile.Write(ref _bytes, _bytes + bytes);
        return AppendResult.Appended;
    }

    private bool TryMakeRoom(MessageBuilder<TMessage> builder, long bytes)
    {
        TryPlace(new MessageMetadata(_next, builder.Description, default), out MessagePlace place);
        WindowPlan<TMessage> plan = WindowPlan<TMessage>.Rent();
        try
        {
            Begin(plan, builderBytes: 0);
            PlanContent(plan, place, hasContent: true);
            plan.Count++;
            plan.Bytes += bytes;
            bool fits = TryMakeRoom(plan, place, builder.HasTrimmed);
            if (!fits)
            {
                if (_options.OversizeGroup != OversizeGroup.TruncateThenDrop || !CanBound(builder))
                {
                    return false;
                }

                PlanNewestGroupTruncation(plan, NewestGroup(place));
                fits = !IsOver(plan);
            }

            plan.Count--;
            plan.Bytes -= bytes;
            builder.HasTrimmed = true;
            Expect(plan);
            CarryOut(plan);
            Publish(plan);
            return fits;
        }
        finally
        {
            plan.Return();
        }
    }

    private AppendResult CompleteLocked(MessageBuilder<TMessage> builder, DateTimeOffset now)
    {
        bool isCut = false;
        string text = builder.Text?.ToString(out isCut) ?? "";
        long cutBytes = isCut ? HeapLayout.StringBytes(builder.Text!.Length) - ObjectSizer.Measure(text).Bytes : 0;
        AppendResult result = AppendLocked(_adapter.Create(builder.Role, text), now, new Streamed(builder.Charged, isCut, cutBytes, builder.HasTrimmed));
        if (result == AppendResult.Appended)
        {
            // They have gone with the plan.
            builder.Charged = 0;
        }

        return result;
    }

    /// <summary>Whether the message may be truncated.</summary>
    private bool CanBound(MessageBuilder<TMessage> builder)
    {
        TryPlace(new MessageMetadata(_next, builder.Description, default), out MessagePlace place);
        return _options.Content is not null && !place.IsPinned;
    }

    private AppendResult Refuse(MessageBuilder<TMessage> builder, AppendResult reason)
    {
        builder.Text = null;
        builder.Refused = reason;
        GiveBack(builder, builder.Charged);
        return reason;
    }

    private void End(MessageBuilder<TMessage> builder)
    {
        builder.Text = null;
        builder.IsEnded = true;
        GiveBack(builder, builder.Charged);
    }

    private void GiveBack(MessageBuilder<TMessage> builder, long bytes)
    {
        builder.Charged -= bytes;
        Volatile.Write(ref _bytes, _bytes - bytes);
        if (bytes > 0 && !(_isClosed && IsOfStore))
        {
            _owner?.Shrink(bytes);
        }
    }
}
