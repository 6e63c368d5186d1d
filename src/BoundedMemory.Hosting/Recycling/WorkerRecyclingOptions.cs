namespace BoundedMemory;

/// <summary>When a <see cref="WorkerRecycler"/> stops the application, so that it is started anew. Copied when a recycler is created.</summary>
public sealed class WorkerRecyclingOptions
{
    /// <summary>Requests after which the worker is recycled, more or less (<see cref="Jitter"/>).</summary>
    /// <value>Default null: no number of requests. 1 to 1,000,000,000,000.</value>
    public long? MaxRequests { get; set; }

    /// <summary>Part of <see cref="MaxRequests"/> by which it is more or less, drawn once: workers that began together do not end together.</summary>
    /// <value>Default 0.05: between 95 and 105 %. 0 to 1.</value>
    public double Jitter { get; set; } = 0.05;

    /// <summary>Level of memory pressure from which on the worker is recycled.</summary>
    /// <value>Default null: none. <see cref="MemoryPressureLevel.Warning"/> to <see cref="MemoryPressureLevel.Abort"/>; needs a watchdog.</value>
    public MemoryPressureLevel? Level { get; set; }

    /// <summary>For how long that level must have been held, or a higher one, without a break.</summary>
    /// <value>Default 1 minute. 0 to 1 day.</value>
    public TimeSpan LevelFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time for which a worker goes on whatever asks for its end: one that is too small for its work is not to stop and start all the time.</summary>
    /// <value>Default 1 minute. 0 to 1 day.</value>
    public TimeSpan MinUptime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What draws the jitter.</summary>
    /// <value>Default <see cref="Random.Shared"/>.</value>
    public Random Random { get; set; } = Random.Shared;

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal WorkerRecyclingOptions Copy() => (WorkerRecyclingOptions)MemberwiseClone();
}
