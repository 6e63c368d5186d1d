namespace Reproduce;

/// <summary>A clock that runs as fast as the workload advances it. Timers fire, in order, on the thread that does.</summary>
internal sealed class SimulatedClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private long _now = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Advances the clock. By one thread at a time.</summary>
    public void Advance(TimeSpan by)
    {
        long until = _now + by.Ticks;
        while (NextDue(until) is { } timer)
        {
            timer.Fire();
        }

        Volatile.Write(ref _now, until);
    }

    /// <summary>Moves on to the next timer that is due, and schedules its next time.</summary>
    private Timer? NextDue(long until)
    {
        lock (_gate)
        {
            Timer? next = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (next is not null)
            {
                Volatile.Write(ref _now, Math.Max(_now, next.Due));
                Schedule(next, next.Period);
            }

            return next;
        }
    }

    /// <summary>Under the lock.</summary>
    private void Schedule(Timer timer, TimeSpan after)
    {
        _timers.Remove(timer);
        if (after > TimeSpan.Zero)
        {
            timer.Due = _now + after.Ticks;
            _timers.Add(timer);
        }
    }

    private sealed class Timer(SimulatedClock clock, Action fire) : ITimer
    {
        public long Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                Period = period;

                // Due at once is due at the next advance.
                clock.Schedule(this, dueTime == TimeSpan.Zero ? TimeSpan.FromTicks(1) : dueTime);
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
