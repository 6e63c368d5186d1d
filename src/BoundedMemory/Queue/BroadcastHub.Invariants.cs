namespace BoundedMemory;

/// <content>What always holds.</content>
public sealed partial class BroadcastHub<T>
{
    /// <summary>Throws if what is counted is not what is there. For tests.</summary>
    internal void Verify()
    {
        lock (_gate)
        {
            long subscriptionBytes = 0;
            int subscriptions = 0;
            int privates = 0;
            long expected = _isDisposed ? 0 : HubLimits.EmptyHubBytes + _ring.Verify();
            for (HubSubscription<T>? s = _firstSubscription; s is not null; s = s.Following)
            {
                subscriptions++;
                subscriptionBytes += HubLimits.SubscriptionBytes + (s.Private?.Verify() ?? 0);
                privates += s.Private is null ? 0 : 1;
                Require(s.CauseIsOpen && s.Next <= _newest + 1 && s.Gap >= 0 && s.Asking >= 0, "a subscription in the list is open and its cursor in the ring");
                Require(s.Following is null || ReferenceEquals(s.Following.Previous, s), "the list is linked both ways");
            }

            Require(subscriptions == _subscribers && privates == (_privates?.Length ?? 0), "subscribers are counted");
            Require(!_bytes.AreCounted || subscriptionBytes == _subscriptionBytes, "bytes of subscriptions");
            Require(!_bytes.AreCounted || expected + subscriptionBytes == Bytes, "bytes in use are those of the hub, its ring and its subscriptions");
            Require(_newest == Count + _evicted + _trimmed + _cleared + _disposed, "what was published is there or has left");
            Require(_ring.Count == 0 || (_ring[0].Sequence == OldestSequence && _ring[_ring.Count - 1].Sequence == _newest), "numbers in the ring have no gap");
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Invariant broken: {what}.");
        }
    }
}
