namespace BoundedMemory;

/// <summary>What is done at a level: who is asked for how much, and which collection follows.</summary>
/// <remarks>
/// <para><b>How much.</b> What is in use beyond the aim, which lies in the band in which Warning is left, less what was given already and waits for a collection, and, below Abort, less
/// what the heap has grown by since it was last collected: that may be garbage, and a collection shows it. Slack is not in use: trimming does not help against it.</para>
/// <para><b>How often.</b> Below Abort consumers are made smaller once in a dwell (a tenth of one at Critical), by at most the share of each; meanwhile only what they have grown by since is
/// taken. So a spike costs a cache one share at most, and a stream of new entries is held. At Abort there is neither.</para>
/// </remarks>
internal sealed class PressureRelief(MemoryWatchdogOptions options, Reclaimer reclaimer, ICollector collector, WatchdogCounters counters)
{
    /// <summary>For how long an outstanding collection is waited for before growth counts as use.</summary>
    private static readonly TimeSpan CollectionPatience = TimeSpan.FromSeconds(2);

    private readonly PendingGarbage _pending = new();
    private readonly CollectionSchedule _schedule = new();
    private readonly HardLimit? _hardLimit = options.GcPolicy == GcPolicy.Enforce ? new HardLimit(collector, counters) : null;
    private long _lastFull;
    private long _heapAfterFull;
    private long? _containerLimit;
    private int _fullCollections;

    /// <summary>When a collection was asked for that has not ended; null: none.</summary>
    private TimeSpan? _waitingSince;
    private TimeSpan _pausesAtBackground;
    private TimeSpan _lastStep = TimeSpan.MinValue;
    private long _usedAfterStep;

    public PendingGarbage Pending => _pending;

    /// <summary>Acts on a sample.</summary>
    /// <param name="now">Now.</param>
    /// <param name="level">The level.</param>
    /// <param name="assessment">The sample.</param>
    /// <param name="consumerBytes">What consumers hold.</param>
    /// <param name="fullCollections">Collections of the whole heap begun so far.</param>
    /// <param name="pauses">Time the collector has stopped the process for so far.</param>
    public void Act(TimeSpan now, MemoryPressureLevel level, in Assessment assessment, long consumerBytes, int fullCollections, TimeSpan pauses)
    {
        if (options.GcPolicy != GcPolicy.Never && assessment.Sample.ContainerLimit is { } containerLimit)
        {
            if (_containerLimit is not null && _containerLimit != containerLimit)
            {
                collector.RefreshLimit();
            }

            _containerLimit = containerLimit;
        }

        _hardLimit?.Update(now, options.ProcessLimit, assessment.Sample);
        if (level == MemoryPressureLevel.Normal)
        {
            _heapAfterFull = fullCollections == _fullCollections ? Math.Min(_heapAfterFull, assessment.Sample.HeapBytes) : assessment.Sample.HeapBytes;
            (_fullCollections, _waitingSince) = (fullCollections, null);
            return;
        }

        NoteCollections(now, assessment.Sample, pauses);
        (long limit, long inUse, long all, bool isHeap) = Nearest(assessment);
        if (limit == 0)
        {
            return;
        }

        long leave = (long)((options.WarningAt - options.Hysteresis) * limit);
        long grown = Math.Max(0, assessment.Sample.HeapBytes - _heapAfterFull);
        MemoryPressureLevel present = Present(level, (double)all / limit);
        Trim(now, present, limit, leave, inUse - _pending.Bytes, grown, consumerBytes);
        if (options.GcPolicy != GcPolicy.Never)
        {
            double utilization = (double)all / limit;
            long excess = all - (long)((options.CriticalAt - options.Hysteresis) * limit);
            CollectionKind kind = _schedule.Decide(
                now, present, utilization >= (options.CriticalAt + options.AbortAt) / 2, isHeap, limit, excess, assessment.Sample.SlackBytes, _pending.Bytes, grown, assessment.Sample.HeapBytes);
            Collect(kind, now, pauses);
        }
    }

    /// <summary>Asks consumers on someone's request.</summary>
    public long Reclaim(TimeSpan now, long bytes, double share, ReclaimPriority last, bool isLastResort)
    {
        long given = reclaimer.Reclaim(now, bytes, share, last, isLastResort);
        lock (_pending)
        {
            _pending.Add(given, collector.Begun);
        }

        return given;
    }

    /// <summary>Puts back what was set for the whole process.</summary>
    public void End() => _hardLimit?.End();

    private void NoteCollections(TimeSpan now, in MemorySample sample, TimeSpan pauses)
    {
        long lastFull = collector.LastFull;
        if (lastFull != _lastFull)
        {
            _lastFull = lastFull;
            _heapAfterFull = sample.HeapBytes;
            _waitingSince = null;
            if (_pausesAtBackground > TimeSpan.Zero)
            {
                _schedule.Cost(pauses - _pausesAtBackground);
                _pausesAtBackground = TimeSpan.Zero;
            }
        }

        lock (_pending)
        {
            _pending.Collect(lastFull);
        }
    }

    /// <summary>The limit that is acted on, what is in use of it, all that counts against it, and whether it is the heap's own. A threshold in bytes is the limit of which it is
    /// the share.</summary>
    private (long Limit, long InUse, long All, bool IsHeap) Nearest(in Assessment assessment)
    {
        if (options.WarningBytes is { } warning && assessment.Sample.ResidentBytes is { } resident && resident / (warning / options.WarningAt) > assessment.Utilization)
        {
            return ((long)Math.Min(warning / options.WarningAt, long.MaxValue / 2), Math.Max(0, resident - assessment.Sample.SlackBytes), resident, IsHeap: false);
        }

        return (assessment.Limit, assessment.InUse, (long)(assessment.Utilization * assessment.Limit), assessment.Term == UtilizationTerm.Heap);
    }

    /// <summary>The level to act at: a level that is only held, because it was reached within the dwell, is no reason to do what it allows. Critical lasts to its lower threshold, so that
    /// acting does not flap either; Abort is for as long as it is so.</summary>
    private MemoryPressureLevel Present(MemoryPressureLevel level, double utilization) =>
        level == MemoryPressureLevel.Abort && utilization >= options.AbortAt ? MemoryPressureLevel.Abort
        : level >= MemoryPressureLevel.Critical && utilization >= options.CriticalAt - options.Hysteresis ? MemoryPressureLevel.Critical
        : MemoryPressureLevel.Warning;

    private void Trim(TimeSpan now, MemoryPressureLevel level, long limit, long leave, long inUse, long grown, long consumerBytes)
    {
        bool isAbort = level == MemoryPressureLevel.Abort;
        bool mayBeGarbage = !isAbort && options.GcPolicy != GcPolicy.Never && !(now - _waitingSince > CollectionPatience);
        long certain = inUse - (mayBeGarbage ? grown : 0);
        TimeSpan sinceStep = _lastStep == TimeSpan.MinValue ? TimeSpan.MaxValue : now - _lastStep;
        long enter = (long)(options.WarningAt * limit);
        bool isCalm = sinceStep >= options.Dwell && certain >= leave && certain < enter + (limit / 50);
        if (!isAbort && certain < enter && !isCalm)
        {
            return;
        }

        // While it grows again and again, what they hold is kept at the threshold; once it does not, they make the level end.
        long aim = isAbort || (isCalm && _lastStep != TimeSpan.MinValue) ? leave - (limit / 100) : enter;
        bool isStep = isAbort || sinceStep >= (level == MemoryPressureLevel.Warning ? options.Dwell : options.Dwell / 10);
        long need = isStep ? certain - aim : Math.Min(certain - aim, consumerBytes - _usedAfterStep);
        if (need < limit / 1000)
        {
            return;
        }

        ReclaimPriority last = level == MemoryPressureLevel.Warning ? ReclaimPriority.Conversation : ReclaimPriority.Essential;
        long given = Reclaim(now, need, isAbort ? 1 : options.MaxReclaimShare, last, isAbort);
        if (isStep && given > 0)
        {
            (_lastStep, _usedAfterStep) = (now, Math.Max(0, consumerBytes - given));
        }
    }

    private void Collect(CollectionKind kind, TimeSpan now, TimeSpan pauses)
    {
        if (kind == CollectionKind.None)
        {
            return;
        }

        long started = options.TimeProvider.GetTimestamp();
        if (kind == CollectionKind.Background)
        {
            _pausesAtBackground = pauses;
            _waitingSince ??= now;
            Interlocked.Increment(ref counters.BackgroundCollections);
            collector.CollectInBackground();
        }
        else
        {
            Interlocked.Increment(ref counters.AggressiveCollections);
            collector.CollectAggressively();
        }

        _schedule.Done(kind, now, options.TimeProvider.GetElapsedTime(started));
    }
}
