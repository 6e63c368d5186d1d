using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using BoundedMemory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what keeps a hosted application within its memory with a service collection.</summary>
public static class BoundedMemoryHostingServiceCollectionExtensions
{
    /// <summary>Registers a watchdog that runs with the host: a singleton, started before any other hosted service.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// <para>The options are the options <see cref="MemoryWatchdogOptions"/> without a name, validated when the host starts, or when the watchdog is first asked for. Before
    /// <paramref name="configure"/> runs, whatever is registered of <see cref="TimeProvider"/>, <see cref="IMeterFactory"/> and <see cref="MemoryBudget"/> is set.</para>
    /// <para>Every bounded primitive that the container makes is a consumer of it. Each change of level is logged, in the category <c>BoundedMemory.MemoryWatchdog</c>: Normal as information,
    /// Warning as a warning, Critical as an error, Abort as critical.</para>
    /// <para>Called again it only adds to the options. A watchdog that is registered already is started instead, unless it runs. It goes on while the host stops; the container disposes it.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <example>
    /// <code>
    /// services.AddMemoryBudget(400_000_000);
    /// services.AddBoundedCache&lt;string, byte[]&gt;("pages", options => options.MaxBytes = 50_000_000);
    /// services.AddMemoryWatchdog(options => options.ProcessLimit = 1_500_000_000);
    /// </code>
    /// </example>
    public static IServiceCollection AddMemoryWatchdog(this IServiceCollection services, Action<MemoryWatchdogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (IsFirst<MemoryWatchdogOptions, MemoryWatchdogOptionsValidator>(services))
        {
            services.AddOptions<MemoryWatchdogOptions>().Configure<IServiceProvider>(static (options, provider) => options.SetFrom(provider)).ValidateOnStart();
        }

        services.Set(Options.Options.DefaultName, configure);
        services.TryAddSingleton(static provider => new MemoryWatchdog(provider.GetRequiredService<IOptions<MemoryWatchdogOptions>>().Value));
        services.AddHostedService<MemoryWatchdogService>();
        return services;
    }

    /// <summary>Registers a limiter that refuses work under memory pressure: a singleton under its name as key, and, the first one, also without a key. Registers a watchdog
    /// (<see cref="AddMemoryWatchdog"/>) if there is none.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Name of the limiter and of its options; not empty, no '/'.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The options are the named options <see cref="MemoryPressureLimiterOptions"/> of that name, validated when the host starts, or when the limiter is first asked for. Before
    /// <paramref name="configure"/> runs, the name is set, and the <see cref="IMeterFactory"/> that is registered. Called again with a name it only adds to the options. The container disposes the
    /// limiter.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="name"/> is null.</exception>
    public static IServiceCollection AddMemoryPressureLimiter(
        this IServiceCollection services, string name = MemoryPressureLimiterOptions.DefaultName, Action<MemoryPressureLimiterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        services.AddMemoryWatchdog();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MemoryPressureLimiterOptions>, MemoryPressureLimiterOptionsValidator>());
        if (!services.Any(service => service.ServiceType == typeof(MemoryPressureLimiter) && Equals(service.ServiceKey, name)))
        {
            services.AddOptions<MemoryPressureLimiterOptions>(name)
                .Configure<IServiceProvider>((options, provider) =>
                {
                    options.Name = name;
                    options.MeterFactory = provider.GetService<IMeterFactory>();
                })
                .ValidateOnStart();
            services.AddKeyedSingleton(
                name,
                static (provider, key) => new MemoryPressureLimiter(
                    provider.GetRequiredService<MemoryWatchdog>(), provider.GetRequiredService<IOptionsMonitor<MemoryPressureLimiterOptions>>().Get((string)key!)));
            services.TryAddSingleton(provider => provider.GetRequiredKeyedService<MemoryPressureLimiter>(name));
        }

        return services.Set(name, configure);
    }

    /// <summary>Registers a <see cref="WorkerRecycler"/>: a singleton that counts its uptime from the start of the host.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; may be left out where they come from <c>services.Configure</c> or a configuration section. Without any, the worker is recycled only on
    /// request.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The options are the options <see cref="WorkerRecyclingOptions"/> without a name, validated when the host starts; before <paramref name="configure"/> runs, the
    /// <see cref="TimeProvider"/> that is registered is set. <see cref="WorkerRecyclingOptions.Level"/> needs a watchdog (<see cref="AddMemoryWatchdog"/>). Called again it only adds to the
    /// options. The container disposes the recycler.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IServiceCollection AddWorkerRecycling(this IServiceCollection services, Action<WorkerRecyclingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (IsFirst<WorkerRecyclingOptions, WorkerRecyclingOptionsValidator>(services))
        {
            services.AddOptions<WorkerRecyclingOptions>()
                .Configure<IServiceProvider>(static (options, provider) => options.TimeProvider = provider.GetService<TimeProvider>() ?? options.TimeProvider)
                .ValidateOnStart();
        }

        services.Set(Options.Options.DefaultName, configure);
        services.TryAddSingleton(static provider => new WorkerRecycler(
            provider.GetRequiredService<IOptions<WorkerRecyclingOptions>>().Value,
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetService<MemoryWatchdog>(),
            provider.GetService<ILogger<WorkerRecycler>>()));
        services.AddHostedService<WorkerRecyclingService>();
        return services;
    }

    /// <summary>Adds the validator of some options; false if it was there.</summary>
    private static bool IsFirst<TOptions, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TValidator>(IServiceCollection services)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        int before = services.Count;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>());
        return services.Count > before;
    }

    private static IServiceCollection Set<TOptions>(this IServiceCollection services, string name, Action<TOptions>? configure)
        where TOptions : class =>
        configure is null ? services : services.Configure(name, configure);
}
