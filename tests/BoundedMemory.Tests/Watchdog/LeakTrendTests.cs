namespace BoundedMemory.Tests.Watchdog;

public class LeakTrendTests
{
    private const int Series = 60;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Length = TimeSpan.FromHours(6);

    public enum Shape
    {
        Noise,
        Sawtooth,
        LoadSteps,
        WarmUp,
    }

    [Theory]
    [InlineData(Shape.Noise)]
    [InlineData(Shape.Sawtooth)]
    [InlineData(Shape.LoadSteps)]
    [InlineData(Shape.WarmUp)]
    public void WithoutALeak_SixHours_NoFalseAlarm(Shape shape)
    {
        TimeSpan?[] alarms = [.. Enumerable.Range(0, Series).Select(seed => FirstAlarm(shape, seed, megabytesPerHour: 0))];
        Assert.Equal(0, alarms.Count(alarm => alarm is not null));
    }

    [Theory]
    [InlineData(Shape.Noise, 30)]
    [InlineData(Shape.Noise, 60)]
    [InlineData(Shape.Noise, 120)]
    [InlineData(Shape.Sawtooth, 30)]
    [InlineData(Shape.Sawtooth, 60)]
    [InlineData(Shape.Sawtooth, 120)]
    [InlineData(Shape.WarmUp, 30)]
    public void WithALeak_SixHours_EachIsFound(Shape shape, double megabytesPerHour)
    {
        TimeSpan?[] alarms = [.. Enumerable.Range(0, Series).Select(seed => FirstAlarm(shape, seed, megabytesPerHour))];
        Assert.Equal(Series, alarms.Count(alarm => alarm is not null));
        Assert.All(alarms, alarm => Assert.True(alarm >= TimeSpan.FromMinutes(100)));
        Assert.True(alarms.Order().ElementAt(Series / 2) <= TimeSpan.FromMinutes(170), $"{alarms.Order().ElementAt(Series / 2)}");
    }

    [Fact]
    public void Slope_OfALeak_IsThatOfTheLeak()
    {
        var trend = new LeakTrend();
        foreach ((TimeSpan at, long bytes, int collections) in Synthetic(Shape.Sawtooth, seed: 1, megabytesPerHour: 60))
        {
            trend.Add(at, bytes, collections);
        }

        Assert.InRange(trend.BytesPerHour!.Value, 45e6, 75e6);
        Assert.True(trend.IsLeak);
    }

    [Fact]
    public void Slope_TooFewReadings_IsUnknown()
    {
        var trend = new LeakTrend();
        foreach ((TimeSpan at, long bytes, int collections) in Synthetic(Shape.Noise, seed: 1, megabytesPerHour: 60).TakeWhile(r => r.At < TimeSpan.FromMinutes(50)))
        {
            trend.Add(at, bytes, collections);
        }

        Assert.Null(trend.BytesPerHour);
    }

    [Fact]
    public void Readings_WithGapsOfHours_DoNotConfuseIt()
    {
        var trend = new LeakTrend();
        for (int hour = 1; hour < 500; hour += 3)
        {
            trend.Add(TimeSpan.FromHours(hour), hour * 10_000_000L, 0);
        }

        Assert.False(trend.IsLeak);
        Assert.Null(trend.BytesPerHour);
    }

    [Fact]
    public void TimeToLimit_FastGrowth_IsSeenWithinTwentySeconds()
    {
        var time = new TimeToLimit();
        for (int i = 0; i <= 20; i++)
        {
            time.Add(TimeSpan.FromSeconds(i), 0.2 + (i * 0.01), UtilizationTerm.Process);
        }

        Assert.Equal(60, time.Value!.Value.TotalSeconds, 1.0);
        time.Add(TimeSpan.FromSeconds(22), 0.1, UtilizationTerm.Container);
        Assert.Null(time.Value);
    }

    [Fact]
    public void Watchdog_GrowingFast_TellsTheTimeToItsLimit()
    {
        using var w = new Scripted();
        Assert.Null(w.Watchdog.Trend.TimeToLimit);
        for (int i = 0; i <= 20; i++)
        {
            w.At(0.2 + (i * 0.01), 2);
        }

        Assert.Equal(120, w.Watchdog.Trend.TimeToLimit!.Value.TotalSeconds, 2.0);
    }

    private static TimeSpan? FirstAlarm(Shape shape, int seed, double megabytesPerHour)
    {
        var trend = new LeakTrend();
        foreach ((TimeSpan at, long bytes, int collections) in Synthetic(shape, seed, megabytesPerHour))
        {
            trend.Add(at, bytes, collections);
            if (trend.IsLeak)
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>What a process at work looks like: noise of requests; garbage that rises until the heap is collected; load that comes and goes; caches that fill.</summary>
    private static IEnumerable<(TimeSpan At, long Bytes, int Collections)> Synthetic(Shape shape, int seed, double megabytesPerHour)
    {
        var random = new Random((seed * 31) + (int)shape);
        double garbage = 0;
        double load = 0;
        double garbagePerSecond = 0.05 + (random.NextDouble() * 0.25);
        int collections = 0;
        int mostMinutes = seed % 2 == 0 ? 5 : 10;
        TimeSpan nextCollection = TimeSpan.FromMinutes(random.Next(1, mostMinutes));
        TimeSpan nextLoad = TimeSpan.FromMinutes(random.Next(5, 60));
        for (TimeSpan at = TimeSpan.Zero; at < Length; at += Step)
        {
            garbage += shape == Shape.Sawtooth ? garbagePerSecond * Step.TotalSeconds : 0;
            if (at >= nextCollection)
            {
                garbage = 0;
                collections++;
                nextCollection = at + TimeSpan.FromMinutes(random.Next(1, mostMinutes));
            }

            if (shape == Shape.LoadSteps && at >= nextLoad)
            {
                load = random.Next(0, 150);
                nextLoad = at + TimeSpan.FromMinutes(random.Next(10, 90));
            }

            double warmUp = shape == Shape.WarmUp ? 120 * (1 - Math.Exp(-at.TotalMinutes / 6)) : 0;
            double noise = 8 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            double megabytes = 200 + noise + garbage + load + warmUp + (megabytesPerHour * at.TotalHours);
            yield return (at, (long)(megabytes * 1e6), collections);
        }
    }
}
