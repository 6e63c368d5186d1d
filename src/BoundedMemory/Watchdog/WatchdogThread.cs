namespace BoundedMemory;

/// <summary>The thread of a watchdog, and how it waits: by the system's own wait for the system's clock, else by a timer of the clock it was given. The thread pool has no part in either.</summary>
internal sealed class WatchdogThread : IDisposable
{
    private readonly MemoryWatchdog _watchdog;
    private readonly TimeProvider _clock;
    private readonly Thread _thread;
    private readonly Lock _gate = new();

    /// <summary>Set when there is something to do. Never disposed: the thread may still look at it, and it has no handle, because nobody asks for one.</summary>
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);

    private ITimer? _timer;
    private bool _isStopped;

    public WatchdogThread(MemoryWatchdog watchdog, TimeProvider clock)
    {
        (_watchdog, _clock) = (watchdog, clock);
        _thread = new Thread(Run) { IsBackground = true, Name = $"memory watchdog {watchdog.Name}", Priority = ThreadPriority.AboveNormal };

        // The thread outlives the call that started it, and must not keep that call's context.
        _thread.UnsafeStart();
    }

    /// <summary>Waits for the thread to end, unless this is it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            _timer?.Dispose();
        }

        _wake.Set();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        while (!Volatile.Read(in _isStopped))
        {
            TimeSpan interval = _watchdog.TickOnThread();
            if (ReferenceEquals(_clock, TimeProvider.System))
            {
                _wake.Wait(interval);
            }
            else if (TrySchedule(interval))
            {
                _wake.Wait();
                _wake.Reset();
            }
        }
    }

    private bool TrySchedule(TimeSpan interval)
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                return false;
            }

            if (_timer is null)
            {
                _timer = _clock.CreateTimer(static wake => ((ManualResetEventSlim)wake!).Set(), _wake, interval, Timeout.InfiniteTimeSpan);
            }
            else
            {
                _timer.Change(interval, Timeout.InfiniteTimeSpan);
            }

            return true;
        }
    }
}
