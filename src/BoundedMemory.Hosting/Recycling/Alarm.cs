namespace BoundedMemory;

/// <summary>Calls back once, not before some time has passed by a clock, unless it is called off. Thread-safe.</summary>
/// <remarks>A timer may be early: it counts whole milliseconds of a coarser clock than the one that is asked here. Then it waits for the rest.</remarks>
internal sealed class Alarm : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly Action _callback;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private long _setAt;

    /// <summary>Time until it is due; null: not set.</summary>
    private TimeSpan? _wait;

    private bool _isDisposed;

    /// <remarks>The timer is made here and not when it is first set: it keeps the context it is made in, which must not be that of a request.</remarks>
    public Alarm(TimeProvider clock, Action callback)
    {
        (_clock, _callback) = (clock, callback);
        _timer = clock.CreateTimer(static alarm => ((Alarm)alarm!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets it, unless it is set or disposed.</summary>
    public void Set(TimeSpan wait)
    {
        lock (_gate)
        {
            if (_wait is null && !_isDisposed)
            {
                (_wait, _setAt) = (wait, _clock.GetTimestamp());
                Schedule(wait);
            }
        }
    }

    /// <summary>Calls it off; a callback that is under way goes on.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _wait = null;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _wait = null;
            _timer.Dispose();
        }
    }

    private void Schedule(TimeSpan wait) =>
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);

    private void Ring()
    {
        lock (_gate)
        {
            // Called off, or set again, after this was on its way.
            if (_wait is not { } wait)
            {
                return;
            }

            TimeSpan rest = wait - _clock.GetElapsedTime(_setAt);
            if (rest > TimeSpan.Zero)
            {
                Schedule(rest);
                return;
            }

            _wait = null;
        }

        _callback();
    }
}
