using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by the constructor and, at start, by dependency injection.</summary>
internal sealed class BoundedCacheOptionsValidator<TKey, TValue> : IValidateOptions<BoundedCacheOptions<TKey, TValue>>
    where TKey : notnull
{
    public ValidateOptionsResult Validate(string? name, BoundedCacheOptions<TKey, TValue> options) => OptionErrors.ToResult($"Cache '{options.Name}'", FindErrors(options));

    public static IEnumerable<OptionError> FindErrors(BoundedCacheOptions<TKey, TValue> options) =>
    [
        .. OptionErrors.Name(options.Name),
        .. OptionErrors.When(
            options.MaxBytes is null && options.MaxCount is null && options.MaxWeight is null && options.Budget is null,
            nameof(options.MaxBytes), null, $"or {nameof(options.MaxCount)}, {nameof(options.MaxWeight)} or {nameof(options.Budget)} must be set: a cache needs a bound"),
        .. OptionErrors.Range(nameof(options.MaxBytes), options.MaxBytes, CacheLimits.LeastBytes, long.MaxValue),
        .. OptionErrors.Range(nameof(options.MaxCount), options.MaxCount, 1, long.MaxValue),
        .. OptionErrors.Range(nameof(options.MaxWeight), options.MaxWeight, 1, long.MaxValue),
        .. OptionErrors.When(
            options.MaxWeight is null != options.Weigher is null,
            nameof(options.Weigher), options.Weigher is null ? null : "set", $"and {nameof(options.MaxWeight)} must be set together"),
        .. OptionErrors.Defined(nameof(options.Policy), options.Policy),
        .. OptionErrors.Defined(nameof(options.Goal), options.Goal),
        .. Time(nameof(options.TimeToLive), options.TimeToLive),
        .. Time(nameof(options.TimeToIdle), options.TimeToIdle),
        .. Time(nameof(options.RefreshAfter), options.RefreshAfter),
        .. Time(nameof(options.StaleIfError), options.StaleIfError),
        .. FindTierErrors(options),
        .. OptionErrors.Range<int>(nameof(options.AuditInterval), options.AuditInterval, 0, CacheLimits.LongestAuditInterval),
        .. OptionErrors.Range(nameof(options.ConcurrencyLevel), options.ConcurrencyLevel, 1, CacheLimits.MostConcurrency),
        .. OptionErrors.Required(nameof(options.TimeProvider), options.TimeProvider),
    ];

    private static IEnumerable<OptionError> FindTierErrors(BoundedCacheOptions<TKey, TValue> options)
    {
        int most = EvictionOrder<TKey, TValue>.MostTiers;
        foreach (OptionError error in OptionErrors.Range<int>($"{nameof(options.Tiers)}.Count", options.Tiers.Count, 0, most))
        {
            yield return error;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < options.Tiers.Count; i++)
        {
            string at = $"{nameof(options.Tiers)}[{i}]";
            if (options.Tiers[i] is not { } tier)
            {
                yield return new OptionError(at, null, "must be set");
                continue;
            }

            OptionError[] errors =
            [
                .. OptionErrors.When(
                    string.IsNullOrWhiteSpace(tier.Name) || !names.Add(tier.Name), $"{at}.{nameof(tier.Name)}", tier.Name, "must be unique and not empty"),
                .. Time($"{at}.{nameof(tier.TimeToLive)}", tier.TimeToLive),
                .. OptionErrors.Range($"{at}.{nameof(tier.MaxCount)}", tier.MaxCount, 1, long.MaxValue),
                .. OptionErrors.Range($"{at}.{nameof(tier.MaxBytes)}", tier.MaxBytes, 1, long.MaxValue),
                .. OptionErrors.When(
                    tier.MaxBytes is not null && options.MaxBytes is null && options.Budget is null,
                    $"{at}.{nameof(tier.MaxBytes)}", tier.MaxBytes, $"needs a cache with {nameof(options.MaxBytes)} or {nameof(options.Budget)}"),
            ];
            foreach (OptionError error in errors)
            {
                yield return error;
            }
        }

        if (options.DefaultTier is { } name && !names.Contains(name))
        {
            yield return new OptionError(nameof(options.DefaultTier), name, $"must be the name of one of the {nameof(options.Tiers)}");
        }
    }

    private static IEnumerable<OptionError> Time(string option, TimeSpan? value) =>
        OptionErrors.Range(option, value, CacheLimits.ShortestTime, CacheLimits.LongestTime);
}
