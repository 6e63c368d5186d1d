using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What a <see cref="MemoryWatchdog"/> watches and when it acts. Copied when a watchdog is created.</summary>
public sealed class MemoryWatchdogOptions : IPrimitiveOptions
{
    /// <summary>Name in metrics and messages.</summary>
    /// <value>Default <c>"process"</c>; not empty, no '/'.</value>
    public string Name { get; set; } = "process";

    /// <summary>Bytes the process may take, resident; in addition to the limits of its containers and of the collector, which are found out.</summary>
    /// <value>Default null: none. 16,777,216 to <see cref="long.MaxValue"/>.</value>
    public long? ProcessLimit { get; set; }

    /// <summary>The budget of all bounded primitives: part of the utilisation, and what <see cref="MemorySample.UnaccountedBytes"/> leaves out.</summary>
    /// <value>Default null. Dependency injection sets the one that is registered.</value>
    public MemoryBudget? Budget { get; set; }

    /// <summary>Utilisation from which on the level is <see cref="MemoryPressureLevel.Warning"/>.</summary>
    /// <value>Default 0.75. Above 0, below <see cref="CriticalAt"/>.</value>
    public double WarningAt { get; set; } = 0.75;

    /// <summary>Utilisation from which on the level is <see cref="MemoryPressureLevel.Critical"/>.</summary>
    /// <value>Default 0.85. Below <see cref="AbortAt"/>.</value>
    public double CriticalAt { get; set; } = 0.85;

    /// <summary>Utilisation from which on the level is <see cref="MemoryPressureLevel.Abort"/>.</summary>
    /// <value>Default 0.95. At most 1.</value>
    public double AbortAt { get; set; } = 0.95;

    /// <summary>Resident bytes from which on the level is at least <see cref="MemoryPressureLevel.Warning"/>, whatever the utilisation.</summary>
    /// <value>Default null. At least 1, below <see cref="CriticalBytes"/>.</value>
    public long? WarningBytes { get; set; }

    /// <summary>Resident bytes from which on the level is at least <see cref="MemoryPressureLevel.Critical"/>.</summary>
    /// <value>Default null. At least 1, below <see cref="AbortBytes"/>.</value>
    public long? CriticalBytes { get; set; }

    /// <summary>Resident bytes from which on the level is <see cref="MemoryPressureLevel.Abort"/>.</summary>
    /// <value>Default null. At least 1.</value>
    public long? AbortBytes { get; set; }

    /// <summary>How far below its threshold the utilisation must be for a level to be left.</summary>
    /// <value>Default 0.05. 0 to 0.5.</value>
    public double Hysteresis { get; set; } = 0.05;

    /// <summary>For how long; and how often consumers are made smaller below <see cref="MemoryPressureLevel.Critical"/>. A tenth of it at that level.</summary>
    /// <value>Default 10 s. 0 to 1 hour.</value>
    public TimeSpan Dwell { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest time between two samples.</summary>
    /// <value>Default 250 ms. 10 ms to <see cref="MaxInterval"/>.</value>
    public TimeSpan MinInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest time between two samples.</summary>
    /// <value>Default 10 s. Up to 1 hour.</value>
    public TimeSpan MaxInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Part of what a consumer holds beyond its guarantee that it is asked for at once, below <see cref="MemoryPressureLevel.Abort"/>.</summary>
    /// <value>Default 0.25. Above 0, at most 1.</value>
    public double MaxReclaimShare { get; set; } = 0.25;

    /// <summary>Whether the collector is made to give memory back.</summary>
    /// <value>Default <see cref="GcPolicy.AfterTrim"/>.</value>
    public GcPolicy GcPolicy { get; set; } = GcPolicy.AfterTrim;

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>. Of any other, a timer wakes the watchdog's thread.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the meter comes from.</summary>
    /// <value>Default null: one meter for the process. Dependency injection sets the one that is registered.</value>
    public IMeterFactory? MeterFactory { get; set; }

    internal MemoryWatchdogOptions Copy() => (MemoryWatchdogOptions)MemberwiseClone();
}
