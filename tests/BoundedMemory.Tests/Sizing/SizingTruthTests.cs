using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Sizing;

/// <summary>What is measured against what the heap grew by, in a process that does nothing else.</summary>
public class SizingTruthTests
{
    private const double GreatestErrorInPercent = 0.5;

    [Fact]
    public async Task Measure_ManyInstancesOfEveryKind_IsWhatTheHeapGrewBy()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("sizing-truth 100");

        string[][] kinds = [.. output.Split('\n').Where(line => line.StartsWith("truth;", StringComparison.Ordinal)).Select(line => line.Split(';')).Skip(1)];
        Assert.True(kinds.Length >= 19, output);
        Assert.All(kinds, kind =>
        {
            Assert.InRange(double.Parse(kind[5], CultureInfo.InvariantCulture), -GreatestErrorInPercent, GreatestErrorInPercent);
            Assert.InRange(double.Parse(kind[6], CultureInfo.InvariantCulture), -GreatestErrorInPercent, GreatestErrorInPercent);
        });
        Assert.True(exitCode == 0, output);
    }
}
