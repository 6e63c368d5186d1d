using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by the constructor and, at start, by dependency injection.</summary>
internal sealed class MemoryWatchdogOptionsValidator : IValidateOptions<MemoryWatchdogOptions>
{
    public const long LeastLimit = 16L << 20;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, MemoryWatchdogOptions options)
    {
        string[] messages = [.. FindErrors(options).Select(error => $"Watchdog '{options.Name}': {error.Message}")];
        return messages.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(messages);
    }

    public static IEnumerable<OptionError> FindErrors(MemoryWatchdogOptions options) =>
    [
        .. OptionErrors.When(
            string.IsNullOrWhiteSpace(options.Name) || options.Name.Contains('/', StringComparison.Ordinal),
            nameof(options.Name), options.Name, "must not be empty nor contain '/'"),
        .. OptionErrors.Range(nameof(options.ProcessLimit), options.ProcessLimit, LeastLimit, long.MaxValue),
        .. Share(nameof(options.WarningAt), options.WarningAt, 1),
        .. Share(nameof(options.CriticalAt), options.CriticalAt, 1),
        .. Share(nameof(options.AbortAt), options.AbortAt, 1),
        .. OptionErrors.When(
            options.WarningAt >= options.CriticalAt, nameof(options.WarningAt), options.WarningAt, $"must be less than {nameof(options.CriticalAt)}, which is {Text(options.CriticalAt)}"),
        .. OptionErrors.When(
            options.CriticalAt >= options.AbortAt, nameof(options.CriticalAt), options.CriticalAt, $"must be less than {nameof(options.AbortAt)}, which is {Text(options.AbortAt)}"),
        .. OptionErrors.Range(nameof(options.WarningBytes), options.WarningBytes, 1, long.MaxValue),
        .. OptionErrors.Range(nameof(options.CriticalBytes), options.CriticalBytes, 1, long.MaxValue),
        .. OptionErrors.Range(nameof(options.AbortBytes), options.AbortBytes, 1, long.MaxValue),
        .. Ascending(nameof(options.WarningBytes), options.WarningBytes, nameof(options.CriticalBytes), options.CriticalBytes),
        .. Ascending(nameof(options.CriticalBytes), options.CriticalBytes, nameof(options.AbortBytes), options.AbortBytes),
        .. Ascending(nameof(options.WarningBytes), options.WarningBytes, nameof(options.AbortBytes), options.AbortBytes),
        .. double.IsNaN(options.Hysteresis)
            ? Share(nameof(options.Hysteresis), options.Hysteresis, 0.5)
            : OptionErrors.Range<double>(nameof(options.Hysteresis), options.Hysteresis, 0, 0.5),
        .. OptionErrors.When(
            options.Hysteresis >= options.WarningAt, nameof(options.Hysteresis), options.Hysteresis, $"must be less than {nameof(options.WarningAt)}, which is {Text(options.WarningAt)}"),
        .. OptionErrors.Range<TimeSpan>(nameof(options.Dwell), options.Dwell, TimeSpan.Zero, Longest),
        .. OptionErrors.Range<TimeSpan>(nameof(options.MinInterval), options.MinInterval, ShortestInterval, options.MaxInterval > ShortestInterval ? options.MaxInterval : ShortestInterval),
        .. OptionErrors.Range<TimeSpan>(nameof(options.MaxInterval), options.MaxInterval, ShortestInterval, Longest),
        .. Share(nameof(options.MaxReclaimShare), options.MaxReclaimShare, 1),
        .. OptionErrors.Defined(nameof(options.GcPolicy), options.GcPolicy),
        .. OptionErrors.When(options.TimeProvider is null, nameof(options.TimeProvider), null, "must be set"),
    ];

    private static IEnumerable<OptionError> Share(string option, double value, double most)
    {
        if (!(value > 0 && value <= most))
        {
            yield return new OptionError(option, value, $"must be above 0 and at most {Text(most)}") { IsRange = true };
        }
    }

    private static IEnumerable<OptionError> Ascending(string option, long? value, string other, long? otherValue) =>
        OptionErrors.When(value >= otherValue, option, value, $"must be less than {other}, which is {otherValue}");

    private static string Text(double value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
