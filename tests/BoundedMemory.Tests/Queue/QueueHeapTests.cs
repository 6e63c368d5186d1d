using System.Globalization;
using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Queue;

/// <summary>The bound against what the heap really grows by, in a process that does nothing else.</summary>
public class QueueHeapTests
{
    private const long Tolerance = 64 * 1024;

    [Fact]
    public async Task FilledSeveralTimesOver_WithEveryKindOfItem_RetainsWhatItIsChargedAndNotMoreThanItsBound()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("queue-heap");

        long[][] rows = [.. output.Split('\n').Where(line => line.StartsWith("heap;", StringComparison.Ordinal))
            .Select(line => line.Split(';')[2..].Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray())];
        Assert.True(rows.Length >= 28, output);
        Assert.All(rows, row =>
        {
            (long bound, long charged, long retained) = (row[0], row[1], row[2]);
            Assert.InRange(charged, bound / 2, bound);
            Assert.InRange(retained, charged - (charged / 20) - Tolerance, charged + Tolerance);
        });
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task Empty_InEveryConfiguration_RetainsNotMoreThanItIsCharged()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("queue-heap");

        string[] rows = [.. output.Split('\n').Where(line => line.StartsWith("empty;", StringComparison.Ordinal))];
        Assert.Equal(3, rows.Length);
        Assert.All(rows, row =>
        {
            string[] parts = row.Split(';');
            Assert.InRange(long.Parse(parts[3], CultureInfo.InvariantCulture), 1, long.Parse(parts[2], CultureInfo.InvariantCulture));
        });
        Assert.Equal(0, exitCode);
    }
}
