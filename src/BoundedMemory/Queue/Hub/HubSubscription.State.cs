namespace BoundedMemory;

/// <content>What the hub keeps of a subscription. Under the hub's lock, but for what says otherwise.</content>
public sealed partial class HubSubscription<T>
{
    internal readonly Predicate<T>? Filter;
    internal readonly long MaxLag;
    internal readonly long MaxMissed;

    /// <summary>The private queue; null: reads from the hub's ring.</summary>
    internal HubRing<T>? Private;

    /// <summary>Number of the message to read next. Read without the lock only to see that there is nothing new.</summary>
    internal long Next;

    /// <summary>Messages found missing that are not reported yet.</summary>
    internal long Gap;

    /// <summary>Messages taken about which the filter is being asked: neither delivered nor held back yet.</summary>
    internal int Asking;

    internal long DeliveredCount;
    internal long MissedCount;
    internal long FilteredCount;

    /// <summary>Has read, or tried to, since the last sweep. Written without the lock: a sweep that does not see it yet will see it the next time, long before the
    /// subscription counts as idle.</summary>
    internal bool IsActive;

    /// <summary>When a sweep last found it active.</summary>
    internal long IdleSince;

    /// <summary>0 while it is open, else 1 + the cause. Written once, under the lock; read without it.</summary>
    internal int CauseCode;

    /// <summary>Made when somebody asks for <see cref="Closed"/>.</summary>
    internal CancellationTokenSource? Closing;

    /// <summary>Neighbours in the hub's list of subscriptions.</summary>
    internal HubSubscription<T>? Previous;
    internal HubSubscription<T>? Following;

    /// <summary>Made by the first wait, and used by all.</summary>
    internal Waiter? Waiter;

    /// <summary>A wait has begun and its reader has not gone on since.</summary>
    internal bool IsWaiting;

    /// <summary>The next wait for a nudge is to end at once.</summary>
    internal bool IsNudged;
}
