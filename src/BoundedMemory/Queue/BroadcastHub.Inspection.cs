namespace BoundedMemory;

/// <content>Looking at a hub without subscribing.</content>
public sealed partial class BroadcastHub<T>
{
    /// <summary>What the hub has done and what it holds. O(number of subscribers).</summary>
    public HubStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                long lag = 0;
                for (HubSubscription<T>? subscription = _firstSubscription; subscription is not null; subscription = subscription.Following)
                {
                    lag = Math.Max(lag, LagLocked(subscription));
                }

                return new HubStatistics
                {
                    Published = _newest,
                    Evicted = _evicted,
                    Trimmed = _trimmed,
                    Cleared = _cleared,
                    Disposed = _disposed,
                    RejectedTooLarge = Volatile.Read(in _rejected[(int)AddResult.TooLarge]),
                    RejectedOverBudget = Volatile.Read(in _rejected[(int)AddResult.OverBudget]),
                    RejectedSizeUnknown = Volatile.Read(in _rejected[(int)AddResult.SizeUnknown]),
                    RejectedCompleted = Volatile.Read(in _rejected[(int)AddResult.Completed]),
                    Delivered = _delivered,
                    Filtered = _filtered,
                    Missed = _missed,
                    Unread = _unread,
                    Subscribers = _subscribers,
                    Subscribed = _subscribed,
                    SubscribersRejected = Interlocked.Read(ref _subscribersRejected),
                    ClosedUnsubscribed = _closed[(int)HubCloseCause.Unsubscribed],
                    ClosedIdle = _closed[(int)HubCloseCause.Idle],
                    ClosedLagged = _closed[(int)HubCloseCause.Lagged],
                    ClosedCompleted = _closed[(int)HubCloseCause.Completed],
                    ClosedDisposed = _closed[(int)HubCloseCause.Disposed],
                    Lag = lag,
                    CallbackFailures = Volatile.Read(in _callbackFailures),
                    Count = Count,
                    Bytes = Bytes,
                    OverheadBytes = _bytes.AreCounted ? Bytes - _ring.MessageBytes : 0,
                    MaxBytes = MaxBytes,
                    MaxCount = MaxCount,
                };
            }
        }
    }

    /// <summary>The messages there are, oldest first; nobody's cursor moves.</summary>
    /// <returns>One moment, exact. O(number of messages), under the lock.</returns>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public HubMessage<T>[] Snapshot()
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            var messages = new HubMessage<T>[_ring.Count];
            for (int i = 0; i < messages.Length; i++)
            {
                messages[i] = new HubMessage<T>(_ring[i].Sequence, 0, _ring[i].Value);
            }

            return messages;
        }
    }
}
