using System.Diagnostics.Metrics;
using BoundedMemory;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Queues.</content>
public static partial class BoundedMemoryServiceCollectionExtensions
{
    /// <summary>Registers a queue: a singleton under its name as key, and, the first one of this type, also without a key.</summary>
    /// <typeparam name="T">Type of the items.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the queue and of its options; not empty, no '/'.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The options are the named options <c>DropOldestQueueOptions&lt;T&gt;</c> of that name, validated when the host starts, or when the queue is
    /// first asked for. Before <paramref name="configure"/> runs, the name is set, and whatever is registered of <see cref="TimeProvider"/>,
    /// <see cref="IMeterFactory"/> and <see cref="MemoryBudget"/>. The container disposes the queue.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is null.</exception>
    public static IServiceCollection AddDropOldestQueue<T>(
        this IServiceCollection services, string name, Action<DropOldestQueueOptions<T>>? configure = null) =>
        services.AddPrimitive<DropOldestQueue<T>, DropOldestQueueOptions<T>, DropOldestQueueOptionsValidator<T>>(
            name, configure, static options => new DropOldestQueue<T>(options));
}
