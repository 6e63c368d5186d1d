using BoundedMemory;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks about memory.</summary>
public static class BoundedMemoryHealthChecksBuilderExtensions
{
    /// <summary>Adds a check for readiness: whether there is memory for more work. Registers a watchdog (<see cref="BoundedMemoryHostingServiceCollectionExtensions.AddMemoryWatchdog"/>) if
    /// there is none.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">Name of the check.</param>
    /// <param name="degradedFrom">Level from which on it is degraded; Warning to <paramref name="unhealthyFrom"/>.</param>
    /// <param name="unhealthyFrom">Level from which on it has <paramref name="failureStatus"/>; up to Abort.</param>
    /// <param name="failureStatus">What that is; null: unhealthy.</param>
    /// <param name="tags">Tags of the check; null: <c>"ready"</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>Degraded, too, is a watchdog that has taken no sample yet, whose last one is older than three intervals, or could not read what a limit is compared with: a value of before is
    /// never handed out as if it were of now. The data are figures of the last sample: <c>level</c>, <c>utilization</c> (0 to 1, may be above), <c>term</c>, <c>sample.age.seconds</c>,
    /// <c>resident.bytes</c> and others, those left out that are not known.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="degradedFrom"/> is above <paramref name="unhealthyFrom"/>, or a level is out of its range
    /// (<see cref="ArgumentOutOfRangeException"/>).</exception>
    /// <example>
    /// <code>
    /// services.AddHealthChecks().AddMemoryPressure().AddWorkerRecycling();
    /// </code>
    /// </example>
    public static IHealthChecksBuilder AddMemoryPressure(
        this IHealthChecksBuilder builder, string name = "memory", MemoryPressureLevel degradedFrom = MemoryPressureLevel.Warning,
        MemoryPressureLevel unhealthyFrom = MemoryPressureLevel.Critical, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        OptionErrors.ThrowFirst(
        [
            .. HostingOptions.Level(nameof(degradedFrom), degradedFrom),
            .. HostingOptions.Level(nameof(unhealthyFrom), unhealthyFrom),
            .. OptionErrors.When(degradedFrom > unhealthyFrom, nameof(degradedFrom), degradedFrom, $"must not be above {nameof(unhealthyFrom)}, which is {unhealthyFrom}"),
        ]);
        builder.Services.AddMemoryWatchdog();
        return builder.Add(new HealthCheckRegistration(
            name, provider => new MemoryPressureHealthCheck(provider.GetRequiredService<MemoryWatchdog>(), degradedFrom, unhealthyFrom), failureStatus, tags ?? ["ready"]));
    }

    /// <summary>Adds a check for liveness, which fails only once a <see cref="WorkerRecycler"/> has asked the application to stop. Registers one
    /// (<see cref="BoundedMemoryHostingServiceCollectionExtensions.AddWorkerRecycling"/>) if there is none.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">Name of the check.</param>
    /// <param name="failureStatus">What it has then; null: unhealthy.</param>
    /// <param name="tags">Tags of the check; null: <c>"live"</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>No level of memory pressure fails it: ending a process that could recover helps nobody. While a request to recycle waits for the minimum uptime it is degraded.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is null.</exception>
    public static IHealthChecksBuilder AddWorkerRecycling(
        this IHealthChecksBuilder builder, string name = "worker", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        builder.Services.AddWorkerRecycling();
        return builder.Add(new HealthCheckRegistration(
            name, static provider => new WorkerRecyclingHealthCheck(provider.GetRequiredService<WorkerRecycler>()), failureStatus, tags ?? ["live"]));
    }
}
