using BoundedMemory.Monitor.Judging;

namespace BoundedMemory.Monitor.Tests.Judging;

public class TrendTests
{
    private const double Megabyte = 1 << 20;
    private const int Seeds = 300;

    [Theory]
    [InlineData("flat", 10)]
    [InlineData("flat", 36)]
    [InlineData("flat", 120)]
    [InlineData("flat", 1000)]
    [InlineData("falling", 10)]
    [InlineData("falling", 120)]
    [InlineData("sawtooth", 36)]
    [InlineData("sawtooth", 120)]
    [InlineData("sawtooth", 1000)]
    [InlineData("two teeth", 36)]
    [InlineData("two teeth", 120)]
    [InlineData("two teeth", 1000)]
    [InlineData("warm-up", 36)]
    [InlineData("warm-up", 120)]
    [InlineData("warm-up", 1000)]
    [InlineData("step", 36)]
    [InlineData("step", 120)]
    [InlineData("step", 1000)]
    [InlineData("peak", 36)]
    [InlineData("peak", 120)]
    [InlineData("peak", 1000)]
    public void Of_WhatDoesNotGrow_IsNeverSaidTo(string shape, int count)
    {
        int alarms = Enumerable.Range(0, Seeds).Count(seed => Trend.Of(Readings(shape, count, 3600, seed))!.Value.IsGrowing);
        Assert.Equal(0, alarms);
    }

    [Theory]
    [InlineData("leak", 10)]
    [InlineData("leak", 36)]
    [InlineData("leak", 120)]
    [InlineData("leak", 1000)]
    [InlineData("leaking sawtooth", 120)]
    [InlineData("leaking sawtooth", 1000)]
    public void Of_Leak_IsFoundWithItsPace(string shape, int count)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            Trend trend = Trend.Of(Readings(shape, count, 3600, seed))!.Value;
            Assert.True(trend.IsGrowing, $"seed {seed}");
            Assert.InRange(trend.BytesPerHour / Megabyte, 45, 75);
            Assert.InRange(trend.Percent, 15, 80);
        }
    }

    [Fact]
    public void Of_FewerThanTenReadings_IsInsufficient()
    {
        Reading[] readings = Readings("leak", 10, 60, seed: 1);
        Assert.Null(Trend.Of(readings.AsSpan(1)));
        Assert.NotNull(Trend.Of(readings));
        Assert.Null(Trend.Of([]));
        Assert.Null(Trend.Of(Enumerable.Repeat(new Reading(5, 100), 20).ToArray()));
    }

    [Fact]
    public void Of_Thirds_AreComparedByTheirMedians()
    {
        // 59.3 MB at the end of what began with 108: the last third is 45.1 % lower, whatever a single reading says.
        Reading[] readings = [.. Enumerable.Range(0, 12).Select(i => new Reading(i, i < 4 ? 1000 : i < 8 ? 800 : 549))];
        readings[1] = new Reading(1, 90_000);
        readings[10] = new Reading(10, 1);
        Assert.Equal(-45.1, Trend.Of(readings)!.Value.Percent, 6);
    }

    [Fact]
    public void Of_RiseBelowWhatARuntimeDoesAtRest_IsNoGrowth()
    {
        Reading[] readings = [.. Enumerable.Range(0, 40).Select(i => new Reading(i, (long)((30 * Megabyte) + (i * Megabyte / 40))))];
        Assert.False(Trend.Of(readings)!.Value.IsGrowing);
        Assert.InRange(Trend.Of(readings)!.Value.BytesPerHour / Megabyte, 89, 91);
    }

    /// <summary>A series with noise; phase, place and noise are the seed's.</summary>
    private static Reading[] Readings(string shape, int count, double seconds, int seed)
    {
        var random = new Random(seed);
        double phase = random.NextDouble();
        Func<double, double> megabytesAt = shape switch
        {
            "flat" => _ => 100,
            "sawtooth" => part => 80 + (40 * (((part * 7) + phase) % 1)),
            "two teeth" => part => 80 + (40 * (((part * 2) + phase) % 1)),
            "warm-up" => part => 100 - (60 * Math.Exp(-part * 8)),
            "step" => part => part < 0.2 + (0.6 * phase) ? 80 : 120,
            "falling" => part => 120 - (40 * part),
            "peak" => part => Math.Abs(part - 0.2 - (0.6 * phase)) < 0.1 ? 200 : 100,
            "leak" => part => 60 + (60 * part),
            "leaking sawtooth" => part => 60 + (60 * part) + (15 * (((part * 29) + phase) % 1)),
            _ => throw new ArgumentOutOfRangeException(nameof(shape)),
        };
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                double part = (double)i / (count - 1);
                return new Reading(part * seconds, (long)((megabytesAt(part) + (2 * (random.NextDouble() - 0.5))) * Megabyte));
            }),
        ];
    }
}
