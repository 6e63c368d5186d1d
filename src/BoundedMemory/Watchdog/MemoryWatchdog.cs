#pragma warning disable CS1591, IDE0060 // Skeleton.
namespace BoundedMemory;

/// <summary>Watches the memory of the process, and keeps it below its limit.</summary>
public sealed class MemoryWatchdog : IDisposable
{
    public MemoryWatchdog(MemoryWatchdogOptions options) => throw new NotImplementedException();

    public string Name => throw new NotImplementedException();

    /// <summary>The level as of the last sample: one volatile read.</summary>
    public MemoryPressureLevel Level => throw new NotImplementedException();

    /// <summary>The last sample.</summary>
    public MemorySample Sample => throw new NotImplementedException();

    /// <summary>Time since the last sample; beyond three intervals it is stale.</summary>
    public TimeSpan SampleAge => throw new NotImplementedException();

    public bool IsStale => throw new NotImplementedException();

    public MemoryTrend Trend => throw new NotImplementedException();

    public MemoryWatchdogStatistics Statistics => throw new NotImplementedException();

    /// <summary>Starts the watchdog's own thread; once.</summary>
    public void Start() => throw new NotImplementedException();

    /// <summary>One tick, on the caller's thread: reads, decides, acts.</summary>
    public MemoryPressureLevel Evaluate() => throw new NotImplementedException();

    /// <summary>Asks a consumer for memory under pressure, for as long as it lives (it is not kept alive), or until what is returned is disposed.</summary>
    public IDisposable Register(IMemoryReclaimer reclaimer, long guaranteedBytes = 0) => throw new NotImplementedException();

    /// <summary>Calls back on each change of level, on the watchdog's thread.</summary>
    public IDisposable OnLevelChanged(Action<MemoryPressureChange> callback) => throw new NotImplementedException();

    /// <summary>Asks consumers for bytes now, as under pressure.</summary>
    public long Reclaim(long bytes) => throw new NotImplementedException();

    /// <summary>What is registered and alive, by name.</summary>
    public IReadOnlyList<IMemoryReclaimer> Consumers => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
