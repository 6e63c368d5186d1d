using System.Globalization;

namespace BoundedMemory.Tests.Support;

/// <summary>How long tests go on that try the same thing at random.</summary>
internal static class Stress
{
    /// <summary>BOUNDED_MEMORY_STRESS_SECONDS, if it is set: a minute is as long as the faults of the runtime's own channel needed to show.</summary>
    public static TimeSpan TimeOr(double seconds) => TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("BOUNDED_MEMORY_STRESS_SECONDS") is { } given ? double.Parse(given, CultureInfo.InvariantCulture) : seconds);

    /// <summary>BOUNDED_MEMORY_CASES, if it is set: how many cases a property is tried with.</summary>
    public static int CasesOr(int cases) =>
        Environment.GetEnvironmentVariable("BOUNDED_MEMORY_CASES") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : cases;
}
