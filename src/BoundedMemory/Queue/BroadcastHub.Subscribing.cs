using System.Diagnostics;

namespace BoundedMemory;

/// <content>How subscriptions begin and end.</content>
public sealed partial class BroadcastHub<T>
{
    private static readonly HubSubscriptionOptions<T> Defaults = new();

    /// <summary>The first of the list of subscriptions, which holds them strongly: one that is dropped stays until it is idle.</summary>
    private HubSubscription<T>? _firstSubscription;

    private int _subscribers;
    private long _subscribed;
    private long _subscribersRejected;
    private long _unread;
    private readonly long[] _closed = new long[(int)HubCloseCause.Disposed + 1];
    private long _callbackFailures;

    /// <summary>Bytes of all subscriptions with their private queues.</summary>
    private long _subscriptionBytes;

    /// <summary>Subscribers now; at most <see cref="MaxSubscribers"/> at every moment.</summary>
    public int Subscribers => Volatile.Read(in _subscribers);

    /// <summary>Subscribes.</summary>
    /// <param name="options">What the subscriber wants; copied. Null: everything that is published from now on.</param>
    /// <returns>The subscription, to be disposed by its reader.</returns>
    /// <exception cref="HubSubscriptionRejectedException">The hub refused.</exception>
    /// <exception cref="ArgumentException">An option is out of its range or contradicts another.</exception>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public HubSubscription<T> Subscribe(HubSubscriptionOptions<T>? options = null)
    {
        HubSubscribeResult result = TrySubscribe(options, out HubSubscription<T>? subscription);
        return result == HubSubscribeResult.Subscribed ? subscription! : throw new HubSubscriptionRejectedException(Name, result, Subscribers);
    }

    /// <summary>Subscribes, or says why not.</summary>
    /// <param name="options">What the subscriber wants; copied. Null: everything that is published from now on.</param>
    /// <param name="subscription">The subscription, to be disposed by its reader; null if it was refused.</param>
    /// <exception cref="ArgumentException">An option is out of its range or contradicts another.</exception>
    /// <exception cref="ObjectDisposedException">The hub is disposed.</exception>
    public HubSubscribeResult TrySubscribe(HubSubscriptionOptions<T>? options, out HubSubscription<T>? subscription)
    {
        options ??= Defaults;
        OptionErrors.ThrowFirst(BroadcastHubOptionsValidator<T>.FindErrors(options));
        int privateCount = options.PrivateCount ?? 0;
        long bytes = HubLimits.SubscriptionBytes + (privateCount == 0 ? 0 : HubRing<T>.LeastArrayBytes(privateCount));
        HubSubscribeResult result = TrySubscribe(options, bytes, default, out subscription);
        if (result == HubSubscribeResult.OverBudget && TryAsk(bytes, out Advance advance))
        {
            result = TrySubscribe(options, bytes, advance, out subscription);
        }

        if (subscription is null)
        {
            Interlocked.Increment(ref _subscribersRejected);
        }

        return result;
    }

    private HubSubscribeResult TrySubscribe(HubSubscriptionOptions<T> options, long bytes, in Advance advance, out HubSubscription<T>? subscription)
    {
        int privateCount = options.PrivateCount ?? 0;
        subscription = null;
        HubSubscribeResult result;
        lock (_gate)
        {
            // Free for a moment, and taken again below.
            _bytes.Return(advance.Bytes);
            ThrowIfDisposed();
            result = _isCompleted ? HubSubscribeResult.Completed
                : _subscribers == MaxSubscribers ? HubSubscribeResult.TooManySubscribers
                : _bytes.AsksFirst(bytes, advance) || !TryTakeForSubscription(bytes) ? HubSubscribeResult.OverBudget
                : HubSubscribeResult.Subscribed;
            if (result == HubSubscribeResult.Subscribed)
            {
                subscription = new HubSubscription<T>(this, options, privateCount == 0 ? null : new HubRing<T>(_bytes, privateCount));
                Place(subscription, options.After);
                Link(subscription);
            }
        }

        return result;
    }

    /// <summary>Ends a subscription, if it has not ended.</summary>
    internal void Close(HubSubscription<T> subscription, HubCloseCause cause)
    {
        Waiter? waiter;
        CancellationTokenSource? closing;
        lock (_gate)
        {
            if (!subscription.CauseIsOpen)
            {
                return;
            }

            _unread += LagLocked(subscription) - subscription.Asking;
            Volatile.Write(ref subscription.CauseCode, 1 + (int)cause);
            _closed[(int)cause]++;
            Unlink(subscription);
            ReturnPrivate(subscription);
            waiter = subscription.Waiter;
            closing = subscription.Closing;
            _fixedBytes -= HubLimits.SubscriptionBytes;
            _subscriptionBytes -= HubLimits.SubscriptionBytes;
            _bytes.Return(HubLimits.SubscriptionBytes);
        }

        if (waiter is not null)
        {
            _waiting.TryWake(waiter);
        }

        Cancel(closing);
    }

    internal CancellationToken ClosedTokenOf(HubSubscription<T> subscription)
    {
        lock (_gate)
        {
            return !subscription.CauseIsOpen ? new CancellationToken(canceled: true) : (subscription.Closing ??= new CancellationTokenSource()).Token;
        }
    }

    /// <summary>Closes subscriptions that neither read nor wait, and those that have missed too much.</summary>
    void ISweepable.Sweep()
    {
        List<(HubSubscription<T> Subscription, HubCloseCause Cause)>? ending = null;
        lock (_gate)
        {
            long now = _clock.GetTimestamp();
            for (HubSubscription<T>? subscription = _firstSubscription; subscription is not null; subscription = subscription.Following)
            {
                if (subscription.Gap + UnseenGapOf(subscription) > subscription.MaxMissed)
                {
                    (ending ??= []).Add((subscription, HubCloseCause.Lagged));
                }
                else if (subscription.IsWaiting || subscription.IsActive)
                {
                    subscription.IsActive = false;
                    subscription.IdleSince = now;
                }
                else if (_clock.GetElapsedTime(subscription.IdleSince, now) >= _idleTimeout)
                {
                    (ending ??= []).Add((subscription, HubCloseCause.Idle));
                }
            }
        }

        foreach ((HubSubscription<T> subscription, HubCloseCause cause) in ending ?? [])
        {
            Close(subscription, cause);
        }
    }

    /// <summary>Takes bytes for a subscription; the oldest messages make room. Under the lock.</summary>
    private bool TryTakeForSubscription(long bytes)
    {
        if (_bytes.AreCounted && bytes + _subscriptionBytes > _bytes.Limit / HubLimits.SubscriptionPart)
        {
            return false;
        }

        if (!TryMakeRoom(bytes, keep: 0) || !_bytes.TryTake(bytes))
        {
            return false;
        }

        _fixedBytes += HubLimits.SubscriptionBytes;
        _subscriptionBytes += bytes;
        return true;
    }

    /// <summary>Sets where a subscription begins. Under the lock.</summary>
    private void Place(HubSubscription<T> subscription, long? after)
    {
        subscription.Next = _newest + 1;
        if (after is { } sequence)
        {
            bool isKnown = sequence <= _newest;
            long oldest = _newest - _ring.Count + 1;
            subscription.Next = isKnown ? sequence + 1 : oldest;
            subscription.Resume = !isKnown ? HubResume.Unknown : sequence + 1 < oldest ? HubResume.Gap : HubResume.Continued;
        }

        subscription.IdleSince = _clock.GetTimestamp();
    }

    /// <summary>Under the lock.</summary>
    private void Link(HubSubscription<T> subscription)
    {
        subscription.Following = _firstSubscription;
        if (_firstSubscription is not null)
        {
            _firstSubscription.Previous = subscription;
        }

        _firstSubscription = subscription;
        Volatile.Write(ref _subscribers, _subscribers + 1);
        _subscribed++;
        if (subscription.Private is not null)
        {
            Volatile.Write(ref _privates, [.. _privates ?? [], subscription]);
        }
    }

    /// <summary>Under the lock.</summary>
    private void Unlink(HubSubscription<T> subscription)
    {
        if (subscription.Previous is null)
        {
            Debug.Assert(ReferenceEquals(_firstSubscription, subscription));
            _firstSubscription = subscription.Following;
        }
        else
        {
            subscription.Previous.Following = subscription.Following;
        }

        if (subscription.Following is not null)
        {
            subscription.Following.Previous = subscription.Previous;
        }

        (subscription.Previous, subscription.Following) = (null, null);
        Volatile.Write(ref _subscribers, _subscribers - 1);
    }

    private void CloseAll(HubCloseCause cause)
    {
        while (true)
        {
            HubSubscription<T>? subscription;
            lock (_gate)
            {
                subscription = _firstSubscription;
            }

            if (subscription is null)
            {
                return;
            }

            Close(subscription, cause);
        }
    }

    /// <summary>Tells those who want to know that a subscription has ended. Under no lock.</summary>
    private void Cancel(CancellationTokenSource? closing)
    {
        try
        {
            closing?.Cancel();
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _callbackFailures);
        }
    }
}
