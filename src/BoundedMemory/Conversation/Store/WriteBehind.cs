using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <summary>Writes what is appended to conversations to their sink: one run at a time on the thread pool, one conversation after the other, none while there is nothing.</summary>
/// <remarks>Takes the lock of a window before its own lock is taken, or after it was released, never inside. The sink is called under no lock. After a failure
/// nothing is written until the clock, or somebody who flushes, says so, and then all others first: a sink that is down is left alone, and one conversation that cannot
/// be written holds up no other for longer than that.</remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Stop disposes.")]
internal sealed class WriteBehind<TKey, TMessage> : IThreadPoolWorkItem
    where TKey : notnull
{
    /// <summary>Bytes of a write-behind with its source of cancellation and its timer. A test holds the store's against the heap.</summary>
    public const long OwnBytes = 1024;

    private readonly Lock _gate = new();
    private readonly IConversationSink<TKey, TMessage> _sink;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _retryDelay;
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationToken _ended;

    /// <summary>Messages that may wait, in all conversations together.</summary>
    private Quota _room;

    private StoredConversation<TKey, TMessage>? _first;
    private StoredConversation<TKey, TMessage>? _last;
    private StoredConversation<TKey, TMessage>? _writing;

    /// <summary>What the last call failed for, until the pause is over: then it goes to the end of the queue.</summary>
    private StoredConversation<TKey, TMessage>? _failed;

    private bool _isRunning;

    /// <summary>The sink has failed, and is to be left alone until the timer says so.</summary>
    private bool _isPausing;

    /// <summary>Nothing is begun any more.</summary>
    private bool _isStopped;

    private ITimer? _retry;
    private long _written;
    private long _failures;
    private Exception? _fault;
    private List<Flush>? _flushes;

    public WriteBehind(IConversationSink<TKey, TMessage> sink, int maxPending, TimeSpan retryDelay, TimeProvider clock)
    {
        _sink = sink;
        _room = new Quota(maxPending);
        _retryDelay = retryDelay;
        _clock = clock;
        _ended = _end.Token;
    }

    /// <summary>Messages written, messages that wait or are being written, failed calls, and what the last call threw.</summary>
    public (long Written, long Pending, long Failures, Exception? Fault) Counts
    {
        get
        {
            lock (_gate)
            {
                return (_written, _room.Used, _failures, _fault);
            }
        }
    }

    /// <summary>Takes the place of one message.</summary>
    public bool TryReserve() => _room.TryTake(1);

    public void Return(int messages) => _room.Return(messages);

    /// <summary>There is something new to be written of a conversation.</summary>
    public void Enqueue(StoredConversation<TKey, TMessage> conversation)
    {
        lock (_gate)
        {
            if (conversation.WriteState == WriteState.Writing)
            {
                conversation.WriteState = WriteState.WritingWithMore;
            }
            else if (conversation.WriteState == WriteState.None)
            {
                EnqueueLocked(conversation);
            }
        }
    }

    /// <summary>A conversation has left: nobody waits for it any more.</summary>
    public void Forget(StoredConversation<TKey, TMessage> conversation)
    {
        lock (_gate)
        {
            _flushes?.RemoveAll(flush => flush.IsDone(conversation, savedChanges: long.MaxValue));
        }
    }

    /// <summary>Ends when all that has been appended so far is written; fails with what the sink throws for it.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var flush = new Flush();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopped, typeof(ConversationStore<TKey, TMessage>));
            ResumeLocked();
            for (StoredConversation<TKey, TMessage>? queued = _first; queued is not null; queued = queued.NextToWrite)
            {
                flush.Add(queued);
            }

            if (_writing is not null)
            {
                flush.Add(_writing);
            }

            if (flush.IsEmpty)
            {
                return;
            }

            (_flushes ??= []).Add(flush);
        }

        try
        {
            await flush.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _flushes.Remove(flush);
            }
        }
    }

    /// <summary>Begins nothing any more, and asks the write under way to end.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            _retry?.Dispose();
            foreach (Flush flush in _flushes ?? [])
            {
                flush.Fail(new ObjectDisposedException(typeof(ConversationStore<TKey, TMessage>).FullName));
            }
        }

        _end.Cancel();
        _end.Dispose();
    }

    /// <summary>The run: writes until nothing waits, or the sink fails.</summary>
    async void IThreadPoolWorkItem.Execute()
    {
        while (TryTakeNext(out StoredConversation<TKey, TMessage>? conversation))
        {
            Exception? fault = null;
            bool isCalled = false;
            try
            {
                if (conversation.TakeBatch() is { } write)
                {
                    isCalled = true;
                    await _sink.WriteAsync(write, _ended).ConfigureAwait(false);
                }
            }
            catch (Exception error)
            {
                fault = error;
            }

            int written = conversation.Arrive(isWritten: isCalled && fault is null);
            Finish(conversation, written, isCalled, fault);
        }
    }

    private bool TryTakeNext([NotNullWhen(true)] out StoredConversation<TKey, TMessage>? conversation)
    {
        lock (_gate)
        {
            conversation = _isStopped || _isPausing ? null : _first;
            if (conversation is null)
            {
                _isRunning = false;
                return false;
            }

            _first = conversation.NextToWrite;
            _last = _first is null ? null : _last;
            conversation.NextToWrite = null;
            conversation.WriteState = WriteState.Writing;
            _writing = conversation;
            return true;
        }
    }

    private void Finish(StoredConversation<TKey, TMessage> conversation, int written, bool isCalled, Exception? fault)
    {
        lock (_gate)
        {
            _writing = null;
            _written += written;
            bool hasMore = conversation.WriteState == WriteState.WritingWithMore;
            conversation.WriteState = WriteState.None;
            if (fault is null)
            {
                if (hasMore)
                {
                    EnqueueLocked(conversation);
                }

                _fault = isCalled ? null : _fault;
                _flushes?.RemoveAll(flush => flush.IsDone(conversation, conversation.SavedChanges));
            }
            else
            {
                conversation.WriteState = WriteState.Queued;
                _failed = conversation;
                _fault = fault;
                _failures++;
                Pause();
                _flushes?.RemoveAll(flush => flush.IsFailed(conversation, fault));
            }
        }
    }

    private void EnqueueLocked(StoredConversation<TKey, TMessage> conversation)
    {
        conversation.WriteState = WriteState.Queued;
        _last = _last is null ? _first = conversation : _last.NextToWrite = conversation;
        Start();
    }

    private void Start()
    {
        if (!_isRunning && !_isPausing && !_isStopped && _first is not null)
        {
            _isRunning = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Pause()
    {
        if (_isStopped)
        {
            return;
        }

        _isPausing = true;
        if (_retry is null)
        {
            // The timer outlives the call that happened to start it, and must not keep that call's context.
            using AsyncFlowControl? _ = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
            _retry = _clock.CreateTimer(
                static writeBehind => ((WriteBehind<TKey, TMessage>)writeBehind!).Resume(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _retry.Change(_retryDelay, Timeout.InfiniteTimeSpan);
    }

    private void Resume()
    {
        lock (_gate)
        {
            ResumeLocked();
        }
    }

    private void ResumeLocked()
    {
        _isPausing = false;
        if (_failed is { } failed)
        {
            _failed = null;
            EnqueueLocked(failed);
        }

        Start();
    }

    /// <summary>Somebody who waits until what there was when he came is written. Under the lock of the write-behind.</summary>
    private sealed class Flush
    {
        private readonly Dictionary<StoredConversation<TKey, TMessage>, long> _missing = [];
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public bool IsEmpty => _missing.Count == 0;

        public void Add(StoredConversation<TKey, TMessage> conversation)
        {
            long changes = conversation.Changes;
            if (changes > conversation.SavedChanges)
            {
                _missing[conversation] = changes;
            }
        }

        /// <summary>So much of a conversation is saved; whether nothing is missing any more.</summary>
        public bool IsDone(StoredConversation<TKey, TMessage> conversation, long savedChanges)
        {
            if (_missing.TryGetValue(conversation, out long changes) && changes <= savedChanges)
            {
                _missing.Remove(conversation);
            }

            return IsEmpty && _done.TrySetResult();
        }

        public bool IsFailed(StoredConversation<TKey, TMessage> conversation, Exception fault)
        {
            bool isAffected = _missing.ContainsKey(conversation);
            if (isAffected)
            {
                Fail(fault);
            }

            return isAffected;
        }

        public void Fail(Exception error) => _done.TrySetException(error);
    }
}
