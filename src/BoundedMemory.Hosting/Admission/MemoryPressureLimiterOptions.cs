using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>When a <see cref="MemoryPressureLimiter"/> refuses, and what it says. Copied when a limiter is created.</summary>
public sealed class MemoryPressureLimiterOptions
{
    internal const string DefaultName = "memory";

    /// <summary>Name in metrics and messages.</summary>
    /// <value>Default <c>"memory"</c>; not empty, no '/'.</value>
    public string Name { get; set; } = DefaultName;

    /// <summary>The level from which on permits are refused.</summary>
    /// <value>Default <see cref="MemoryPressureLevel.Critical"/>. <see cref="MemoryPressureLevel.Warning"/> to <see cref="MemoryPressureLevel.Abort"/>.</value>
    public MemoryPressureLevel DenyFrom { get; set; } = MemoryPressureLevel.Critical;

    /// <summary>When whoever is refused is told to try again. A level ends at the earliest after the watchdog's <see cref="MemoryWatchdogOptions.Dwell"/>.</summary>
    /// <value>Default 10 s. 1 s to 1 hour.</value>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Where the meter comes from.</summary>
    /// <value>Default null: one meter for the process. Dependency injection sets the one that is registered.</value>
    public IMeterFactory? MeterFactory { get; set; }

    internal MemoryPressureLimiterOptions Copy() => (MemoryPressureLimiterOptions)MemberwiseClone();
}
