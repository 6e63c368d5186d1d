using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What the options of all primitives have in common, and dependency injection sets.</summary>
internal interface IPrimitiveOptions
{
    string Name { get; set; }

    TimeProvider TimeProvider { get; set; }

    IMeterFactory? MeterFactory { get; set; }

    MemoryBudget? Budget { get; set; }
}
