using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>What is unsaved, and how it gets to the sink.</content>
internal sealed partial class StoredConversation<TKey, TMessage>
{
    /// <summary>Bytes of a message that waits, beyond its own: its node, and its place in the batch that is written.</summary>
    private static readonly long WaitingBytes = HeapLayout.InstanceBytesByAllocation(() => new Waiting()) + HeapLayout.Align(Unsafe.SizeOf<StoredMessage<TMessage>>());

    /// <summary>Messages that wait for the sink, and those that are being written.</summary>
    private Backlog _waiting;
    private Backlog _flight;

    /// <summary>How often there was something new to be saved, how much of that the write under way saves, and how much has been saved.</summary>
    private long _changes;
    private long _flightChanges;
    private long _savedChanges;

    /// <summary>What <see cref="_changes"/> was when the last operation on the window ended.</summary>
    private long _seenChanges;

    /// <summary>Of a store with a source and no sink: the last message appended, and the last that is saved.</summary>
    private long _lastSequence = -1;
    private long _savedThrough = -1;

    private TMessage? _summary;
    private long _summaryThrough = -1;

    /// <summary>Where it is with the write-behind. Guarded by its lock.</summary>
    public WriteState WriteState { get; set; }

    /// <summary>Next conversation that waits to be written. Guarded by the lock of the write-behind.</summary>
    public StoredConversation<TKey, TMessage>? NextToWrite { get; set; }

    public long Changes => Volatile.Read(ref _changes);

    public long SavedChanges => Volatile.Read(ref _savedChanges);

    AppendResult IWindowOwner<TMessage>.TryKeep(in StoredMessage<TMessage> message, long bytes)
    {
        if (_isClosed)
        {
            _store.Totals.CountClosed();
            return AppendResult.Closed;
        }

        if (_store.WriteBehind is not { } writeBehind)
        {
            if (_store.HasSource)
            {
                if (!Hold())
                {
                    return AppendResult.OverBudget;
                }

                _savedThrough = _lastSequence < 0 ? message.Metadata.Sequence - 1 : _savedThrough;
                _lastSequence = message.Metadata.Sequence;
            }

            return AppendResult.Appended;
        }

        if (!writeBehind.TryReserve())
        {
            _store.Totals.CountBacklogged();
            return AppendResult.Backlogged;
        }

        long charge = HeapLayout.Align(message.Metadata.ContentBytes) + WaitingBytes;
        bool hasGrown = TryGrow(charge);
        if (!hasGrown || !Hold())
        {
            writeBehind.Return(1);
            Shrink(hasGrown ? charge : 0);
            _refused += hasGrown ? 0 : bytes;
            return AppendResult.OverBudget;
        }

        _waiting.Add(new Waiting { Message = message }, charge);
        _changes++;
        writeBehind.Enqueue(this);
        return AppendResult.Appended;
    }

    public AppendResult SetSummary(TMessage summary, long throughSequence)
    {
        AppendResult result = Window.SetSummary(summary, throughSequence);
        if (result == AppendResult.Appended && _store.WriteBehind is not null)
        {
            lock (Window.Gate)
            {
                if (!_isClosed && throughSequence >= _summaryThrough)
                {
                    (_summary, _summaryThrough) = (summary, throughSequence);
                    NoteChange(hasChanged: true);
                }
            }
        }

        return result;
    }

    public void MarkSaved(long throughSequence)
    {
        lock (Window.Gate)
        {
            if (_store.WriteBehind is not null)
            {
                throw new InvalidOperationException($"The conversation store '{_store.Name}' has a sink, which says itself what is saved.");
            }

            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(throughSequence, Window.NextSequence);
            _savedThrough = Math.Max(_savedThrough, throughSequence);
            if (_savedThrough >= _lastSequence)
            {
                LetGo();
            }
        }
    }

    /// <summary>Takes what there is to write; null if nothing is. Takes the window's lock.</summary>
    public ConversationWrite<TKey, TMessage>? TakeBatch()
    {
        lock (Window.Gate)
        {
            if (_isClosed || _changes == _savedChanges)
            {
                return null;
            }

            var write = new ConversationWrite<TKey, TMessage>(
                Key, _waiting.ToArray(), Window.Retained(), new ConversationState<TMessage>(Window.NextSequence, _summary, _summaryThrough));
            (_flight, _waiting) = (_waiting, default);
            _flightChanges = _changes;
            return write;
        }
    }

    /// <summary>The write has ended. Takes the window's lock.</summary>
    /// <returns>Messages that are written now.</returns>
    public int Arrive(bool isWritten)
    {
        lock (Window.Gate)
        {
            Backlog arrived = _flight;
            _flight = default;
            if (!isWritten && !_isClosed)
            {
                _waiting.Prepend(arrived);
                return 0;
            }

            Drop(arrived);
            if (isWritten)
            {
                Volatile.Write(ref _savedChanges, Math.Max(_savedChanges, _flightChanges));
            }
            else
            {
                _store.Totals.AddLost(arrived.Count);
            }

            if (_isClosed || _changes == _savedChanges)
            {
                LetGo();
            }

            return isWritten ? arrived.Count : 0;
        }
    }

    /// <summary>After an operation: what changed without a message has to be saved as well, so that a reload gives what is there now. Under the window's lock.</summary>
    private void NoteChange(bool hasChanged)
    {
        if (hasChanged && _changes == _seenChanges && _store.WriteBehind is { } writeBehind && Hold())
        {
            _changes++;
            writeBehind.Enqueue(this);
        }

        _seenChanges = _changes;
    }

    /// <summary>Gives up what is unsaved, but for what is being written. Under the window's lock.</summary>
    /// <returns>Messages that were unsaved, those included that are being written.</returns>
    private long LoseUnsaved()
    {
        long waiting = _store.WriteBehind is not null ? _waiting.Count : _isHeld ? _lastSequence - _savedThrough : 0;
        _store.Totals.AddLost(waiting);
        Drop(_waiting);
        _waiting = default;
        Volatile.Write(ref _savedChanges, _changes);
        if (_flight.Count == 0)
        {
            LetGo();
        }

        return waiting + _flight.Count;
    }

    private void Drop(in Backlog backlog)
    {
        Shrink(backlog.Bytes);
        _store.WriteBehind?.Return(backlog.Count);
    }

    private sealed class Waiting
    {
        public StoredMessage<TMessage> Message;
        public Waiting? Next;
    }

    /// <summary>Messages on their way to the sink, oldest first, and what they are charged with.</summary>
    private struct Backlog
    {
        private Waiting? _first;
        private Waiting? _last;

        public int Count { get; private set; }

        public long Bytes { get; private set; }

        public void Add(Waiting waiting, long bytes)
        {
            _last = _last is null ? _first = waiting : _last.Next = waiting;
            Count++;
            Bytes += bytes;
        }

        public void Prepend(in Backlog older)
        {
            if (older._last is not null)
            {
                older._last.Next = _first;
                _first = older._first;
                _last ??= older._last;
                Count += older.Count;
                Bytes += older.Bytes;
            }
        }

        public readonly StoredMessage<TMessage>[] ToArray()
        {
            var messages = new StoredMessage<TMessage>[Count];
            int i = 0;
            for (Waiting? waiting = _first; waiting is not null; waiting = waiting.Next)
            {
                messages[i++] = waiting.Message;
            }

            return messages;
        }
    }
}

/// <summary>Where a conversation is with the write-behind.</summary>
internal enum WriteState
{
    /// <summary>It has nothing to be written.</summary>
    None,

    /// <summary>It is in the queue.</summary>
    Queued,

    /// <summary>It is being written.</summary>
    Writing,

    /// <summary>It is being written, and there is more.</summary>
    WritingWithMore,
}
