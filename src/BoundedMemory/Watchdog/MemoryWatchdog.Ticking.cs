namespace BoundedMemory;

/// <content>Ticks, and the thread that makes them.</content>
public sealed partial class MemoryWatchdog
{
    private readonly IMemoryProbe[] _probes;
    private readonly Reclaimer _reclaimer;
    private readonly PressureLevels _levels;
    private readonly Growth _growth = new();
    private readonly LeakTrend _leak = new();
    private readonly TimeToLimit _timeToLimit = new();

    /// <summary>Of a tick, kept so that it allocates nothing.</summary>
    private readonly List<(Consumer Consumer, IMemoryReclaimer Target)> _alive = [];

    private readonly Lock _starting = new();
    private WatchdogThread? _thread;
    private TimeSpan _interval;
    private bool _isDisposed;
    private int _isTicking;
    private int _level;

    /// <summary>What readers see: written by whoever ticks, between two changes of <see cref="_version"/>.</summary>
    private Published _published;

    /// <summary>Odd while <see cref="_published"/> is being written.</summary>
    private long _version;

    /// <summary>Starts the watchdog's own thread, which takes the first sample at once.</summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    /// <exception cref="ObjectDisposedException">The watchdog is disposed.</exception>
    public void Start()
    {
        if (!TryStart())
        {
            throw new InvalidOperationException($"The watchdog '{Name}' was started before.");
        }
    }

    /// <summary>One tick, on the caller's thread: reads, decides, acts, calls back.</summary>
    /// <returns>The level. While another tick is under way, on the watchdog's thread or around a callback that calls this, nothing is done and the level is that of the last.</returns>
    /// <remarks>Deterministic: the same readings at the same times make the same levels and actions.</remarks>
    /// <exception cref="ObjectDisposedException">The watchdog is disposed.</exception>
    public MemoryPressureLevel Evaluate()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(in _isDisposed), this);
        if (Interlocked.Exchange(ref _isTicking, 1) == 0)
        {
            try
            {
                Tick();
            }
            finally
            {
                Volatile.Write(ref _isTicking, 0);
            }
        }

        return Level;
    }

    /// <summary>Starts the thread; false if it was started before.</summary>
    /// <exception cref="ObjectDisposedException">The watchdog is disposed.</exception>
    internal bool TryStart()
    {
        lock (_starting)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(in _isDisposed), this);
            if (_thread is not null)
            {
                return false;
            }

            _thread = new WatchdogThread(this, _options.TimeProvider);
            return true;
        }
    }

    /// <summary>A tick of the thread, which survives whatever happens in it: a process without memory is when it is needed most.</summary>
    internal TimeSpan TickOnThread()
    {
        try
        {
            Evaluate();
        }
        catch (ObjectDisposedException)
        {
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _counters.ProbeFailures);
        }

        return _interval;
    }

    private void Tick()
    {
        TimeSpan now = Now;
        MemoryReadings readings = Read(now);
        (long consumerBytes, long reclaimable) = _reclaimer.Sum(_alive, now);
        Assessment assessment = SampleBuilder.Build(readings, _options.TimeProvider.GetUtcNow(), _options.ProcessLimit, _options.Budget, consumerBytes, reclaimable);
        double? utilization = assessment.IsKnown ? assessment.Utilization : null;
        _growth.Add(now, utilization, assessment.Term);
        MemoryPressureLevel before = _levels.Level;
        MemoryPressureLevel level = _levels.Update(now, assessment, _growth.PerSecond, _interval);
        _interval = SampleInterval.Next(_options, level, utilization, assessment.Limit, assessment.Sample.ResidentBytes, _growth.PerSecond);
        Publish(now, level, assessment, TrendAt(now, assessment, readings.FullCollections));
        if (level != before)
        {
            Interlocked.Increment(ref _counters.Entered[(int)level]);
        }

        _relief.Act(now, level, assessment, consumerBytes, readings.FullCollections, readings.Pauses);
        if (level != before)
        {
            _callbacks.Call(new MemoryPressureChange(before, level, assessment.Sample));
        }
    }

    private MemoryReadings Read(TimeSpan now)
    {
        var readings = new MemoryReadings { Now = now, HasProcessLimit = _options.ProcessLimit is not null };
        foreach (IMemoryProbe probe in _probes)
        {
            try
            {
                probe.Read(ref readings);
            }
            catch (Exception)
            {
                readings.Failures++;
            }
        }

        Interlocked.Increment(ref _counters.Samples);
        Interlocked.Add(ref _counters.ProbeFailures, readings.Failures);
        return readings;
    }

    /// <summary>Slack comes and goes with the collector, so the time to the limit is that of what is in use.</summary>
    private MemoryTrend TrendAt(TimeSpan now, in Assessment assessment, int fullCollections)
    {
        if (assessment.IsKnown)
        {
            if (assessment.Sample.ResidentBytes is not null)
            {
                _leak.Add(now, assessment.Sample.UnaccountedBytes, fullCollections);
            }

            _timeToLimit.Add(now, assessment.Limit == 0 ? 0 : (double)assessment.InUse / assessment.Limit, assessment.Term);
        }

        TimeSpan? byLeak = _leak.IsLeak && assessment.Limit > 0
            ? TimeSpan.FromHours(Math.Clamp((assessment.Limit - assessment.InUse) / _leak.BytesPerHour!.Value, 0, TimeSpan.MaxValue.TotalHours / 2))
            : null;
        return new MemoryTrend(_leak.BytesPerHour, _leak.IsLeak, byLeak is null || _timeToLimit.Value < byLeak ? _timeToLimit.Value ?? byLeak : byLeak);
    }

    /// <summary>A sequence lock: a sample is larger than what can be written at once, and must not allocate.</summary>
    private void Publish(TimeSpan now, MemoryPressureLevel level, in Assessment assessment, MemoryTrend trend)
    {
        Interlocked.Increment(ref _version);
        _published = new Published { Sample = assessment.Sample, IsKnown = assessment.IsKnown, Trend = trend, At = now, Interval = _interval };
        Interlocked.Increment(ref _version);
        Volatile.Write(ref _level, (int)level);
    }

    /// <remarks>The version is read before the copy with acquire semantics, and after it behind a fence: if both are the same and even, nothing was written meanwhile.</remarks>
    private Published ReadPublished()
    {
        var spin = new SpinWait();
        while (true)
        {
            long before = Volatile.Read(in _version);
            Published copy = _published;
            Interlocked.MemoryBarrier();
            if (before % 2 == 0 && before == Volatile.Read(in _version))
            {
                return copy;
            }

            spin.SpinOnce();
        }
    }

    private void StopThread()
    {
        WatchdogThread? thread;
        lock (_starting)
        {
            thread = _thread;
        }

        thread?.Dispose();
    }

    /// <summary>What a tick publishes.</summary>
    internal struct Published
    {
        public MemorySample Sample;

        /// <summary>Whether the use of every limit that is known could be read. False before the first sample.</summary>
        public bool IsKnown;

        public MemoryTrend Trend;

        public TimeSpan At;

        public TimeSpan Interval;
    }
}
