using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>The meter of a factory, or the one of those without a factory.</summary>
internal delegate SourceMeter<TStatistics> AdminMeterOf<TStatistics>(IMeterFactory? factory);

/// <summary>Whose primitives an endpoint is about: those that report to the container's meter, and those of the process that report to none.</summary>
internal sealed class AdminRealm(IMeterFactory? factory, bool includeProcessWide)
{
    /// <summary>The primitives of a kind that are alive.</summary>
    public IEnumerable<(IMeterSource<TStatistics> Source, AdminScope Scope)> SourcesOf<TStatistics>(AdminMeterOf<TStatistics> meterOf)
    {
        if (factory is not null)
        {
            foreach (IMeterSource<TStatistics> source in meterOf(factory).List())
            {
                yield return (source, AdminScope.Container);
            }
        }

        if (includeProcessWide)
        {
            foreach (IMeterSource<TStatistics> source in meterOf(null).List())
            {
                yield return (source, AdminScope.Process);
            }
        }
    }
}
