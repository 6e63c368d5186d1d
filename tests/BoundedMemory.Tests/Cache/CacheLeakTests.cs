using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>What many caches leave behind, in a process that does nothing else.</summary>
public class CacheLeakTests
{
    [Fact]
    public async Task CachesThatComeAndGo_LeaveNothingBehind()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("cache-leaks 100000");

        string[][] rows = [.. output.Split('\n').Where(line => line.StartsWith("leaks;", StringComparison.Ordinal)).Select(line => line.Split(';'))];
        rows = [.. rows.Where(row => row[2] != "warm-up")];
        Assert.True(rows.Length == 12 && rows.Count(row => row[3] == "100000") == 4, output);
        Assert.All(rows, row =>
        {
            long[] numbers = [.. row[3..].Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
            (long caches, long bytes, long alive, long samples, long instruments, long sources, long budgeted) =
                (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
            Assert.InRange(bytes, long.MinValue, 64 * 1024);
            Assert.Equal((0, caches / 100), (alive, samples));
            Assert.Equal((0, 0, 0), (instruments, sources, budgeted));
        });
        Assert.True(exitCode == 0, output);
    }
}
