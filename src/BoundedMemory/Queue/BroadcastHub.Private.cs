using System.Buffers;

namespace BoundedMemory;

/// <content>Private queues: filled when a message is published.</content>
public sealed partial class BroadcastHub<T>
{
    /// <summary>Subscriptions with a private queue; null if there is none. Replaced, never changed.</summary>
    private HubSubscription<T>[]? _privates;

    /// <summary>Asks the filters of all private queues first, under no lock, then publishes to all at once.</summary>
    private AddResult PublishWithPrivates(T message, long bytes, out long sequence)
    {
        Advance advance = default;
        while (true)
        {
            HubSubscription<T>[] privates = Volatile.Read(in _privates) ?? [];
            bool[] isWanted = ArrayPool<bool>.Shared.Rent(privates.Length);
            for (int i = 0; i < privates.Length; i++)
            {
                isWanted[i] = IsWanted(privates[i], message);
            }

            AddResult? result = TryPublish(message, bytes, privates, isWanted, advance, out sequence);
            ArrayPool<bool>.Shared.Return(isWanted);
            if (result == AddResult.OverBudget && !advance.IsAsked && TryAsk(bytes, out advance))
            {
                continue;
            }

            if (result is { } final)
            {
                return final == AddResult.Added ? final : Reject(final);
            }
        }
    }

    /// <summary>Publishes, unless the private queues have become others since their filters were asked: then null, and what others have given is still in hand.</summary>
    private AddResult? TryPublish(T message, long bytes, HubSubscription<T>[] privates, bool[] isWanted, in Advance advance, out long sequence)
    {
        AddResult result;
        bool wakes;
        lock (_gate)
        {
            if (!ReferenceEquals(_privates ?? [], privates))
            {
                sequence = 0;
                return null;
            }

            result = advance.IsAsked ? TryAddAsked(message, bytes, advance, out sequence) : TryAdd(message, bytes, out sequence);
            for (int i = 0; i < privates.Length && result == AddResult.Added; i++)
            {
                if (isWanted[i])
                {
                    AddPrivately(privates[i], message, bytes, sequence);
                }
                else
                {
                    privates[i].FilteredCount++;
                    _filtered++;
                }
            }

            wakes = !_waiting.IsEmpty;
        }

        if (wakes)
        {
            _waiting.WakeAll();
        }

        return result;
    }

    /// <summary>Puts a message into a private queue. The hub's oldest messages make room as long as subscriptions have no more than their part of the bytes, then
    /// the queue's own; what finds no room in the end is missed, with all that was before it. Under the lock.</summary>
    private void AddPrivately(HubSubscription<T> subscription, T message, long bytes, long sequence)
    {
        HubRing<T> queue = subscription.Private!;
        int missed = 0;
        while (!TryAddPrivately(queue, message, bytes, sequence, ref missed))
        {
            missed++;
            if (queue.Count == 0)
            {
                break;
            }

            long left = queue.RemoveOldest();
            _subscriptionBytes -= left;
            _bytes.Return(left);
        }

        subscription.Gap += missed;
        subscription.MissedCount += missed;
        _missed += missed;
    }

    private bool TryAddPrivately(HubRing<T> queue, T message, long bytes, long sequence, ref int missed)
    {
        long freed = queue.Count == queue.MaxCount ? queue[0].Bytes : 0;
        long part = _bytes.AreCounted ? _bytes.Limit / HubLimits.SubscriptionPart : long.MaxValue;
        if (_subscriptionBytes + bytes - freed > part || !TryMakeRoom(bytes - freed, keep: 1))
        {
            return false;
        }

        long before = queue.MessageBytes + queue.ArrayBytes;
        bool isAdded = queue.TryAdd(message, bytes, sequence, out int evicted) == AddResult.Added;
        _subscriptionBytes += queue.MessageBytes + queue.ArrayBytes - before;
        missed += evicted;
        return isAdded;
    }

    /// <summary>Whether so many bytes are free, once the hub's oldest messages but for the newest few have made room; if not, none has. Under the lock.</summary>
    private bool TryMakeRoom(long bytes, int keep)
    {
        if (bytes <= 0)
        {
            return true;
        }

        long kept = keep > 0 && _ring.Count > 0 ? _ring[_ring.Count - 1].Bytes : 0;
        if (_bytes.TryPrepay(bytes, _ring.MessageBytes - kept, out long held) != AddResult.Added)
        {
            return false;
        }

        _bytes.Return(held);
        while (!_bytes.TryTake(bytes))
        {
            if (_ring.Count <= keep)
            {
                return false;
            }

            _bytes.Return(_ring.RemoveOldest());
            _evicted++;
        }

        _bytes.Return(bytes);
        return true;
    }

    /// <summary>Gives back what a private queue holds, of a subscription that has ended. Under the lock.</summary>
    private void ReturnPrivate(HubSubscription<T> subscription)
    {
        if (subscription.Private is { } queue)
        {
            long bytes = queue.MessageBytes + queue.ArrayBytes;
            _subscriptionBytes -= bytes;
            Volatile.Write(ref subscription.Private, null);
            HubSubscription<T>[] others = [.. _privates!.Where(other => !ReferenceEquals(other, subscription))];
            Volatile.Write(ref _privates, others.Length == 0 ? null : others);
            _bytes.Return(bytes);
        }
    }
}
