using BoundedMemory;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what bounds chat histories with a service collection.</summary>
public static class BoundedMemoryAIServiceCollectionExtensions
{
    /// <summary>Registers a store of chats: a singleton under its name as key, and, the first one of its key's type, also without a key.</summary>
    /// <typeparam name="TKey">Type of the keys.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the store and of its options; not empty, no '/'.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>As <see cref="BoundedMemoryServiceCollectionExtensions.AddConversationStore{TKey, TMessage}"/>, for messages of the type <see cref="ChatMessage"/>;
    /// their adapter is <see cref="ChatMessageAdapter.Default"/> unless another one is registered or set, their sizer <see cref="ChatMessageAdapter.Sizer"/> unless
    /// another one is set.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is null.</exception>
    public static IServiceCollection AddConversationStore<TKey>(
        this IServiceCollection services, string name, Action<ConversationStoreOptions<TKey, ChatMessage>>? configure = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        services.TryAddSingleton<IMessageAdapter<ChatMessage>>(ChatMessageAdapter.Default);
        services.AddOptions<ConversationStoreOptions<TKey, ChatMessage>>(name).Configure(options => options.Window.MessageSizer = ChatMessageAdapter.Sizer);
        return services.AddConversationStore<TKey, ChatMessage>(name, configure);
    }

    /// <summary>Registers a reducer of chat histories: a singleton under its name as key, and, the first one, also without a key; each as
    /// <see cref="ConversationWindowChatReducer"/> and as <see cref="IChatReducer"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the reducer and of its options; not empty, no '/'.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The options are the named options <c>ConversationWindowOptions&lt;ChatMessage&gt;</c> of that name, validated when the host starts, or when the
    /// reducer is first asked for. Before <paramref name="configure"/> runs, the name is set, and what is registered as <see cref="IMessageAdapter{TMessage}"/> of
    /// <see cref="ChatMessage"/>, or else <see cref="ChatMessageAdapter.Default"/>.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is null.</exception>
    /// <example>
    /// <code>
    /// services.AddConversationWindowChatReducer("chat", options => options.MaxMessages = 20);
    /// services.AddSingleton&lt;IChatClient&gt;(provider => new BoundedChatClient(model, provider.GetRequiredService&lt;ConversationWindowChatReducer&gt;()));
    /// </code>
    /// </example>
    public static IServiceCollection AddConversationWindowChatReducer(
        this IServiceCollection services, string name, Action<ConversationWindowOptions<ChatMessage>>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        OptionsBuilder<ConversationWindowOptions<ChatMessage>> builder = services.AddOptions<ConversationWindowOptions<ChatMessage>>(name)
            .Configure<IServiceProvider>((options, provider) =>
            {
                options.Name = name;
                options.Adapter = provider.GetKeyedService<IMessageAdapter<ChatMessage>>(name) ?? provider.GetService<IMessageAdapter<ChatMessage>>() ?? ChatMessageAdapter.Default;
            })
            .ValidateOnStart();
        if (configure is not null)
        {
            builder.Configure(configure);
        }

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<ConversationWindowOptions<ChatMessage>>, ConversationWindowOptionsValidator<ChatMessage>>());
        services.AddKeyedSingleton(name, (provider, key) =>
            new ConversationWindowChatReducer(provider.GetRequiredService<IOptionsMonitor<ConversationWindowOptions<ChatMessage>>>().Get((string)key!)));
        services.AddKeyedSingleton<IChatReducer>(name, (provider, key) => provider.GetRequiredKeyedService<ConversationWindowChatReducer>(key));
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<ConversationWindowChatReducer>(name));
        services.TryAddSingleton<IChatReducer>(provider => provider.GetRequiredService<ConversationWindowChatReducer>());
        return services;
    }
}
