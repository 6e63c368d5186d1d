using BoundedMemory;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Conversation stores.</content>
public static partial class BoundedMemoryServiceCollectionExtensions
{
    /// <summary>Registers a conversation store: a singleton under its name as key, and, the first one of its types, also without a key.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the store and of its options; not empty, no '/'.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The options are the named options <c>ConversationStoreOptions&lt;TKey, TMessage&gt;</c> of that name, validated and filled as those of
    /// <see cref="AddBoundedCache"/>; also with what is registered of <see cref="IConversationSource{TKey, TMessage}"/>, <see cref="IConversationSink{TKey, TMessage}"/>
    /// and <see cref="IMessageAdapter{TMessage}"/>, under the name as key or else without a key. The container disposes the store; disposed asynchronously, it first
    /// writes what is unsaved.</remarks>
    /// <typeparam name="TKey">Type of the keys.</typeparam>
    /// <typeparam name="TMessage">Type of the messages.</typeparam>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is null.</exception>
    public static IServiceCollection AddConversationStore<TKey, TMessage>(
        this IServiceCollection services, string name, Action<ConversationStoreOptions<TKey, TMessage>>? configure = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        services.AddOptions<ConversationStoreOptions<TKey, TMessage>>(name).Configure<IServiceProvider>((options, provider) =>
        {
            options.Source = Find<IConversationSource<TKey, TMessage>>(provider);
            options.Sink = Find<IConversationSink<TKey, TMessage>>(provider);
            options.Window.Adapter = Find<IMessageAdapter<TMessage>>(provider) ?? options.Window.Adapter;
        });
        return services.AddPrimitive<
            ConversationStore<TKey, TMessage>, ConversationStoreOptions<TKey, TMessage>, ConversationStoreOptionsValidator<TKey, TMessage>>(
            name, configure, static options => new ConversationStore<TKey, TMessage>(options));

        T? Find<T>(IServiceProvider provider)
            where T : class => provider.GetKeyedService<T>(name) ?? provider.GetService<T>();
    }
}
