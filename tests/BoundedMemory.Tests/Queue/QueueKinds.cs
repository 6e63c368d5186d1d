using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

/// <summary>The ways a queue can be made inside; each must behave alike.</summary>
public enum QueueKind
{
    /// <summary>Bounded by count alone: no lock.</summary>
    Count,

    /// <summary>Bounded by count, too large for slots that are made at once, so that it has a lock.</summary>
    LockedCount,

    /// <summary>By count and bytes.</summary>
    CountAndBytes,
}

internal static class QueueKinds
{
    /// <summary>A queue of a kind for so many items, which nothing but their number limits.</summary>
    public static DropOldestQueue<T> Create<T>(this QueueKind kind, int maxCount, Action<DropOldestQueueOptions<T>>? configure = null)
    {
        var options = new DropOldestQueueOptions<T> { MaxCount = maxCount };
        switch (kind)
        {
            case QueueKind.LockedCount:
                options.MaxAge = TimeSpan.FromDays(1);
                options.TimeProvider = new ManualTimeProvider();
                break;
            case QueueKind.CountAndBytes:
                options.MaxBytes = 1_000_000_000;
                break;
        }

        configure?.Invoke(options);
        return new DropOldestQueue<T>(options);
    }

    /// <summary>Throws if the numbers do not add up.</summary>
    public static QueueStatistics Verify<T>(this DropOldestQueue<T> queue)
    {
        QueueStatistics s = queue.Statistics;
        Assert.Equal(s.Enqueued, s.Dequeued + s.Dropped + s.Count);
        Assert.Equal(s.Dropped, s.Evicted + s.Expired + s.Trimmed + s.Replaced + s.Cleared + s.Disposed);
        Assert.True(s is { Dequeued: >= 0, Evicted: >= 0, Count: >= 0 }, s.ToString());
        return s;
    }
}
