using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by the constructors and, at start, by dependency injection.</summary>
internal sealed class RingBufferOptionsValidator<T> : IValidateOptions<RingBufferOptions<T>>
{
    public ValidateOptionsResult Validate(string? name, RingBufferOptions<T> options) => OptionErrors.ToResult($"Ring '{options.Name}'", FindErrors(options));

    public static IEnumerable<OptionError> FindErrors(RingBufferOptions<T> options) =>
    [
        .. OptionErrors.Name(options.Name),
        .. OptionErrors.When(
            options.MaxCount is null && options.MaxBytes is null && options.Budget is null,
            nameof(options.MaxCount), null, $"or {nameof(options.MaxBytes)} or {nameof(options.Budget)} must be set: a ring needs a bound"),
        .. OptionErrors.Range(nameof(options.MaxCount), options.MaxCount, 1, RingLimits.MostItems),
        .. OptionErrors.Range(nameof(options.MaxBytes), options.MaxBytes, RingLimits.LeastBytes, long.MaxValue),
        .. OptionErrors.Range<int>(nameof(options.ArchiveAbove), options.ArchiveAbove, 1, RingLimits.MostItems),
        .. OptionErrors.Range<int>(nameof(options.KeepInMemory), options.KeepInMemory, 0, Math.Max(1, options.ArchiveAbove)),
        .. OptionErrors.When(
            options.Archive is not null && options.ArchiveAbove >= options.MaxCount,
            nameof(options.ArchiveAbove), options.ArchiveAbove, $"must be less than {nameof(options.MaxCount)}, which is {options.MaxCount}, where there is an archive"),
        .. OptionErrors.Range<TimeSpan>(nameof(options.ArchiveRetryDelay), options.ArchiveRetryDelay, RingLimits.ShortestDelay, RingLimits.LongestDelay),
        .. OptionErrors.Required(nameof(options.TimeProvider), options.TimeProvider),
    ];
}
