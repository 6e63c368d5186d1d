namespace BoundedMemory;

/// <content>How subscriptions wait.</content>
public sealed partial class BroadcastHub<T>
{
    /// <summary>Subscribers that wait for a message.</summary>
    internal int Waiting => _waiting.Count;

    /// <summary>Begins a wait until something may have changed: a message, the end, or a nudge.</summary>
    /// <param name="subscription">Who waits.</param>
    /// <param name="waits">Whether there is need to wait, and <see cref="EndWait"/> must follow.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">Another wait is pending.</exception>
    internal ValueTask BeginWait(HubSubscription<T> subscription, out bool waits, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (subscription.IsWaiting)
            {
                throw new InvalidOperationException($"A read of a subscription to the hub '{Name}' is pending already: a subscription has one reader.");
            }

            waits = subscription.CauseIsOpen && !_isCompleted && !HasNews(subscription) && !subscription.IsNudged;
            subscription.IsNudged = false;
            if (!waits)
            {
                return ValueTask.CompletedTask;
            }

            subscription.IsWaiting = true;
            _waiting.Enlist(subscription.Waiter ??= new Waiter(_waiting));
        }

        return subscription.Waiter.WaitAsync(cancellationToken);
    }

    internal void EndWait(HubSubscription<T> subscription)
    {
        lock (_gate)
        {
            subscription.IsWaiting = false;
        }

        MarkActive(subscription);
    }

    /// <summary>Ends the wait of a subscription, or the next one if it does not wait, though there may be nothing to read.</summary>
    internal void Nudge(HubSubscription<T> subscription)
    {
        Waiter? waiter;
        lock (_gate)
        {
            waiter = subscription.IsWaiting ? subscription.Waiter : null;
            subscription.IsNudged = waiter is null;
        }

        if (waiter is not null)
        {
            _waiting.TryWake(waiter);
        }
    }

    /// <summary>A completed hub's last message has been read: that is the end.</summary>
    internal void EndIfOver(HubSubscription<T> subscription)
    {
        if (IsCompleted && !HasNews(subscription))
        {
            Close(subscription, HubCloseCause.Completed);
        }
    }

    /// <summary>Written only where it changes something: a poll of an empty hub writes nothing that others read.</summary>
    private static void MarkActive(HubSubscription<T> subscription)
    {
        if (!Volatile.Read(in subscription.IsActive))
        {
            Volatile.Write(ref subscription.IsActive, true);
        }
    }
}
