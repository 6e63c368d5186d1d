namespace BoundedMemory.Tests.Watchdog;

public class PressureLevelsTests
{
    [Fact]
    public void Warning_OneSample_IsNotEnough()
    {
        using var w = new Scripted();
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.76));
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.74));
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.76));
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.76));
    }

    [Fact]
    public void Warning_UnknownSampleBetweenTwo_ConfirmsNothingAndTakesNothingBack()
    {
        using var w = new Scripted();
        w.At(0.76);
        w.Readings.ResidentBytes = null;
        Assert.Equal(MemoryPressureLevel.Normal, w.After(1));
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.76));
    }

    [Theory]
    [InlineData(0.85, MemoryPressureLevel.Critical)]
    [InlineData(0.95, MemoryPressureLevel.Abort)]
    [InlineData(1.20, MemoryPressureLevel.Abort)]
    public void CriticalAndAbort_OneSample_IsEnough(double utilization, MemoryPressureLevel expected)
    {
        using var w = new Scripted();
        Assert.Equal(expected, w.At(utilization));
    }

    [Fact]
    public void Leave_BelowForADwell_GoesToTheHighestLevelThatWasNotLeft()
    {
        using var w = new Scripted();
        w.At(0.96);
        Assert.Equal(MemoryPressureLevel.Abort, w.At(0.82));
        Assert.Equal(MemoryPressureLevel.Abort, w.At(0.82, 9));
        Assert.Equal(MemoryPressureLevel.Critical, w.At(0.82, 1));
        w.At(0.3);
        Assert.Equal(MemoryPressureLevel.Critical, w.At(0.3, 9.9));
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.3, 0.1));
    }

    [Fact]
    public void Leave_InterruptedByOneSample_StartsTheDwellAnew()
    {
        using var w = new Scripted();
        w.At(0.86);
        w.At(0.5);
        w.At(0.81, 9);
        Assert.Equal(MemoryPressureLevel.Critical, w.At(0.5, 2));
        Assert.Equal(MemoryPressureLevel.Critical, w.At(0.5, 9));
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.5, 1));
    }

    [Fact]
    public void Growth_LimitWithinTwoIntervals_PromotesEarlyToCriticalAtMost()
    {
        using var w = new Scripted(o => o.MinInterval = o.MaxInterval = TimeSpan.FromSeconds(1));
        w.At(0.3);
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.73));
        Assert.Equal(MemoryPressureLevel.Critical, w.At(0.84));

        // As steep, and not near: no promotion.
        using var far = new Scripted(o => o.MinInterval = o.MaxInterval = TimeSpan.FromSeconds(1));
        far.At(0.1);
        Assert.Equal(MemoryPressureLevel.Normal, far.At(0.4));
    }

    [Fact]
    public void Growth_TowardsTheLimit_StartsTheDwellAnew()
    {
        using var w = new Scripted(o => o.MinInterval = o.MaxInterval = TimeSpan.FromSeconds(1));
        w.At(0.76);
        w.At(0.76);
        for (int i = 0; i < 5; i++)
        {
            w.At(0.2);
        }

        // Below the band, and so steep that the limit is two seconds away.
        w.At(0.69);
        w.At(0.69);
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.69, 9));
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.69, 1));
    }

    [Fact]
    public void Unknown_Sample_NeitherMakesALevelNorEndsOne()
    {
        using var w = new Scripted();
        w.At(0.86);
        w.Readings.ResidentBytes = null;
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(MemoryPressureLevel.Critical, w.After(20));
        }

        Assert.Null(w.Watchdog.Sample.ResidentBytes);
        Assert.Equal((0, UtilizationTerm.None), (w.Watchdog.Sample.Utilization, w.Watchdog.Sample.Term));
        Assert.Equal(MemoryPressureLevel.Critical, w.At(0.2));
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.2, 10));
    }

    [Fact]
    public void ProbeThatThrows_MakesTheSampleUnknownAndIsCounted()
    {
        using var w = new Scripted();
        w.At(0.86);
        w.Failure = new InvalidOperationException();
        Assert.Equal(MemoryPressureLevel.Critical, w.After(60));
        Assert.Null(w.Watchdog.Sample.ResidentBytes);
        Assert.Equal(1, w.Watchdog.Statistics.ProbeFailures);
    }

    [Fact]
    public void ThresholdsInBytes_MakeLevelsWhateverTheUtilisation()
    {
        using var w = new Scripted(o => (o.ProcessLimit, o.WarningBytes, o.CriticalBytes, o.AbortBytes) = (null, 300 * Scripted.MB, 400 * Scripted.MB, 500 * Scripted.MB));
        w.Readings.MachineAvailable = 15_000 * Scripted.MB;
        w.At(0.3);
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.3));
        Assert.Equal(MemoryPressureLevel.Critical, w.At(0.4));
        Assert.Equal(MemoryPressureLevel.Abort, w.At(0.5));

        // 5 % below 300 MB is 285.
        w.At(0.286);
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.286, 10));
        w.At(0.284);
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.284, 10));
    }

    [Fact]
    public void ThresholdsInBytes_ResidentSetUnknown_EndsNoLevel()
    {
        using var w = new Scripted(o => (o.ProcessLimit, o.CriticalBytes) = (null, 400 * Scripted.MB));
        w.Readings.MachineAvailable = 15_000 * Scripted.MB;
        w.At(0.4);
        w.Readings.ResidentBytes = null;
        w.After(20);
        Assert.Equal(MemoryPressureLevel.Critical, w.After(20));
    }

    [Fact]
    public void Budget_BetweenWarningAndTheBand_KeepsTheWarning()
    {
        using var budget = new MemoryBudget(100 * Scripted.MB);
        using var w = new Scripted(o => o.Budget = budget);
        Assert.True(budget.TryReserve(76 * Scripted.MB));
        w.At(0.2);
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.2));
        budget.Release(4 * Scripted.MB);
        w.At(0.2);
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.2, 10));
        budget.Release(3 * Scripted.MB);
        w.At(0.2);
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.2, 10));
    }

    [Fact]
    public void Budget_FullOfWhatCannotBeGivenBack_WarnsAndNoMore()
    {
        using var budget = new MemoryBudget(100 * Scripted.MB);
        using var w = new Scripted(o => o.Budget = budget);
        Assert.True(budget.TryReserve(100 * Scripted.MB));
        w.At(0.2);
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.2));
        Assert.Equal((UtilizationTerm.Budget, 1.0), (w.Watchdog.Sample.Term, w.Watchdog.Sample.Utilization));

        // A cache may fill it: it gives when it is asked.
        var cache = new FakeConsumer(100 * Scripted.MB);
        using IDisposable registration = w.Watchdog.Register(cache);
        w.At(0.2);
        Assert.Equal(MemoryPressureLevel.Normal, w.At(0.2, 10));
        Assert.Empty(cache.Asked);
    }

    [Fact]
    public void Changes_AreCalledBackAfterTheyWereActedUpon_AndWhatThrowsIsCounted()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(800 * Scripted.MB);
        using IDisposable registration = w.Watchdog.Register(cache);
        var changes = new List<(MemoryPressureChange Change, int Asked)>();
        using IDisposable bad = w.Watchdog.OnLevelChanged(_ => throw new InvalidOperationException());
        IDisposable good = w.Watchdog.OnLevelChanged(change => changes.Add((change, cache.Asked.Count)));
        w.At(0.96);
        (MemoryPressureChange change, int asked) = Assert.Single(changes);
        Assert.Equal((MemoryPressureLevel.Normal, MemoryPressureLevel.Abort, w.Watchdog.Sample, 1), (change.From, change.To, change.Sample, asked));
        Assert.Equal(1, w.Watchdog.Statistics.CallbackFailures);
        good.Dispose();
        w.At(0.2);
        w.At(0.2, 10);
        Assert.Single(changes);
        Assert.Equal((2, 2, 1), (w.Watchdog.Statistics.CallbackFailures, w.Watchdog.Statistics.Transitions, w.Watchdog.Statistics.EnteredAbort));
    }

    [Fact]
    public void Evaluate_FromACallback_DoesNothing()
    {
        using var w = new Scripted();
        var seen = new List<(MemoryPressureLevel, long)>();
        using IDisposable _ = w.Watchdog.OnLevelChanged(_ => seen.Add((w.Watchdog.Evaluate(), w.Watchdog.Statistics.Samples)));
        w.At(0.9);
        Assert.Equal([(MemoryPressureLevel.Critical, 1)], seen);
    }

    [Fact]
    public void Staleness_CountsFromTheLastSample()
    {
        using var w = new Scripted();
        Assert.False(w.Watchdog.IsStale);
        w.At(0.9);
        w.Clock.Advance(TimeSpan.FromMilliseconds(750));
        Assert.False(w.Watchdog.IsStale);
        w.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(w.Watchdog.IsStale);
        Assert.Equal(TimeSpan.FromMilliseconds(751), w.Watchdog.SampleAge);
    }
}
