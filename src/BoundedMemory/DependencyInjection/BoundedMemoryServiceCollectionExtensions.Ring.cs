using BoundedMemory;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Rings.</content>
public static partial class BoundedMemoryServiceCollectionExtensions
{
    /// <summary>Registers a ring: a singleton under its name as key, and, the first one of its type, also without a key. What is shared is used by
    /// several threads, so it is the concurrent form.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the ring and of its options; not empty, no '/'.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The options are the named options <c>RingBufferOptions&lt;T&gt;</c> of that name, validated and filled as those of
    /// <see cref="AddBoundedCache"/>. The container disposes the ring.</remarks>
    /// <typeparam name="T">Type of the items.</typeparam>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is null.</exception>
    public static IServiceCollection AddConcurrentRingBuffer<T>(
        this IServiceCollection services, string name, Action<RingBufferOptions<T>>? configure = null) =>
        services.AddPrimitive<ConcurrentRingBuffer<T>, RingBufferOptions<T>, RingBufferOptionsValidator<T>>(
            name, configure, static options => new ConcurrentRingBuffer<T>(options));
}
