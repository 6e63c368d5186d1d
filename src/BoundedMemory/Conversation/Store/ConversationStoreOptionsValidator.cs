using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by the constructor and, at start, by dependency injection.</summary>
internal sealed class ConversationStoreOptionsValidator<TKey, TMessage> : IValidateOptions<ConversationStoreOptions<TKey, TMessage>>
    where TKey : notnull
{
    public ValidateOptionsResult Validate(string? name, ConversationStoreOptions<TKey, TMessage> options) => OptionErrors.ToResult($"Conversation store '{options.Name}'", FindErrors(options));

    public static IEnumerable<OptionError> FindErrors(ConversationStoreOptions<TKey, TMessage> options) =>
    [
        .. OptionErrors.Name(options.Name),
        .. OptionErrors.When(
            options.MaxBytes is null && options.MaxConversations is null && options.Budget is null,
            nameof(options.MaxBytes), null, $"or {nameof(options.MaxConversations)} or {nameof(options.Budget)} must be set: a store needs a bound"),
        .. OptionErrors.Range(nameof(options.MaxBytes), options.MaxBytes, ConversationStoreLimits.LeastBytes, long.MaxValue),
        .. OptionErrors.Range(nameof(options.MaxConversations), options.MaxConversations, 1, long.MaxValue),
        .. OptionErrors.Range(nameof(options.IdleTimeout), options.IdleTimeout, CacheLimits.ShortestTime, CacheLimits.LongestTime),
        .. FindWindowErrors(options),
        .. OptionErrors.Range<int>(nameof(options.MaxPendingMessages), options.MaxPendingMessages, 1, ConversationStoreLimits.MostPendingMessages),
        .. OptionErrors.Range<TimeSpan>(
            nameof(options.SinkRetryDelay), options.SinkRetryDelay, ConversationStoreLimits.ShortestDelay, ConversationStoreLimits.LongestDelay),
        .. OptionErrors.Required(nameof(options.TimeProvider), options.TimeProvider),
    ];

    private static IEnumerable<OptionError> FindWindowErrors(ConversationStoreOptions<TKey, TMessage> options)
    {
        string window = nameof(options.Window);
        if (options.Window is null)
        {
            return [new OptionError(window, null, "must be set")];
        }

        return
        [
            .. ConversationWindowOptionsValidator<TMessage>.FindErrors(options.Window).Select(error => error with { Option = $"{window}.{error.Option}" }),
            .. OptionErrors.When(
                options.Window.Budget is not null,
                $"{window}.{nameof(options.Window.Budget)}", options.Window.Budget?.Path, $"must be null: {nameof(options.Budget)} is that of all conversations"),
            .. OptionErrors.When(
                options.Window.Dropped is not null,
                $"{window}.{nameof(options.Window.Dropped)}", "set", $"must be null: {nameof(options.Dropped)} says whose the messages are"),
            .. OptionErrors.When(
                options.MaxBytes is { } bytes && options.Window.MaxBytes > bytes / 2,
                $"{window}.{nameof(options.Window.MaxBytes)}", options.Window.MaxBytes,
                $"must be at most half of {nameof(options.MaxBytes)}, which is {options.MaxBytes}"),
        ];
    }
}
