namespace BoundedMemory.Tests.Watchdog;

public class SampleIntervalTests
{
    [Theory]
    [InlineData(MemoryPressureLevel.Normal, 0.10, 64_000_000_000, 0, 10_000)]
    [InlineData(MemoryPressureLevel.Normal, 0.10, 500_000_000, 0, 2_539)]
    [InlineData(MemoryPressureLevel.Normal, 0.74, 500_000_000, 0, 250)]
    [InlineData(MemoryPressureLevel.Normal, 0.50, 64_000_000_000, 0.01, 10_000)]
    [InlineData(MemoryPressureLevel.Normal, 0.50, 64_000_000_000, 0.05, 2_500)]
    [InlineData(MemoryPressureLevel.Warning, 0.76, 64_000_000_000, 0, 1_000)]
    [InlineData(MemoryPressureLevel.Critical, 0.86, 64_000_000_000, 0, 250)]
    [InlineData(MemoryPressureLevel.Critical, 0.20, 64_000_000_000, 0, 250)]
    [InlineData(MemoryPressureLevel.Abort, 0.20, 64_000_000_000, 0, 250)]
    public void Next_HeadroomAndGrowth_HalfOfTheWay(MemoryPressureLevel level, double utilization, long limit, double growth, double milliseconds) =>
        Assert.Equal(milliseconds, SampleInterval.Next(new(), level, utilization, limit, 0, growth).TotalMilliseconds, 1.0);

    [Fact]
    public void Next_ThresholdInBytes_CountsToo() =>
        Assert.Equal(500, SampleInterval.Next(new() { WarningBytes = 200_000_000 }, MemoryPressureLevel.Normal, 0.1, 64_000_000_000, 136_000_000, 0).TotalMilliseconds, 1.0);

    [Theory]
    [InlineData(MemoryPressureLevel.Normal)]
    [InlineData(MemoryPressureLevel.Warning)]
    public void Next_ThresholdInBytesOfAHigherLevelAlone_CountsToo(MemoryPressureLevel level) =>
        Assert.Equal(500, SampleInterval.Next(new() { CriticalBytes = 200_000_000 }, level, 0.1, 64_000_000_000, 136_000_000, 0).TotalMilliseconds, 1.0);

    [Fact]
    public void Next_NothingKnown_IsTheLongestWithoutALimitAndTheShortestWithOne()
    {
        Assert.Equal(TimeSpan.FromSeconds(10), SampleInterval.Next(new(), MemoryPressureLevel.Normal, 0, 0, null, 0));
        Assert.Equal(TimeSpan.FromMilliseconds(250), SampleInterval.Next(new(), MemoryPressureLevel.Normal, null, 1000, null, 0));
    }

    [Fact]
    public void Interval_WhileGrowing_BecomesShorter()
    {
        using var w = new Scripted(o => o.ProcessLimit = Scripted.Limit);
        w.At(0.1);
        TimeSpan idle = w.Watchdog.Interval;
        w.At(0.4);
        Assert.True(w.Watchdog.Interval < idle / 2, $"{idle}, {w.Watchdog.Interval}");
    }
}
