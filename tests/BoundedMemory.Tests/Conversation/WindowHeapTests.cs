using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation;

/// <summary>The charge against what the heap really grows by, in a process that does nothing else.</summary>
public class WindowHeapTests
{
    [Fact]
    public async Task EmptyFullAndAfterAMillionAppends_RetainsWhatItIsCharged()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("conversation-heap 1000000");

        string[][] rows = [.. output.Split('\n').Select(line => line.Split(';'))];
        string[][] heap = [.. rows.Where(row => row[0] == "heap")];
        Assert.True(heap.Length == 7, output);
        Assert.All(heap, row =>
        {
            (long charged, long retained) = (Number(row[2]), Number(row[3]));
            Assert.InRange(retained, row[1].StartsWith("empty", StringComparison.Ordinal) ? 1 : (long)(0.95 * charged), charged);
        });
        string[] turnover = Assert.Single(rows, row => row[0] == "turnover");
        Assert.Equal(1_001_000, Number(turnover[1]));
        Assert.InRange(Number(turnover[2]), -16 * 1024, 16 * 1024);
        Assert.True(exitCode == 0, output);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
