using System.Diagnostics.Metrics;
using BoundedMemory;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Session stores.</content>
public static partial class BoundedMemoryServiceCollectionExtensions
{
    /// <summary>Registers a session store: a singleton under its name as key, and, the first one, also without a key.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the store and of its options; not empty, no '/'.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The options are the named options <see cref="SessionStoreOptions"/> of that name, validated when the host starts, or when the store is first asked for.
    /// Before <paramref name="configure"/> runs, the name is set, and whatever is registered of <see cref="TimeProvider"/>, <see cref="IMeterFactory"/> and
    /// <see cref="MemoryBudget"/>. The container disposes the store.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is null.</exception>
    public static IServiceCollection AddSessionStore(this IServiceCollection services, string name, Action<SessionStoreOptions>? configure = null) =>
        services.AddPrimitive<SessionStore, SessionStoreOptions, SessionStoreOptionsValidator>(
            name, configure, static options => new SessionStore(options));
}
