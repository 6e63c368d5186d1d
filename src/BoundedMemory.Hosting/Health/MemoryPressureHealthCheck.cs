using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BoundedMemory;

/// <summary>The watchdog's level as health. What it does not know is degraded, whatever it knew before.</summary>
internal sealed class MemoryPressureHealthCheck(MemoryWatchdog watchdog, MemoryPressureLevel degradedFrom, MemoryPressureLevel unhealthyFrom) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        MemorySample sample = watchdog.Sample;
        MemoryPressureLevel level = watchdog.Level;
        TimeSpan age = watchdog.SampleAge;
        string? unknown = watchdog.Statistics.Samples == 0 ? "No sample was taken yet."
            : watchdog.IsStale ? string.Create(CultureInfo.InvariantCulture, $"The last sample is {age.TotalSeconds:0.#} s old.")
            : !watchdog.IsKnown ? "The last sample could not read what a limit is compared with."
            : null;
        HealthStatus status = level >= unhealthyFrom && unknown is null ? context.Registration.FailureStatus
            : level >= degradedFrom || unknown is not null ? HealthStatus.Degraded
            : HealthStatus.Healthy;
        string description = unknown ?? string.Create(CultureInfo.InvariantCulture, $"Memory pressure: {level}; {sample.Utilization * 100:0.#} % of the limit ({sample.Term}).");
        return Task.FromResult(new HealthCheckResult(status, description, exception: null, Data(level, sample, age)));
    }

    /// <summary>Figures of the last sample; those that are not known are left out.</summary>
    private Dictionary<string, object> Data(MemoryPressureLevel level, in MemorySample sample, TimeSpan age)
    {
        MemoryTrend trend = watchdog.Trend;
        (string Name, object? Value)[] figures =
        [
            ("level", level.ToString()),
            ("utilization", sample.Utilization),
            ("term", sample.Term.ToString()),
            ("sample.age.seconds", age.TotalSeconds),
            ("resident.bytes", sample.ResidentBytes),
            ("container.bytes", sample.ContainerBytes),
            ("container.limit.bytes", sample.ContainerLimit),
            ("heap.bytes", sample.HeapBytes),
            ("heap.limit.bytes", sample.HeapLimit),
            ("committed.bytes", sample.CommittedBytes),
            ("budget.bytes", sample.BudgetBytes),
            ("budget.limit.bytes", sample.BudgetLimit),
            ("live.bytes", sample.LiveBytes),
            ("slack.bytes", sample.SlackBytes),
            ("unaccounted.bytes", sample.UnaccountedBytes),
            ("stall", sample.Stall),
            ("leak", trend.IsLeak),
            ("growth.bytes.per.hour", trend.BytesPerHour),
            ("time.to.limit.seconds", trend.TimeToLimit?.TotalSeconds),
        ];
        return figures.Where(static figure => figure.Value is not null).ToDictionary(static figure => figure.Name, static figure => figure.Value!);
    }
}
