namespace BoundedMemory;

/// <summary>Keeps the runtime's limit of the heap at what the process's limit leaves to it.</summary>
/// <remarks>The runtime reserves address space for the limit it was started with: a process that was started with a small one does not get all of a larger one. It refuses a limit below what
/// is committed, so all that can be is given back first. Where it does not take the limit, that is counted, and tried again later.</remarks>
internal sealed class HardLimit(ICollector collector, WatchdogCounters counters)
{
    /// <summary>Part of the limit that is left free, for what is not the heap's and grows.</summary>
    private const double Margin = 0.02;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>What the runtime allowed at the start.</summary>
    private readonly long _allowed = collector.Available;

    private long? _inForce;
    private TimeSpan _nextChange = TimeSpan.MinValue;

    public void Update(TimeSpan now, long? processLimit, in MemorySample sample)
    {
        long limit = Math.Min(processLimit ?? long.MaxValue, sample.ContainerLimit ?? long.MaxValue);
        if (limit == long.MaxValue || sample.ResidentBytes is not { } resident || now < _nextChange)
        {
            return;
        }

        long others = Math.Max(0, resident - Math.Max(sample.CommittedBytes, sample.HeapBytes));
        long wanted = Math.Min(_allowed, (long)(limit * (1 - Margin)) - others);
        long step = (long)(limit * Margin);
        if (wanted <= step || (_inForce is { } inForce && Math.Abs(wanted - inForce) < step) || (_inForce is null && wanted == _allowed))
        {
            return;
        }

        _nextChange = now + Interval;
        if (wanted < sample.CommittedBytes)
        {
            Interlocked.Increment(ref counters.AggressiveCollections);
            collector.CollectAggressively();
        }

        if (collector.TrySetHardLimit(wanted))
        {
            _inForce = wanted;
        }
        else
        {
            Interlocked.Increment(ref counters.HardLimitFailures);
        }
    }

    public void End()
    {
        if (_inForce is not null)
        {
            collector.TrySetHardLimit(null);
            _inForce = null;
        }
    }
}
