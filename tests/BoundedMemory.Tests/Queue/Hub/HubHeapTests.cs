using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

/// <summary>What hubs are charged with against what the heap really grows by, in a process that does nothing else.</summary>
public class HubHeapTests
{
    private const long Tolerance = 64 * 1024;

    [Fact]
    public async Task FilledSeveralTimesOver_WithEveryKindOfMessage_RetainsTheBoundAndNotMore()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("hub-heap 2");

        string[][] rows = Rows(output, "heap;");
        Assert.True(rows.Length >= 20, output);
        Assert.All(rows, row =>
        {
            (long bound, long retained, long charged) = (Number(row[2]), Number(row[3]), Number(row[4]));
            Assert.InRange(retained, 0, bound + Tolerance);
            Assert.InRange(charged, (long)(0.4 * bound), bound);

            // A message that waits in private queues too is charged more than once.
            Assert.InRange(retained, row[1].Contains("subscribers", StringComparison.Ordinal) ? 0 : charged - Tolerance, charged + Tolerance);
        });
        string[][] empty = Rows(output, "empty;");
        Assert.Equal(3, empty.Length);
        Assert.All(empty, row => Assert.InRange(Number(row[3]), 1, Number(row[2])));
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task Wait_WithATokenThatIsAlive_AllocatesNothingButWhatDebugBuildsDo()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("hub-waits");
        Assert.Contains("waits;", output, StringComparison.Ordinal);
        Assert.True(exitCode == 0, output);
    }

    private static string[][] Rows(string output, string start) =>
        [.. output.Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line.Split(';')).Where(row => row[1] != "warm-up")];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
