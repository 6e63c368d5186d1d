using BoundedMemory;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Broadcast hubs.</content>
public static partial class BoundedMemoryServiceCollectionExtensions
{
    /// <summary>Registers a hub: a singleton under its name as key, and, the first one of its type, also without a key.</summary>
    /// <typeparam name="T">Type of the messages.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the hub and of its options; not empty, no '/'.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// <para>The options are the named options <c>BroadcastHubOptions&lt;T&gt;</c> of that name, validated when the host starts, or when the hub is first asked
    /// for. Before <paramref name="configure"/> runs, the name is set, and whatever is registered of <see cref="TimeProvider"/>,
    /// <see cref="System.Diagnostics.Metrics.IMeterFactory"/> and <see cref="MemoryBudget"/>.</para>
    /// <para>The container disposes the hub, which ends its subscriptions.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is null.</exception>
    public static IServiceCollection AddBroadcastHub<T>(this IServiceCollection services, string name, Action<BroadcastHubOptions<T>>? configure = null) =>
        services.AddPrimitive<BroadcastHub<T>, BroadcastHubOptions<T>, BroadcastHubOptionsValidator<T>>(
            name, configure, static options => new BroadcastHub<T>(options));
}
