namespace BoundedMemory;

/// <content>How a message comes in.</content>
internal sealed partial class WindowCore<TMessage>
{
    private AppendResult AppendLocked(TMessage message, DateTimeOffset now, in Streamed streamed)
    {
        message = _adapter.Retain(message);
        MessageDescription description = _adapter.Describe(message);
        if (!TryMeasure(message, description, out long bytes, out int tokens))
        {
            _rejectedSizeUnknown++;
            return AppendResult.SizeUnknown;
        }

        var incoming = new Incoming<TMessage>
        {
            Message = message,
            Metadata = new MessageMetadata(_next, description, now, bytes + streamed.CutBytes),
            Bytes = bytes,
            WholeBytes = bytes + streamed.CutBytes,
            Tokens = tokens,
            IsTruncated = streamed.IsCut,
        };
        return Take(ref incoming, streamed);
    }

    private AppendResult Take(ref Incoming<TMessage> incoming, in Streamed streamed)
    {
        if (!TryPlace(incoming.Metadata, out MessagePlace place))
        {
            _rejectedOrphans++;
            return AppendResult.Orphan;
        }

        TMessage whole = incoming.Message;
        WindowPlan<TMessage> plan = WindowPlan<TMessage>.Rent();
        try
        {
            Begin(plan, streamed.Bytes);
            PlanContent(plan, place, incoming.Metadata.HasContent);
            TruncateOnArrival(ref incoming, place);
            Include(plan, incoming);
            if (!TryMakeRoom(plan, place, streamed.HasTrimmed) && !TryMakeRoomInNewestTurn(plan, place, ref incoming))
            {
                _rejectedTooLarge++;
                DropOutgrownGroup(plan, place);
                return AppendResult.TooLarge;
            }

            AppendResult result = _isFilling ? AppendResult.Appended : Pay(plan, new StoredMessage<TMessage>(incoming.Metadata, whole), incoming);
            if (result == AppendResult.Appended)
            {
                Commit(plan, incoming, place);
            }

            return result;
        }
        finally
        {
            plan.Return();
        }
    }

    /// <summary>Says which group a message belongs to; false for a result of no call that waits for one.</summary>
    private bool TryPlace(in MessageMetadata metadata, out MessagePlace place)
    {
        MessageDescription d = metadata.Description;
        bool isSystem = d.Role == MessageRole.System;
        bool isResult = d.Kind == MessageKind.Result && !isSystem;
        bool isUser = IsUser(d);
        bool joins = !isSystem && !isUser && _open.IsOpen;
        place = new MessagePlace(
            joins ? _open.Id : metadata.Sequence,
            joins,
            Closes: isUser && _open.IsOpen,
            Waits: !isSystem && !isUser && (joins || d.Kind is MessageKind.Call or MessageKind.Reasoning),
            StartsTurn: isUser,
            isSystem,
            IsPinned: isSystem || d.IsPinned || (joins && _openIsPinned));
        return !isResult || _open.Expects(d.ToolCalls);
    }

    private void Begin(WindowPlan<TMessage> plan, long builderBytes)
    {
        plan.Count = _count;
        plan.Bytes = _bytes - builderBytes;
        plan.Tokens = _tokens;
    }

    private static void Include(WindowPlan<TMessage> plan, in Incoming<TMessage> incoming)
    {
        plan.Count++;
        plan.Bytes += WindowLayout<TMessage>.OverheadOf(incoming.Metadata.Description) + incoming.Bytes;
        plan.Tokens += incoming.Tokens;
    }

    private void TruncateOnArrival(ref Incoming<TMessage> incoming, in MessagePlace place)
    {
        if (_options.TruncateNewestGroup && !place.IsPinned && incoming.Metadata.HasContent)
        {
            Truncate(ref incoming);
        }
    }

    private void Truncate(ref Incoming<TMessage> incoming)
    {
        if (_options.Content is { } content && _adapter.Truncate(incoming.Message, content) is var cut && !IsSame(cut, incoming.Message))
        {
            incoming.Message = cut;
            incoming.IsTruncated = true;
            Measure(cut, incoming.Metadata, out incoming.Bytes, out incoming.Tokens);
        }
    }

    /// <summary>Takes from the owner what the plan needs, and lets it refuse.</summary>
    private AppendResult Pay(WindowPlan<TMessage> plan, in StoredMessage<TMessage> whole, in Incoming<TMessage> incoming)
    {
        long growth = plan.Bytes - _bytes;
        if (growth > 0 && _owner?.TryGrow(growth) == false)
        {
            return AppendResult.OverBudget;
        }

        AppendResult result = _owner?.TryKeep(whole, WindowLayout<TMessage>.OverheadOf(incoming.Metadata.Description) + incoming.Bytes) ?? AppendResult.Appended;
        if (result != AppendResult.Appended && growth > 0)
        {
            _owner!.Shrink(growth);
        }

        return result;
    }

    private AppendResult SetSummaryLocked(TMessage summary, long throughSequence, DateTimeOffset now)
    {
        summary = _adapter.Retain(summary);
        MessageDescription description = _adapter.Describe(summary);
        if (!TryMeasure(summary, description, out long bytes, out int tokens))
        {
            _rejectedSizeUnknown++;
            return AppendResult.SizeUnknown;
        }

        WindowPlan<TMessage> plan = WindowPlan<TMessage>.Rent();
        try
        {
            Begin(plan, builderBytes: 0);
            plan.Count += _summary is null ? 1 : 0;
            plan.Bytes += WindowLayout<TMessage>.OverheadOf(description) + bytes - (_summary is null ? 0 : _summary.Overhead + _summary.Bytes);
            plan.Tokens += tokens - (_summary?.Tokens ?? 0);
            var place = new MessagePlace(Group: -1, Joins: false, Closes: false, Waits: false, StartsTurn: false, IsSystem: true, IsPinned: true);
            if (!TryMakeRoom(plan, place, trims: false))
            {
                _rejectedTooLarge++;
                return AppendResult.TooLarge;
            }

            long growth = plan.Bytes - _bytes;
            if (growth > 0 && _owner?.TryGrow(growth) == false)
            {
                return AppendResult.OverBudget;
            }

            // What makes room for it is not covered by it unless it says so: the mark moves first.
            _summarizedThrough = throughSequence;
            Expect(plan);
            CarryOut(plan);
            _summary ??= new MessageNode<TMessage>();
            _summary.Message = summary;
            _summary.Metadata = new MessageMetadata(throughSequence, description, now, bytes);
            _summary.Bytes = bytes;
            _summary.Tokens = tokens;
            Publish(plan);
            return AppendResult.Appended;
        }
        finally
        {
            plan.Return();
        }
    }

    /// <summary>Fills a new window with what a source returned: the same as appending it, but that bytes are not taken yet and no new numbers are given.</summary>
    public void Restore(IReadOnlyList<MessageMetadata> metadata, IReadOnlyList<TMessage> contents, long nextSequence)
    {
        Enter();
        _isFilling = true;
        try
        {
            for (int i = 0; i < metadata.Count; i++)
            {
                MessageMetadata m = metadata[i];
                TMessage message = m.HasContent ? _adapter.Retain(contents[i]) : _adapter.CreatePlaceholder(m);
                if (!TryMeasure(message, m.Description, out long bytes, out int tokens))
                {
                    _rejectedSizeUnknown++;
                    continue;
                }

                // Messages of a group leave together: where some are missing there was one that closed it. Of groups that may leave none is left open then; and a
                // source that numbers with gaps has its results paired all the same.
                if (_open.IsOpen && _openIsPinned && m.Sequence > _next && m.Description.Kind != MessageKind.Result)
                {
                    _open.Close();
                }

                var incoming = new Incoming<TMessage> { Message = message, Metadata = m, Bytes = bytes, WholeBytes = bytes, Tokens = tokens };
                if (m is { IsTruncated: true, HasContent: true })
                {
                    Truncate(ref incoming);
                }

                Take(ref incoming, default);
                _next = m.Sequence + 1;
            }

            // The source still has what has left already.
            _left = null;
            _next = Math.Max(_next, nextSequence);
        }
        finally
        {
            _isFilling = false;
            Exit();
        }
    }

    private bool TryMeasure(TMessage message, in MessageDescription description, out long bytes, out int tokens)
    {
        SizeResult size = _sizer.Measure(message);
        bytes = 0;
        tokens = 0;
        if (size.Quality == SizeQuality.CapHit)
        {
            return false;
        }

        bytes = HeapLayout.Align(Math.Min(size.Bytes, WindowLimits.MostMessageBytes));
        if (description.ToolCalls is { Count: > 0 } calls)
        {
            bytes += WindowLayout<TMessage>.BytesOfCalls(calls, _adapter.Describe(message).ToolCalls);
        }

        if (_options.TokenCounter is { } counter)
        {
            tokens = _adapter.CountTokens(message, counter);
            if (tokens < 0)
            {
                throw new InvalidOperationException($"The message adapter of the conversation '{_options.Name}' counted {tokens} tokens; there are at least 0.");
            }
        }

        return true;
    }

    /// <summary>Measures what the adapter has made of a message.</summary>
    private void Measure(TMessage made, in MessageMetadata metadata, out long bytes, out int tokens)
    {
        if (!TryMeasure(made, metadata.Description, out bytes, out tokens))
        {
            throw new InvalidOperationException(
                $"What the message adapter of the conversation '{_options.Name}' made of message {metadata.Sequence} cannot be measured, though the message could.");
        }
    }

    /// <summary>What a builder brings along.</summary>
    /// <param name="Bytes">What it is charged with, and gives back.</param>
    /// <param name="IsCut">Its text was truncated on the way.</param>
    /// <param name="CutBytes">What it has lost by that; negative if a marker is longer than what it stands for.</param>
    /// <param name="HasTrimmed">It has made messages leave already.</param>
    private readonly record struct Streamed(long Bytes, bool IsCut, long CutBytes, bool HasTrimmed);
}
