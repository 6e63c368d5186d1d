using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by the constructor and, at start, by dependency injection.</summary>
internal sealed class DropOldestQueueOptionsValidator<T> : IValidateOptions<DropOldestQueueOptions<T>>
{
    public ValidateOptionsResult Validate(string? name, DropOldestQueueOptions<T> options) => OptionErrors.ToResult($"Queue '{options.Name}'", FindErrors(options));

    public static IEnumerable<OptionError> FindErrors(DropOldestQueueOptions<T> options) =>
    [
        .. OptionErrors.Name(options.Name),
        .. OptionErrors.When(
            options.MaxCount is null && options.MaxBytes is null && options.Budget is null,
            nameof(options.MaxCount), null, $"or {nameof(options.MaxBytes)} or {nameof(options.Budget)} must be set: a queue needs a bound"),
        .. OptionErrors.Range(nameof(options.MaxCount), options.MaxCount, 1, QueueLimits.MostItems),
        .. OptionErrors.Range(nameof(options.MaxBytes), options.MaxBytes, QueueLimits.LeastBytes, long.MaxValue),
        .. OptionErrors.Range(nameof(options.MaxAge), options.MaxAge, QueueLimits.ShortestAge, QueueLimits.LongestAge),
        .. OptionErrors.Required(nameof(options.TimeProvider), options.TimeProvider),
    ];
}

/// <summary>The legal ranges of a queue's options, in one place for options, methods and messages.</summary>
internal static class QueueLimits
{
    /// <summary>The least limit in bytes: an empty queue takes some two thousand.</summary>
    public const long LeastBytes = 4096;

    /// <summary>Bytes of an empty queue but for its slots: the queue, its lists of waiters and what waits in them, its budget and locks. A test holds
    /// it against the heap.</summary>
    public const long EmptyQueueBytes = 2048;

    public const long MostItems = int.MaxValue;

    /// <summary>Up to so many slots are made at once, for the queue that takes no lock; more grow with the items.</summary>
    public const long MostSlotsAtOnce = 65_536;

    public static readonly TimeSpan ShortestAge = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan LongestAge = TimeSpan.FromDays(36_525);
}
