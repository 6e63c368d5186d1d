using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using BoundedMemory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers bounded primitives with a service collection.</summary>
public static partial class BoundedMemoryServiceCollectionExtensions
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
    /// <para>If a <see cref="MemoryWatchdog"/> is registered, the cache is a consumer of it from the moment it is made, without a guarantee;
    /// <see cref="MemoryWatchdog.Register"/> adds one. So it is with whatever is registered by the methods of this class.</para>
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
        where TKey : notnull =>
        services.AddPrimitive<BoundedCache<TKey, TValue>, BoundedCacheOptions<TKey, TValue>, BoundedCacheOptionsValidator<TKey, TValue>>(
            name, configure, static options => new BoundedCache<TKey, TValue>(options));

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
        using (new MemoryBudget(limit, name))
        {
            // Wrong arguments are told here, not when the budget is first asked for.
        }

        services.TryAddSingleton(provider => new MemoryBudget(limit, name, provider.GetService<IMeterFactory>()));
        return services;
    }

    /// <summary>Registers a primitive with its named options: a singleton under its name as key, and, the first one of its type, also without a key. Once made, it is asked for memory by the
    /// container's watchdog, if there is one.</summary>
    private static IServiceCollection AddPrimitive<
        TPrimitive,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TValidator>(
        this IServiceCollection services, string name, Action<TOptions>? configure, Func<TOptions, TPrimitive> create)
        where TPrimitive : class, IMemoryReclaimer
        where TOptions : class, IPrimitiveOptions
        where TValidator : class, IValidateOptions<TOptions>
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        OptionsBuilder<TOptions> builder = services.AddOptions<TOptions>(name)
            .Configure<IServiceProvider>((options, provider) =>
            {
                options.Name = name;
                options.SetFrom(provider);
            })
            .ValidateOnStart();
        if (configure is not null)
        {
            builder.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>());
        services.AddKeyedSingleton(
            name,
            (provider, key) => WatchdogWiring.Create(provider, (string)key!, () => create(provider.GetRequiredService<IOptionsMonitor<TOptions>>().Get((string)key!))));
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<TPrimitive>(name));
        return services;
    }
}
