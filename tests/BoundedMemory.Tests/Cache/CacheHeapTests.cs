using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>The bound against what the heap really grows by, in a process that does nothing else.</summary>
public class CacheHeapTests
{
    private const long Tolerance = 64 * 1024;

    [Theory]
    [InlineData(1, 1, 28)]
    [InlineData(10, 1, 28)]
    [InlineData(100, 5, 6)]
    public async Task FilledSeveralTimesOver_WithEveryKindOfValue_RetainsTheBoundAndNotMore(int megabytes, int kindsPerCache, int leastRows)
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync($"cache-heap {megabytes} {kindsPerCache}");

        string[][] rows = Rows(output, "heap;");
        Assert.True(rows.Length >= leastRows, output);
        Assert.All(rows, row =>
        {
            long bound = Number(row[4]);
            Assert.Equal(megabytes * 1_000_000L, bound);

            // All kinds are small compared with the bound: a cache that keeps it by keeping little fails too.
            Assert.InRange(Number(row[5]), (long)(0.9 * bound), bound + Tolerance);
            (long stored, long count) = (Number(row[8]), Number(row[9]));
            Assert.True(stored >= 3 * count && count > 100, $"{stored} stored, {count} there");
        });
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task WithoutEntries_InEveryConfiguration_RetainsNotMoreThanItIsCharged()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("empty-cache-heap");

        string[][] rows = [.. Rows(output, "empty;").Where(row => !row[1].StartsWith("warm-up", StringComparison.Ordinal))];
        Assert.True(rows.Length >= 36, output);
        Assert.All(rows, row =>
        {
            Assert.InRange(Number(row[3]), 1, Number(row[2]));
            Assert.Equal(0, Number(row[4]));
        });
        Assert.True(exitCode == 0, output);
    }

    private static string[][] Rows(string output, string start) =>
        [.. output.Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line.Split(';'))];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
