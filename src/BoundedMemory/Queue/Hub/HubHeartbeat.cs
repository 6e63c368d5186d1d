namespace BoundedMemory;

/// <summary>Says after each interval that a heartbeat is due, and wakes the reader for it. One timer for all of a clock and an interval; held weakly by it.</summary>
internal sealed class HubHeartbeat<T> : ISweepable, IDisposable
{
    private readonly HubSubscription<T> _subscription;
    private readonly Sweeper _sweeper;
    private readonly WeakReference<ISweepable> _link;
    private bool _isDue;

    public HubHeartbeat(HubSubscription<T> subscription, TimeSpan interval)
    {
        _subscription = subscription;
        _sweeper = Sweeper.For(subscription.Hub.Clock, interval);
        _link = _sweeper.Add(this);
    }

    /// <summary>Whether one is due; it is not any more then.</summary>
    public bool TakeDue() => Interlocked.Exchange(ref _isDue, false);

    void ISweepable.Sweep()
    {
        Volatile.Write(ref _isDue, true);
        _subscription.Hub.Nudge(_subscription);
    }

    public void Dispose() => _sweeper.Remove(_link);
}
