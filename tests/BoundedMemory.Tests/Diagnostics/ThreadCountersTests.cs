using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Diagnostics;

public class ThreadCountersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(128)]
    public void Sum_EightThreadsAndFewerOrMoreCells_IsExact(int cells)
    {
        const int Times = 300_000;
        var counters = new ThreadCounters(cells);
        Threaded.Run(8, _ =>
        {
            for (int i = 0; i < Times; i++)
            {
                counters.Increment(i % 3 == 0 ? 1 : 0);
            }
        });
        Assert.Equal((8 * 2 * (Times / 3), 8 * (Times / 3)), (counters.Sum(0), counters.Sum(1)));
    }
}
