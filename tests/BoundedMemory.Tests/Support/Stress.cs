using System.Globalization;
using FsCheck;

namespace BoundedMemory.Tests.Support;

/// <summary>How long tests go on that try the same thing at random.</summary>
internal static class Stress
{
    /// <summary>BOUNDED_MEMORY_STRESS_SECONDS, if it is set: a minute is as long as the faults of the runtime's own channel needed to show.</summary>
    public static TimeSpan TimeOr(double seconds) => TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("BOUNDED_MEMORY_STRESS_SECONDS") is { } given ? double.Parse(given, CultureInfo.InvariantCulture) : seconds);

    /// <summary>How a property is tried: with BOUNDED_MEMORY_CASES cases if that is set, and throwing at the first that breaks it.</summary>
    /// <param name="endSize">Size of the largest cases, in what their generator makes of it.</param>
    /// <param name="cases">Cases where nothing else is asked for.</param>
    public static Config Config(int endSize = 100, int cases = 300) => FsCheck.Config.QuickThrowOnFailure
        .WithMaxTest(Environment.GetEnvironmentVariable("BOUNDED_MEMORY_CASES") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : cases)
        .WithEndSize(endSize);
}
