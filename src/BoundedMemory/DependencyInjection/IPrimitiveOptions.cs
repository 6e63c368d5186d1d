using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory;

/// <summary>What the options of all primitives have in common, and dependency injection sets.</summary>
internal interface IPrimitiveOptions
{
    string Name { get; set; }

    TimeProvider TimeProvider { get; set; }

    IMeterFactory? MeterFactory { get; set; }

    MemoryBudget? Budget { get; set; }
}

internal static class PrimitiveOptionsExtensions
{
    /// <summary>Sets clock, meters and budget to what a container has of them.</summary>
    public static void SetFrom(this IPrimitiveOptions options, IServiceProvider provider)
    {
        options.TimeProvider = provider.GetService<TimeProvider>() ?? options.TimeProvider;
        options.MeterFactory = provider.GetService<IMeterFactory>();
        options.Budget = provider.GetService<MemoryBudget>();
    }
}
