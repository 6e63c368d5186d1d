using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>Something that removes what has expired when asked.</summary>
internal interface ISweepable
{
    /// <summary>Removes what has expired. Called by one thread at a time.</summary>
    void Sweep();
}

/// <summary>One timer for everything that expires by the same clock. Runs only while there is something to sweep.</summary>
internal sealed class ExpirySweeper
{
    /// <summary>How often it sweeps.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private static readonly ConditionalWeakTable<TimeProvider, ExpirySweeper> Sweepers = [];

    private readonly LiveSet<ISweepable> _swept = new();

    /// <summary>Guards the timer.</summary>
    private readonly Lock _gate = new();

    /// <summary>Weak, because this object is the value that the table keeps for as long as the clock lives.</summary>
    private readonly WeakReference<TimeProvider> _clock;

    private ITimer? _timer;

    private int _isSweeping;

    private ExpirySweeper(TimeProvider clock)
    {
        _clock = new WeakReference<TimeProvider>(clock);
    }

    public static ExpirySweeper For(TimeProvider clock) => Sweepers.GetValue(clock, static clock => new ExpirySweeper(clock));

    /// <summary>Sweeps an object from now on; what is returned ends that.</summary>
    public WeakReference<ISweepable> Add(ISweepable swept)
    {
        WeakReference<ISweepable> link = _swept.Add(swept);
        lock (_gate)
        {
            if (_timer is null && _clock.TryGetTarget(out TimeProvider? clock))
            {
                // The timer outlives the call that happened to start it, and must not keep that call's context.
                using AsyncFlowControl? _ = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
                _timer = clock.CreateTimer(static sweeper => ((ExpirySweeper)sweeper!).Sweep(), this, Period, Period);
            }
        }

        return link;
    }

    public void Remove(WeakReference<ISweepable> link) => _swept.Remove(link);

    private void Sweep()
    {
        if (Interlocked.Exchange(ref _isSweeping, 1) != 0)
        {
            return;
        }

        try
        {
            List<ISweepable> all;
            lock (_gate)
            {
                all = _swept.List();
                if (all.Count == 0)
                {
                    _timer?.Dispose();
                    _timer = null;
                }
            }

            foreach (ISweepable swept in all)
            {
                swept.Sweep();
            }
        }
        finally
        {
            Volatile.Write(ref _isSweeping, 0);
        }
    }
}
