namespace BoundedMemory;

/// <content>How subscriptions read.</content>
public sealed partial class BroadcastHub<T>
{
    private long _delivered;
    private long _filtered;
    private long _missed;

    /// <summary>What came of an attempt to take a message.</summary>
    private enum Take
    {
        Nothing,
        Message,

        /// <summary>More is missing than the subscriber puts up with.</summary>
        Lagging,
    }

    internal bool TryRead(HubSubscription<T> subscription, out HubMessage<T> message)
    {
        MarkActive(subscription);
        bool asks = subscription.Filter is not null && subscription.Private is null;
        while (HasNews(subscription))
        {
            Take taken;
            lock (_gate)
            {
                taken = TakeNext(subscription, out message);
                if (taken == Take.Message && !asks)
                {
                    Deliver(subscription, ref message);
                    return true;
                }

                subscription.Asking += taken == Take.Message ? 1 : 0;
            }

            if (taken != Take.Message)
            {
                CloseIf(taken == Take.Lagging, subscription);
                break;
            }

            bool isWanted = IsWanted(subscription, message.Value);
            lock (_gate)
            {
                subscription.Asking--;
                if (isWanted)
                {
                    Deliver(subscription, ref message);
                    return true;
                }

                subscription.FilteredCount++;
                _filtered++;
            }
        }

        message = default;
        EndIfOver(subscription);
        return false;
    }

    internal int ReadBatch(HubSubscription<T> subscription, Span<HubMessage<T>> messages)
    {
        int count = 0;
        if (subscription.Filter is not null && subscription.Private is null)
        {
            while (count < messages.Length && TryRead(subscription, out messages[count]))
            {
                count++;
            }

            return count;
        }

        MarkActive(subscription);
        if (messages.Length > 0 && HasNews(subscription))
        {
            Take taken = Take.Message;
            lock (_gate)
            {
                while (count < messages.Length && (taken = TakeNext(subscription, out messages[count])) == Take.Message)
                {
                    Deliver(subscription, ref messages[count++]);
                    if (subscription.Private is null)
                    {
                        // Nothing can be missing behind the first: the lock is held.
                        count += DeliverRun(subscription, messages[count..]);
                    }
                }
            }

            CloseIf(taken == Take.Lagging, subscription);
        }

        if (count == 0)
        {
            EndIfOver(subscription);
        }

        return count;
    }

    internal long Read(ref long counter)
    {
        lock (_gate)
        {
            return counter;
        }
    }

    internal long LagOf(HubSubscription<T> subscription)
    {
        lock (_gate)
        {
            return LagLocked(subscription);
        }
    }

    /// <summary>Whether there may be something to read, without the lock.</summary>
    /// <remarks>The number of the newest message is written, with release semantics, after the message is in the ring, both under the lock. Who sees it here takes
    /// the lock and finds the message; who does not see it yet reads before it was published, or waits, and looks again under the lock before it does. The cursor is
    /// moved by the subscription's own reads.</remarks>
    internal bool HasNews(HubSubscription<T> subscription) => subscription.CauseIsOpen
        && (Volatile.Read(in subscription.Private) is { } queue ? queue.Count > 0 : Volatile.Read(in _newest) >= Volatile.Read(in subscription.Next));

    /// <summary>Takes the next message; it is not counted as delivered yet. Under the lock.</summary>
    private Take TakeNext(HubSubscription<T> subscription, out HubMessage<T> message)
    {
        message = default;
        if (!subscription.CauseIsOpen)
        {
            return Take.Nothing;
        }

        long unseen = UnseenGapOf(subscription);
        subscription.Gap += unseen;
        subscription.MissedCount += unseen;
        _missed += unseen;
        Volatile.Write(ref subscription.Next, subscription.Next + unseen);
        if (subscription.Gap > subscription.MaxMissed)
        {
            return Take.Lagging;
        }

        if (subscription.Private is { } queue)
        {
            if (queue.Count == 0)
            {
                return Take.Nothing;
            }

            message = new HubMessage<T>(queue[0].Sequence, 0, queue[0].Value);
            long bytes = queue.RemoveOldest();
            _subscriptionBytes -= bytes;
            _bytes.Return(bytes);
            return Take.Message;
        }

        if (subscription.Next > _newest)
        {
            return Take.Nothing;
        }

        message = new HubMessage<T>(subscription.Next, 0, _ring[(int)(subscription.Next - OldestSequence)].Value);
        Volatile.Write(ref subscription.Next, subscription.Next + 1);
        return Take.Message;
    }

    /// <summary>Counts a message that was taken, and reports the gap before it. Under the lock.</summary>
    private void Deliver(HubSubscription<T> subscription, ref HubMessage<T> message)
    {
        subscription.DeliveredCount++;
        _delivered++;
        if (subscription.Gap > 0)
        {
            message = message with { Missed = subscription.Gap };
            subscription.Gap = 0;
        }
    }

    /// <summary>Delivers the messages that lie behind the one that was read last, side by side in the ring. Under the lock.</summary>
    private int DeliverRun(HubSubscription<T> subscription, Span<HubMessage<T>> messages)
    {
        if (messages.IsEmpty || subscription.Next > _newest)
        {
            return 0;
        }

        ReadOnlySpan<HubRing<T>.Slot> run = _ring.Run((int)(subscription.Next - OldestSequence), messages.Length);
        for (int i = 0; i < run.Length; i++)
        {
            messages[i] = new HubMessage<T>(run[i].Sequence, 0, run[i].Value);
        }

        subscription.DeliveredCount += run.Length;
        _delivered += run.Length;
        Volatile.Write(ref subscription.Next, subscription.Next + run.Length);
        return run.Length;
    }

    /// <summary>Asks the filter; under no lock. What it throws is counted, and loses nothing.</summary>
    private bool IsWanted(HubSubscription<T> subscription, T message)
    {
        try
        {
            return subscription.Filter is null || subscription.Filter(message);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _callbackFailures);
            return true;
        }
    }

    private void CloseIf(bool isLagging, HubSubscription<T> subscription)
    {
        if (isLagging)
        {
            Close(subscription, HubCloseCause.Lagged);
        }
    }

    /// <summary>Number of the oldest message; one more than the newest if there is none. Under the lock.</summary>
    private long OldestSequence => _newest - _ring.Count + 1;

    /// <summary>Messages that are missing and that its reader has not come to yet. Under the lock.</summary>
    private long UnseenGapOf(HubSubscription<T> subscription) => subscription.Private is not null
        ? 0
        : Math.Max(0, Math.Max(OldestSequence, _newest - subscription.MaxLag + 1) - subscription.Next);

    /// <summary>Under the lock.</summary>
    private long LagLocked(HubSubscription<T> subscription) => !subscription.CauseIsOpen ? 0
        : subscription.Asking + (subscription.Private is { } queue ? queue.Count : _newest - subscription.Next + 1);
}
