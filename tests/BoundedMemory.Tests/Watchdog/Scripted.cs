using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Watchdog;

/// <summary>A watchdog whose readings and collector are what the test says.</summary>
internal sealed class Scripted : IMemoryProbe, ICollector, IDisposable
{
    public const long Limit = 1_000_000_000;

    public const long MB = 1_000_000;

    public Scripted(Action<MemoryWatchdogOptions>? configure = null, long available = 16_000 * MB)
    {
        Available = available;
        var options = new MemoryWatchdogOptions { ProcessLimit = Limit, TimeProvider = Clock };
        configure?.Invoke(options);
        Options = options;
        Watchdog = new MemoryWatchdog(options, [this], this);
    }

    public ManualTimeProvider Clock { get; } = new();

    public MemoryWatchdogOptions Options { get; }

    public MemoryWatchdog Watchdog { get; }

    /// <summary>What the next sample reads.</summary>
    public MemoryReadings Readings = new() { ResidentBytes = 100 * MB, MachineBytes = 16_000 * MB, HeapAvailable = 16_000 * MB };

    /// <summary>Thrown by the next sample.</summary>
    public Exception? Failure { get; set; }

    /// <summary>What was collected, and what limits were set.</summary>
    public List<string> Done { get; } = [];

    /// <summary>What a collection does to the readings.</summary>
    public Action? Collected { get; set; }

    public long Begun { get; set; }

    public long LastFull { get; set; }

    public long Available { get; }

    public bool TakesHardLimit { get; set; } = true;

    public void Read(ref MemoryReadings readings)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        (TimeSpan now, bool has) = (readings.Now, readings.HasProcessLimit);
        readings = Readings;
        (readings.Now, readings.HasProcessLimit) = (now, has);
    }

    /// <summary>A sample at some use of the limit, some time after the last.</summary>
    public MemoryPressureLevel At(double utilization, double seconds = 1)
    {
        Readings.ResidentBytes = (long)(utilization * Limit);
        return After(seconds);
    }

    public MemoryPressureLevel After(double seconds)
    {
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        return Watchdog.Evaluate();
    }

    public void CollectInBackground() => Collect("background");

    public void CollectAggressively() => Collect("aggressive");

    public bool TrySetHardLimit(long? bytes)
    {
        Done.Add($"limit {bytes}");
        return TakesHardLimit;
    }

    public void RefreshLimit() => Done.Add("refresh");

    public void Dispose() => Watchdog.Dispose();

    private void Collect(string kind)
    {
        Done.Add(kind);
        Begun++;
        LastFull = Begun;
        Readings.FullCollections++;
        Collected?.Invoke();
    }
}

/// <summary>Holds bytes, and gives them, or does what it should not.</summary>
internal sealed class FakeConsumer(long used, ReclaimPriority priority = ReclaimPriority.Cache, string name = "fake") : IMemoryReclaimer
{
    public string Name => name;

    public ReclaimPriority Priority { get; set; } = priority;

    public long UsedBytes { get; set; } = used;

    public long? Reclaimable { get; set; }

    public long ReclaimableBytes => Failure is null ? Reclaimable ?? UsedBytes : throw Failure;

    /// <summary>Thrown by everything it is asked.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Gives nothing and says this.</summary>
    public long? Lie { get; set; }

    public Action? Reclaiming { get; set; }

    public List<long> Asked { get; } = [];

    public long Reclaim(long targetBytes)
    {
        Asked.Add(targetBytes);
        Reclaiming?.Invoke();
        if (Lie is { } lie)
        {
            return lie;
        }

        long given = Math.Min(targetBytes, UsedBytes);
        UsedBytes -= given;
        return given;
    }
}
