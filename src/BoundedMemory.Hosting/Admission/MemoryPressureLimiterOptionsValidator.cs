using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by the constructor and, at start, by dependency injection.</summary>
internal sealed class MemoryPressureLimiterOptionsValidator : IValidateOptions<MemoryPressureLimiterOptions>
{
    public ValidateOptionsResult Validate(string? name, MemoryPressureLimiterOptions options) => OptionErrors.ToResult($"Limiter '{options.Name}'", FindErrors(options));

    public static IEnumerable<OptionError> FindErrors(MemoryPressureLimiterOptions options) =>
    [
        .. OptionErrors.Name(options.Name),
        .. HostingOptions.Level(nameof(options.DenyFrom), options.DenyFrom),
        .. OptionErrors.Range<TimeSpan>(nameof(options.RetryAfter), options.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
    ];
}
