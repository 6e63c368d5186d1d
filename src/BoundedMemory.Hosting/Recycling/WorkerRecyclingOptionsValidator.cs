using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by the constructor and, at start, by dependency injection.</summary>
/// <param name="services">What the container has; null: not known.</param>
internal sealed class WorkerRecyclingOptionsValidator(IServiceProviderIsService? services = null) : IValidateOptions<WorkerRecyclingOptions>
{
    private const long MostRequests = 1_000_000_000_000;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, WorkerRecyclingOptions options) =>
        OptionErrors.ToResult("Worker recycling", FindErrors(options, hasWatchdog: services?.IsService(typeof(MemoryWatchdog)) ?? true));

    public static IEnumerable<OptionError> FindErrors(WorkerRecyclingOptions options, bool hasWatchdog) =>
    [
        .. OptionErrors.Range(nameof(options.MaxRequests), options.MaxRequests, 1, MostRequests),
        .. OptionErrors.Range<double>(nameof(options.Jitter), options.Jitter, 0, 1),
        .. HostingOptions.Level(nameof(options.Level), options.Level),
        .. OptionErrors.When(options.Level is not null && !hasWatchdog, nameof(options.Level), options.Level, "needs a MemoryWatchdog, and there is none"),
        .. OptionErrors.Range<TimeSpan>(nameof(options.LevelFor), options.LevelFor, TimeSpan.Zero, Longest),
        .. OptionErrors.Range<TimeSpan>(nameof(options.MinUptime), options.MinUptime, TimeSpan.Zero, Longest),
        .. OptionErrors.Required(nameof(options.Random), options.Random),
        .. OptionErrors.Required(nameof(options.TimeProvider), options.TimeProvider),
    ];
}
