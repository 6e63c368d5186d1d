using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <content>What a queue does that counts bytes, age or keys, and how it reports what has left.</content>
public sealed partial class DropOldestQueue<T>
{
    /// <summary>Somebody wants what is dropped.</summary>
    private bool Reports => _dropped is not null || _disposesItems;

    /// <summary>Refused items by reason.</summary>
    private readonly long[] _refused = new long[(int)AddResult.Completed + 1];

    private long _callbackFailures;

    private EnqueueResult EnqueueLocked(T item, bool wantsDropped, out T? dropped)
    {
        dropped = default;
        ThrowIfDisposed();
        long bytes = 0;
        if (_measures && !_locked!.Bytes.TryMeasure(item, out bytes, out _))
        {
            return Refuse(AddResult.SizeUnknown);
        }

        var left = new QueueDepartures<T>(Reports || wantsDropped);
        AddResult result = _locked!.Enqueue(item, bytes, ref left);
        if (left.Count > 0 && (left.HasItems || _isCompleted))
        {
            if (wantsDropped)
            {
                dropped = left.First.Item;
            }

            Report(ref left, keepsFirst: wantsDropped);
        }

        return result == AddResult.Added ? new EnqueueResult(AddResult.Added, left.Count, left.Bytes) : Refuse(result);
    }

    private bool TryDequeueLocked(out T? item)
    {
        while (true)
        {
            var left = new QueueDepartures<T>(Reports);
            bool? isThere = _locked!.TryDequeue(out item, ref left);
            Report(ref left);
            if (isThere is { } answer)
            {
                return answer;
            }
        }
    }

    private int DequeueLocked(Span<T> items)
    {
        while (true)
        {
            var left = new QueueDepartures<T>(Reports);
            int count = _locked!.Dequeue(items, ref left);
            Report(ref left);
            if (count >= 0)
            {
                return count;
            }
        }
    }

    private bool TryPeekLocked(out T? item)
    {
        while (true)
        {
            var left = new QueueDepartures<T>(Reports);
            bool? isThere = _locked!.TryPeek(out item, ref left);
            Report(ref left);
            if (isThere is { } answer)
            {
                return answer;
            }
        }
    }

    private EnqueueResult Refuse(AddResult reason)
    {
        if (reason == AddResult.Completed)
        {
            ThrowIfDisposed();
        }

        Interlocked.Increment(ref _refused[(int)reason]);
        return new EnqueueResult(reason, 0, 0);
    }

    /// <summary>Out of line: what it keeps on the stack would have to be cleared on every write.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReportEvicted(T item) => Report(new DroppedItem<T>(item, RemovalCause.Evicted, 0), _disposesItems);

    /// <summary>Reports what has left under a lock that has been released.</summary>
    private void Report(ref QueueDepartures<T> left, bool keepsFirst = false)
    {
        if (left.Count == 0)
        {
            return;
        }

        if (left.HasItems)
        {
            Report(left.First, _disposesItems && !keepsFirst);
            foreach (DroppedItem<T> other in left.Others)
            {
                Report(other, _disposesItems);
            }

            left.Release();
        }

        if (_isCompleted)
        {
            EndIfDrained();
        }
    }

    private void Report(in DroppedItem<T> dropped, bool disposes)
    {
        try
        {
            _dropped?.Invoke(dropped);
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _callbackFailures);
        }

        if (disposes && dropped.Item is IDisposable disposable)
        {
            try
            {
                disposable.Dispose();
            }
            catch (Exception)
            {
                Interlocked.Increment(ref _callbackFailures);
            }
        }
    }
}
