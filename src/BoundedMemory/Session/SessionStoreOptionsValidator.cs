using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by the constructor and, at start, by dependency injection.</summary>
internal sealed class SessionStoreOptionsValidator : IValidateOptions<SessionStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionStoreOptions options) => OptionErrors.ToResult($"Session store '{options.Name}'", FindErrors(options));

    public static IEnumerable<OptionError> FindErrors(SessionStoreOptions options) =>
    [
        .. OptionErrors.Name(options.Name),
        .. OptionErrors.When(
            options.MaxBytes is null && options.Budget is null,
            nameof(options.MaxBytes), null, $"or {nameof(options.Budget)} must be set: a store needs a bound"),
        .. OptionErrors.Range(nameof(options.MaxBytes), options.MaxBytes, SessionLimits.LeastBytes, long.MaxValue),
        .. OptionErrors.Range<int>(nameof(options.MaxSessions), options.MaxSessions, 1, SessionLimits.MostSessions),
        .. OptionErrors.Range<long>(nameof(options.MaxSessionBytes), options.MaxSessionBytes, SessionLimits.LeastSessionBytes, SessionLimits.MostSessionBytes),
        .. OptionErrors.Range<int>(nameof(options.MaxEntries), options.MaxEntries, 1, SessionLimits.MostEntries),
        .. OptionErrors.Range(nameof(options.MaxValueBytes), options.MaxValueBytes, 1, Math.Max(1, options.MaxSessionBytes)),
        .. OptionErrors.Range<int>(nameof(options.MaxKeyLength), options.MaxKeyLength, 1, SessionLimits.MostKeyLength),
        .. OptionErrors.Defined(nameof(options.FullMode), options.FullMode),
        .. FindRuleErrors(options.TransientKeys),
        .. OptionErrors.Range(nameof(options.IdleTimeout), options.IdleTimeout, CacheLimits.ShortestTime, CacheLimits.LongestTime),
        .. OptionErrors.Required(nameof(options.TimeProvider), options.TimeProvider),
    ];

    private static IEnumerable<OptionError> FindRuleErrors(TransientKeys? rule)
    {
        const string Option = nameof(SessionStoreOptions.TransientKeys);
        return rule is null
            ? OptionErrors.When(true, Option, null, "must be set")
            :
            [
                .. OptionErrors.Defined($"{Option}.{nameof(rule.Comparison)}", rule.Comparison),
                .. FindPartErrors($"{Option}.{nameof(rule.Suffixes)}", rule.Suffixes),
                .. FindPartErrors($"{Option}.{nameof(rule.Prefixes)}", rule.Prefixes),
            ];
    }

    private static IEnumerable<OptionError> FindPartErrors(string option, IList<string> parts) =>
        parts.SelectMany((part, i) => OptionErrors.When(
            string.IsNullOrEmpty(part), $"{option}[{i}]", part is null ? null : "\"\"", "must not be empty: all keys would be transient"));
}
