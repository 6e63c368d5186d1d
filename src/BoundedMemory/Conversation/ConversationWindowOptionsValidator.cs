using Microsoft.Extensions.Options;

namespace BoundedMemory;

/// <summary>Validates options; used by windows, by stores, and, at start, by dependency injection.</summary>
internal sealed class ConversationWindowOptionsValidator<TMessage> : IValidateOptions<ConversationWindowOptions<TMessage>>
{
    public ValidateOptionsResult Validate(string? name, ConversationWindowOptions<TMessage> options) => OptionErrors.ToResult($"Conversation '{options.Name}'", FindErrors(options));

    public static IEnumerable<OptionError> FindErrors(ConversationWindowOptions<TMessage> options) =>
    [
        .. OptionErrors.Name(options.Name),
        .. OptionErrors.When(options.Adapter is null, nameof(options.Adapter), null, $"must be set for messages of type {typeof(TMessage).Name}"),
        .. OptionErrors.Range<int>(nameof(options.MaxMessages), options.MaxMessages, 1, WindowLimits.MostMessages),
        .. OptionErrors.Range<long>(nameof(options.MaxBytes), options.MaxBytes, WindowLimits.LeastBytes, long.MaxValue),
        .. OptionErrors.Range(nameof(options.MaxTokens), options.MaxTokens, 1, int.MaxValue),
        .. OptionErrors.When(
            options.MaxTokens is not null && options.TokenCounter is null,
            nameof(options.TokenCounter), null, $"must be set where {nameof(options.MaxTokens)} is"),
        .. OptionErrors.Range<int>(nameof(options.FullContentCount), options.FullContentCount, 1, int.MaxValue),
        .. options.Content?.FindErrors(nameof(options.Content)) ?? [],
        .. OptionErrors.Range<double>(nameof(options.RetainRatio), options.RetainRatio, WindowLimits.LeastRetainRatio, 1),
        .. OptionErrors.Defined(nameof(options.StartOn), options.StartOn),
        .. OptionErrors.Defined(nameof(options.OversizeGroup), options.OversizeGroup),
        .. OptionErrors.Defined(nameof(options.IncompleteGroup), options.IncompleteGroup),
        .. OptionErrors.Defined(nameof(options.WithoutContent), options.WithoutContent),
        .. OptionErrors.Required(nameof(options.TimeProvider), options.TimeProvider),
    ];
}
