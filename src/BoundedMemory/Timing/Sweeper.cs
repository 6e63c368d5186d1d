using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>Something that removes what has had its time when asked.</summary>
internal interface ISweepable
{
    /// <summary>Removes what has had its time. Called by one thread at a time.</summary>
    void Sweep();
}

/// <summary>One timer for everything that is swept by the same clock at the same intervals. Runs only while there is something to sweep.</summary>
internal sealed class Sweeper
{
    private static readonly ConditionalWeakTable<TimeProvider, ConcurrentDictionary<TimeSpan, Sweeper>> Sweepers = [];

    private readonly LiveSet<ISweepable> _swept = new();

    /// <summary>Guards the timer.</summary>
    private readonly Lock _gate = new();

    /// <summary>Weak, because this object is the value that the table keeps for as long as the clock lives.</summary>
    private readonly WeakReference<TimeProvider> _clock;

    private ITimer? _timer;

    private readonly TimeSpan _period;

    private int _isSweeping;

    private Sweeper(TimeProvider clock, TimeSpan period)
    {
        _clock = new WeakReference<TimeProvider>(clock);
        _period = period;
    }

    /// <summary>The sweeper of a clock and a period, of which there should be few: they are kept for as long as the clock lives.</summary>
    public static Sweeper For(TimeProvider clock, TimeSpan period) =>
        Sweepers.GetOrCreateValue(clock).GetOrAdd(period, static (period, clock) => new Sweeper(clock, period), clock);

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
                _timer = clock.CreateTimer(static sweeper => ((Sweeper)sweeper!).Sweep(), this, _period, _period);
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
