using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Watchdog;

public class RobustTrendTests
{
    [Fact]
    public void Median_OddEvenNone()
    {
        Assert.Equal(2, RobustTrend.Median([3, 1, 2]));
        Assert.Equal(2.5, RobustTrend.Median([4, 3, 1, 2]));
        Assert.Equal(double.NaN, RobustTrend.Median([]));
    }

    [Fact]
    public void Slope_AQuarterIsAnything_IsThatOfTheRest()
    {
        double[] x = [.. Enumerable.Range(0, 40).Select(i => (double)i)];
        double[] y = [.. x.Select(i => i % 4 == 0 ? 1e6 * (i - 20) : 5 + (3 * i))];
        Assert.InRange(RobustTrend.Slope(x, y), 2.9, 3.1);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(10_000)]
    public void Slope_AnyLength_OfALineIsExact(int length)
    {
        double[] x = [.. Enumerable.Range(0, length).Select(i => (double)i)];
        Assert.Equal(-2, RobustTrend.Slope(x, [.. x.Select(i => 7 - (2 * i))]), 9);
        Assert.True(RobustTrend.MannKendall([.. x.Select(i => -i)]) < (length > 3 ? -3 : -1));
    }

    [Fact]
    public void Slope_OneMoment_IsNoNumber() => Assert.Equal(double.NaN, RobustTrend.Slope([1, 1, 1], [1, 2, 3]));

    /// <summary>S = 43 - 2 of 45 pairs without ties: the variance of 10 values is 125.</summary>
    [Fact]
    public void MannKendall_KnownSeries_KnownValue() =>
        Assert.Equal(40 / Math.Sqrt(125), RobustTrend.MannKendall([1, 2, 4, 3, 5, 6, 7, 8, 10, 9]), 9);

    /// <summary>Groups of 3 and 2 equal values among 6: 6·5·17 - 3·2·11 - 2·1·9 = 426, of which an eighteenth.</summary>
    [Fact]
    public void MannKendall_Ties_TakeFromTheVariance() =>
        Assert.Equal(10 / Math.Sqrt(426 / 18.0), RobustTrend.MannKendall([1, 1, 1, 2, 2, 3]), 9);

    [Fact]
    public void MannKendall_NoTrend_IsZero()
    {
        Assert.Equal(0, RobustTrend.MannKendall([5, 5, 5, 5]));
        Assert.Equal(0, RobustTrend.MannKendall([1, 2]));
    }

    [Fact]
    public void AnySeries_ShiftedScaledReversed_FollowsSuit() => Prop.ForAll(
        Gen.Choose(-1000, 1000).ArrayOf().Where(y => y.Length >= 3).ToArbitrary(),
        values =>
        {
            double[] x = [.. values.Select((_, i) => (double)i)];
            double[] y = [.. values.Select(v => (double)v)];
            double slope = RobustTrend.Slope(x, y);
            Assert.Equal(2 * slope, RobustTrend.Slope(x, [.. y.Select(v => (2 * v) + 100)]), 6);
            Assert.Equal(-slope, RobustTrend.Slope(x, [.. y.Reverse()]), 6);
            Assert.Equal(-RobustTrend.MannKendall(y), RobustTrend.MannKendall([.. y.Reverse()]), 6);
        }).Check(Stress.Config());
}
