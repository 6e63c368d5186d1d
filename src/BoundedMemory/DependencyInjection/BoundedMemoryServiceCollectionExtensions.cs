using System.Diagnostics.Metrics;
using BoundedMemory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers bounded primitives with a service collection.</summary>
public static class BoundedMemoryServiceCollectionExtensions
{
    /// <summary>Registers a cache: a singleton under its name as key, and, the first one of these types, also without a key.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the cache and of its options; not empty, no '/'.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// <para>The options are the named options <c>BoundedCacheOptions&lt;TKey, TValue&gt;</c> of that name, validated when the host starts, or when the
    /// cache is first asked for. Before <paramref name="configure"/> runs, the name is set, and whatever is registered of
    /// <see cref="TimeProvider"/>, <see cref="IMeterFactory"/> and <see cref="MemoryBudget"/>.</para>
    /// <para>The container disposes the cache.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is null.</exception>
    /// <example>
    /// <code>
    /// services.AddBoundedCache&lt;string, byte[]&gt;("pages", options => options.MaxBytes = 50_000_000);
    /// // class Pages([FromKeyedServices("pages")] BoundedCache&lt;string, byte[]&gt; cache)
    /// </code>
    /// </example>
    public static IServiceCollection AddBoundedCache<TKey, TValue>(
        this IServiceCollection services, string name, Action<BoundedCacheOptions<TKey, TValue>>? configure = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        OptionsBuilder<BoundedCacheOptions<TKey, TValue>> options = services.AddOptions<BoundedCacheOptions<TKey, TValue>>(name)
            .Configure<IServiceProvider>((cache, provider) =>
            {
                cache.Name = name;
                cache.TimeProvider = provider.GetService<TimeProvider>() ?? cache.TimeProvider;
                cache.MeterFactory = provider.GetService<IMeterFactory>();
                cache.Budget = provider.GetService<MemoryBudget>();
            })
            .ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<BoundedCacheOptions<TKey, TValue>>, BoundedCacheOptionsValidator<TKey, TValue>>());
        services.AddKeyedSingleton(
            name,
            static (provider, key) => new BoundedCache<TKey, TValue>(
                provider.GetRequiredService<IOptionsMonitor<BoundedCacheOptions<TKey, TValue>>>().Get((string)key!)));
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<BoundedCache<TKey, TValue>>(name));
        return services;
    }

    /// <summary>Registers the budget that all bounded primitives of the container share, unless their options name another.</summary>
    /// <param name="services">The services.</param>
    /// <param name="limit">Bytes; at least 1.</param>
    /// <param name="name">Name for messages and metrics; not empty, no '/'.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>Everything that is part of a budget counts bytes, whether it has a limit in bytes of its own or not.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is less than 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains '/'.</exception>
    public static IServiceCollection AddMemoryBudget(this IServiceCollection services, long limit, string name = "process")
    {
        ArgumentNullException.ThrowIfNull(services);
        _ = new MemoryBudget(limit, name);
        services.TryAddSingleton(_ => new MemoryBudget(limit, name));
        return services;
    }
}
