namespace BoundedMemory.Tests.Watchdog;

public class GrowthTests
{
    [Fact]
    public void Add_SteadyGrowth_ApproachesItsRate()
    {
        var growth = new Growth();
        growth.Add(TimeSpan.Zero, 0.1, UtilizationTerm.Process);
        Assert.Equal(0, growth.PerSecond);
        growth.Add(TimeSpan.FromSeconds(2), 0.3, UtilizationTerm.Process);
        Assert.Equal(0.05, growth.PerSecond, 6);
        growth.Add(TimeSpan.FromSeconds(4), 0.5, UtilizationTerm.Process);
        Assert.Equal(0.075, growth.PerSecond, 6);
    }

    [Fact]
    public void Add_Unknown_KeepsTheRateAndCountsFromTheLastThatIsKnown()
    {
        var growth = new Growth();
        growth.Add(TimeSpan.Zero, 0.1, UtilizationTerm.Process);
        growth.Add(TimeSpan.FromSeconds(1), 0.3, UtilizationTerm.Process);
        growth.Add(TimeSpan.FromSeconds(2), null, UtilizationTerm.Process);
        Assert.Equal(0.1, growth.PerSecond, 6);
        growth.Add(TimeSpan.FromSeconds(3), 0.3, UtilizationTerm.Process);
        Assert.Equal(0.05, growth.PerSecond, 6);
    }

    [Fact]
    public void Add_AnotherLimit_IsNoGrowth()
    {
        var growth = new Growth();
        growth.Add(TimeSpan.Zero, 0.1, UtilizationTerm.Process);
        growth.Add(TimeSpan.FromSeconds(1), 0.3, UtilizationTerm.Process);
        growth.Add(TimeSpan.FromSeconds(2), 0.9, UtilizationTerm.Container);
        Assert.Equal(0, growth.PerSecond);
        growth.Add(TimeSpan.FromSeconds(3), 0.9, UtilizationTerm.Container);
        Assert.Equal(0, growth.PerSecond);
    }
}
