using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by the constructor and, at start, by dependency injection.</summary>
internal sealed class BroadcastHubOptionsValidator<T> : IValidateOptions<BroadcastHubOptions<T>>
{
    public ValidateOptionsResult Validate(string? name, BroadcastHubOptions<T> options) => OptionErrors.ToResult($"Hub '{options.Name}'", FindErrors(options));

    public static IEnumerable<OptionError> FindErrors(BroadcastHubOptions<T> options) =>
    [
        .. OptionErrors.Name(options.Name),
        .. OptionErrors.When(
            options.MaxCount is null && options.MaxBytes is null && options.Budget is null,
            nameof(options.MaxCount), null, $"or {nameof(options.MaxBytes)} or {nameof(options.Budget)} must be set: a hub needs a bound"),
        .. OptionErrors.Range(nameof(options.MaxCount), options.MaxCount, 1, HubLimits.MostMessages),
        .. OptionErrors.Range(nameof(options.MaxBytes), options.MaxBytes, HubLimits.LeastBytes, long.MaxValue),
        .. OptionErrors.Range<int>(nameof(options.MaxSubscribers), options.MaxSubscribers, 1, HubLimits.MostSubscribers),
        .. OptionErrors.Range<TimeSpan>(nameof(options.IdleTimeout), options.IdleTimeout, HubLimits.ShortestTime, HubLimits.LongestTime),
        .. OptionErrors.Range<TimeSpan>(nameof(options.SweepInterval), options.SweepInterval, HubLimits.ShortestTime, HubLimits.LongestTimer),
        .. OptionErrors.Required(nameof(options.TimeProvider), options.TimeProvider),
    ];

    public static IEnumerable<OptionError> FindErrors(HubSubscriptionOptions<T> options) =>
    [
        .. OptionErrors.Range(nameof(options.MaxLag), options.MaxLag, 1, HubLimits.MostMessages),
        .. OptionErrors.Range(nameof(options.MaxMissed), options.MaxMissed, 0, long.MaxValue),
        .. OptionErrors.Range(nameof(options.After), options.After, 0, long.MaxValue),
        .. OptionErrors.Range(nameof(options.PrivateCount), options.PrivateCount, 1, HubLimits.MostPrivateMessages),
        .. OptionErrors.When(
            options.MaxLag is not null && options.PrivateCount is not null,
            nameof(options.MaxLag), options.MaxLag, $"and {nameof(options.PrivateCount)} must not be set together: a private queue is as long as that"),
        .. OptionErrors.When(
            options.After is not null && options.PrivateCount is not null,
            nameof(options.After), options.After, $"and {nameof(options.PrivateCount)} must not be set together: a private queue begins empty"),
    ];
}
