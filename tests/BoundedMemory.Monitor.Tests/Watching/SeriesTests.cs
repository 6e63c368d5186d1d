using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor.Tests.Watching;

public class SeriesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(Series.Capacity)]
    [InlineData(Series.Capacity + 1)]
    [InlineData(100_000)]
    public void Add_AnyNumber_KeepsABoundedPartEvenlySpread(int count)
    {
        var series = new Series();
        for (int i = 0; i < count; i++)
        {
            series.Add(new Reading(i, 1000 + (i == 777 ? 5000 : i == 778 ? -500 : 0)));
        }

        Reading[] kept = series.Readings.ToArray();
        Assert.InRange(kept.Length, Math.Min(count, Series.Capacity / 2), Series.Capacity);
        Assert.Equal(count, series.Count);
        Assert.Equal(0, kept[0].Seconds);
        Assert.Equal(new Reading(count - 1, 1000), series.Last);
        Assert.Equal(count > 777 ? 6000 : 1000, series.Most);
        Assert.Equal(count > 778 ? 500 : 1000, series.Least);
        if (kept.Length > 1)
        {
            Assert.Single(kept.Zip(kept.Skip(1), (one, next) => next.Seconds - one.Seconds).Distinct());
            Assert.InRange(count - kept[^1].Seconds, 1, kept[1].Seconds);
        }
    }
}
