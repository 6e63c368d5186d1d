using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Ring;

/// <summary>The bound against what the heap really grows by, in a process that does nothing else.</summary>
public class RingHeapTests
{
    [Fact]
    public async Task EmptyAndFilledSeveralTimesOver_WithEveryKindOfItem_RetainsNotMoreThanItIsCharged()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("ring-heap 1");

        string[][] rows = [.. output.Split('\n').Select(line => line.Split(';'))];
        string[][] empty = [.. rows.Where(row => row[0] == "empty")];
        Assert.Equal(8, empty.Length);
        Assert.All(empty, row => Assert.InRange(Number(row[4]), 1, Number(row[3])));
        string[][] full = [.. rows.Where(row => row[0] == "heap")];
        Assert.True(full.Length >= 28, output);
        Assert.All(full, row =>
        {
            (long bound, long retained) = (Number(row[2]), Number(row[3]));

            // A ring that keeps the bound by keeping little fails too.
            Assert.InRange(retained, (long)(0.8 * bound), bound + (64 * 1024));
            Assert.InRange(Number(row[4]), 1, bound);
            Assert.True(Number(row[5]) >= 2 * Number(row[6]));
        });
        Assert.True(exitCode == 0, output);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
