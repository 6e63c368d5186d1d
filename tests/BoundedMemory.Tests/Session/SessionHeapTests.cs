using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Session;

/// <summary>The bound against what the heap really grows by, in a process that does nothing else.</summary>
public class SessionHeapTests
{
    [Fact]
    public async Task EmptyAndFilledSeveralTimesOver_WithEveryKindOfValue_RetainsWhatItIsChargedAndNotMore()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("session-heap 2");

        string[][] rows = [.. output.Split('\n').Select(line => line.Split(';'))];
        string[][] empty = [.. rows.Where(row => row[0] == "empty")];
        Assert.Equal(4, empty.Length);
        Assert.All(empty, row => Assert.InRange(Number(row[3]), 1, Number(row[2])));
        string[][] full = [.. rows.Where(row => row[0] == "heap")];
        Assert.True(full.Length >= 28, output);
        Assert.All(full, row =>
        {
            (long bound, long retained, long charged) = (Number(row[2]), Number(row[3]), Number(row[4]));

            // A store that keeps the bound by keeping little, or by charging what is not there, fails too.
            Assert.InRange(charged, (long)(0.95 * bound), bound);
            Assert.InRange(retained, (long)(0.95 * charged), bound + (64 * 1024));
            Assert.True(Number(row[5]) >= 2 * Number(row[6]) && Number(row[7]) > 100);
        });
        Assert.True(exitCode == 0, output);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
