namespace BoundedMemory;

/// <summary>What kind of collection fits the cause, and when it may come. Pure.</summary>
/// <remarks>
/// <para>A collection beside the running threads takes away what was given back; it stops the process for a millisecond or two. What the collector keeps for itself afterwards only an
/// aggressive one returns to the system, which stops the process for as long as it takes to move what lives: it comes only if that slack is what is too much.</para>
/// <para>At Warning the pauses of induced collections may take 3.3 % of the time, which is the rule of System.Web (<c>RecycleLimitMonitor</c>). That rule breaks a hard limit, so from Critical
/// on there is only a shortest distance between them. Aggressive ones may take 1.1 % at Critical, 2 % where Abort is nearer, and at Abort there is only a shortest distance.</para>
/// <para>Where the nearest limit is the heap's own, slack is returned at Abort only: below its limit the collector uses what it keeps before it takes more, and moves what lives by itself
/// when it has to. Returning it all the same took a tenth of all pauses (80 MB/s of 8 KB in a heap of 403 MB: 6.2 % of the time, 5.6 without).</para>
/// </remarks>
internal sealed class CollectionSchedule
{
    private const double MostPaused = 0.033;

    /// <summary>Slack is used again, so while there is room above it, returning it may take less time.</summary>
    private const double MostPausedForSlack = 0.011;

    private const double MostPausedNearAbort = 0.02;

    private const long LeastGarbage = 32L << 20;

    private static readonly TimeSpan BetweenBackground = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan BetweenAggressive = TimeSpan.FromMilliseconds(500);

    private TimeSpan _lastBackground = TimeSpan.MinValue;
    private TimeSpan _lastAggressive = TimeSpan.MinValue;
    private TimeSpan _backgroundCost;
    private TimeSpan _aggressiveCost;

    /// <summary>What is to be done now.</summary>
    /// <param name="now">Now.</param>
    /// <param name="level">The level.</param>
    /// <param name="isNearAbort">Whether it is nearer to Abort than to Critical.</param>
    /// <param name="isHeap">Whether the nearest limit is the heap's own.</param>
    /// <param name="limit">The nearest limit, bytes; 0 if there is none.</param>
    /// <param name="excess">Bytes by which all that counts against it is above what Critical is left at.</param>
    /// <param name="slack">Bytes the collector keeps for itself.</param>
    /// <param name="garbage">Bytes given back and not yet collected.</param>
    /// <param name="grown">Bytes the heap has grown by since it was last collected: they may be garbage.</param>
    /// <param name="heap">Bytes of the heap.</param>
    public CollectionKind Decide(TimeSpan now, MemoryPressureLevel level, bool isNearAbort, bool isHeap, long limit, long excess, long slack, long garbage, long grown, long heap)
    {
        bool isSlack = slack >= excess && slack >= limit / 20;
        if (level == MemoryPressureLevel.Abort && (isSlack || slack + garbage >= limit / 10) && IsDue(now, _lastAggressive, BetweenAggressive))
        {
            return CollectionKind.Aggressive;
        }

        if (level == MemoryPressureLevel.Critical && isSlack && !isHeap && IsDue(now, _lastAggressive, Max(BetweenAggressive, _aggressiveCost / (isNearAbort ? MostPausedNearAbort : MostPausedForSlack))))
        {
            return CollectionKind.Aggressive;
        }

        if (level >= MemoryPressureLevel.Critical)
        {
            return garbage + grown >= Math.Min(LeastGarbage, limit / 50) && IsDue(now, _lastBackground, BetweenBackground) ? CollectionKind.Background : CollectionKind.None;
        }

        return level == MemoryPressureLevel.Warning && garbage + grown >= Math.Max(LeastGarbage, heap / 20)
            && IsDue(now, _lastBackground, Max(BetweenAggressive, _backgroundCost / MostPaused))
            ? CollectionKind.Background
            : CollectionKind.None;
    }

    /// <summary>Notes what was done.</summary>
    public void Done(CollectionKind kind, TimeSpan now, TimeSpan cost)
    {
        if (kind == CollectionKind.Aggressive)
        {
            (_lastAggressive, _aggressiveCost) = (now, cost);
            _lastBackground = now;
        }
        else if (kind == CollectionKind.Background)
        {
            _lastBackground = now;
        }
    }

    /// <summary>Notes for how long the last background collection has stopped the process, once that is known.</summary>
    public void Cost(TimeSpan background) => _backgroundCost = background;

    private static bool IsDue(TimeSpan now, TimeSpan last, TimeSpan distance) => last == TimeSpan.MinValue || now - last >= distance;

    private static TimeSpan Max(TimeSpan x, TimeSpan y) => x > y ? x : y;
}

/// <summary>A kind of induced collection.</summary>
internal enum CollectionKind
{
    None,
    Background,
    Aggressive,
}
