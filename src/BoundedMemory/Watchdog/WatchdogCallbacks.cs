namespace BoundedMemory;

/// <summary>Those who want to know about changes of level. Thread-safe.</summary>
internal sealed class WatchdogCallbacks(WatchdogCounters counters)
{
    private readonly Lock _gate = new();
    private Subscription[] _subscriptions = [];

    public IDisposable Add(Action<MemoryPressureChange> callback)
    {
        var subscription = new Subscription(this, callback);
        lock (_gate)
        {
            _subscriptions = [.. _subscriptions, subscription];
        }

        return subscription;
    }

    public void Call(MemoryPressureChange change)
    {
        foreach (Subscription subscription in Volatile.Read(ref _subscriptions))
        {
            try
            {
                subscription.Callback?.Invoke(change);
            }
            catch (Exception)
            {
                Interlocked.Increment(ref counters.CallbackFailures);
            }
        }
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = [.. _subscriptions.Where(other => other != subscription)];
        }
    }

    private sealed class Subscription(WatchdogCallbacks owner, Action<MemoryPressureChange> callback) : IDisposable
    {
        /// <summary>Null once it is disposed: a change that is being reported just now does not reach it any more.</summary>
        public Action<MemoryPressureChange>? Callback { get; private set; } = callback;

        public void Dispose()
        {
            Callback = null;
            owner.Remove(this);
        }
    }
}
