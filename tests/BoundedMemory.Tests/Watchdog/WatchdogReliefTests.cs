namespace BoundedMemory.Tests.Watchdog;

/// <summary>How much is asked for, how often, and at which level it is acted.</summary>
public class WatchdogReliefTests
{
    private const long MB = Scripted.MB;

    [Fact]
    public void Warning_FirstTime_TakesDownToTheThresholdAndNotFurther()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        w.At(0.76);
        w.At(0.76);
        Assert.Equal([10 * MB], cache.Asked);
    }

    [Fact]
    public void Warning_AThousandthTooMuch_IsNotWorthIt()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        w.At(0.7509);
        w.At(0.7509);
        Assert.Equal(MemoryPressureLevel.Warning, w.Watchdog.Level);
        Assert.Empty(cache.Asked);
    }

    [Fact]
    public void Warning_FarAboveTheThresholdAfterADwell_TakesDownToTheThresholdAgain()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        w.At(0.80);
        w.At(0.80);
        Collected(w);
        w.At(0.80, 10);
        Assert.Equal([50 * MB, 50 * MB], cache.Asked);
    }

    [Fact]
    public void Warning_InsideTheBandAfterADwell_TakesWhatEndsIt()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        w.At(0.78);
        w.At(0.78);
        Collected(w);
        w.At(0.72, 5);
        Assert.Equal([30 * MB], cache.Asked);
        w.At(0.72, 6);
        Assert.Equal([30 * MB, 30 * MB], cache.Asked);
    }

    [Fact]
    public void Warning_BelowTheBand_EndsByItself()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        w.At(0.78);
        w.At(0.78);
        Collected(w);
        w.At(0.72, 5);
        Assert.Equal(MemoryPressureLevel.Warning, w.At(0.695, 6));
        Assert.Equal([30 * MB], cache.Asked);
    }

    [Fact]
    public void Regrowth_MoreThanIsTooMuch_OnlyWhatIsTooMuchIsTaken()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        w.At(0.78);
        w.At(0.78);
        Collected(w);
        cache.UsedBytes += 30 * MB;
        w.At(0.76);
        Assert.Equal([30 * MB, 10 * MB], cache.Asked);
    }

    [Fact]
    public void Regrowth_Taken_DoesNotPutOffTheNextShare()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        w.At(0.78);
        w.At(0.78);
        Collected(w);
        cache.UsedBytes += 30 * MB;
        w.At(0.78, 5);
        Collected(w);
        w.At(0.78, 5);
        Assert.Equal([30 * MB, 30 * MB, 30 * MB], cache.Asked);
    }

    [Fact]
    public void Share_OfWhichNothingWasGiven_IsNoneAndDoesNotPutOffTheNext()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        cache.Reclaimable = 0;
        w.At(0.80);
        w.At(0.80);
        Assert.Empty(cache.Asked);
        cache.Reclaimable = null;
        w.At(0.80);
        Assert.Equal([50 * MB], cache.Asked);
    }

    [Fact]
    public void Abort_OnlyHeld_IsNoReasonToDoWhatItAllows()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer essential, ReclaimPriority.Essential);
        w.At(0.96);
        Assert.Equal([270 * MB], essential.Asked);
        Collected(w);
        essential.UsedBytes = 600 * MB;
        Assert.Equal(MemoryPressureLevel.Abort, w.At(0.78));
        Assert.Single(essential.Asked);
    }

    [Fact]
    public void Critical_Held_IsActedUponDownToItsLowerThreshold()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer essential, ReclaimPriority.Essential);
        w.At(0.86);
        Collected(w);
        w.At(0.82, 2);
        Assert.Equal([110 * MB, 70 * MB], essential.Asked);
        Collected(w);
        Assert.Equal(MemoryPressureLevel.Critical, w.At(0.79, 2));
        Assert.Equal(2, essential.Asked.Count);
    }

    [Fact]
    public void Abort_BelowAGuarantee_OnlyWhatIsStillMissingIsTaken()
    {
        using var w = new Scripted(o => o.GcPolicy = GcPolicy.Never);
        var cache = new FakeConsumer(500 * MB);
        using IDisposable registration = w.Watchdog.Register(cache, 400 * MB);
        w.At(0.96);
        Assert.Equal([100 * MB, 170 * MB], cache.Asked);
    }

    [Fact]
    public void Abort_ConsumerThatHasFailedAgainAndAgain_IsAskedAllTheSame()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        cache.Reclaiming = () => throw new InvalidOperationException();
        for (int i = 0; i < 3; i++)
        {
            w.Watchdog.Reclaim(10 * MB);
        }

        cache.Reclaiming = null;
        w.At(0.90);
        Assert.Equal(3, cache.Asked.Count);
        w.At(0.96);
        Assert.Equal(4, cache.Asked.Count);
    }

    [Fact]
    public void Consumer_ThatCannotSayWhatItHolds_IsNotEvenAskedThatForAWhile()
    {
        using var w = Uncollected(600 * MB, out FakeConsumer cache);
        cache.Failure = new InvalidOperationException();
        for (int i = 0; i < 6; i++)
        {
            w.At(0.2);
        }

        Assert.Equal(3, w.Watchdog.Statistics.ConsumerFailures);
    }

    [Fact]
    public void Class_ThatHoldsMuchAndCanGiveLittle_PassesTheNeedOn()
    {
        using var w = Uncollected(400 * MB, out FakeConsumer cache);
        cache.Reclaimable = 20 * MB;
        var conversations = new FakeConsumer(400 * MB, ReclaimPriority.Conversation);
        using IDisposable registration = w.Watchdog.Register(conversations);
        w.At(0.90);
        Assert.Equal([20 * MB], cache.Asked);
        Assert.Equal([100 * MB], conversations.Asked);
    }

    [Theory]
    [InlineData(0, 50)]
    [InlineData(30, 20)]
    public void ThresholdInBytes_IsWhatIsTakenDownTo(long slack, long expected)
    {
        using var w = new Scripted(o => (o.ProcessLimit, o.WarningBytes, o.GcPolicy) = (null, 300 * MB, GcPolicy.Never));
        (w.Readings.MachineAvailable, w.Readings.CommittedBytes) = (15_000 * MB, slack * MB);
        var cache = new FakeConsumer(300 * MB);
        using IDisposable registration = w.Watchdog.Register(cache);
        w.At(0.35);
        w.At(0.35);
        Assert.Equal([expected * MB], cache.Asked);
    }

    [Fact]
    public void Garbage_NeverCollected_CountsAsUse()
    {
        using var w = Uncollected(500 * MB, out FakeConsumer cache);
        GrowTo(w, 500, 0.6);
        GrowTo(w, 800, 0.9);
        Assert.Equal([125 * MB], cache.Asked);
    }

    [Fact]
    public void Garbage_OfBeforeTheSpike_CostsACacheNothingEither()
    {
        using var w = Collecting(out FakeConsumer cache);
        GrowTo(w, 500, 0.6);
        GrowTo(w, 700, 0.7);
        GrowTo(w, 800, 0.9);
        Assert.Equal(["background"], w.Done);
        Assert.Empty(cache.Asked);
    }

    [Fact]
    public void HeapAfterACollectionOfItsOwn_IsNoGarbage()
    {
        using var w = Collecting(out FakeConsumer cache);
        GrowTo(w, 300, 0.3);
        w.Readings.FullCollections++;
        GrowTo(w, 600, 0.6, 60);
        Assert.Empty(w.Done);
        GrowTo(w, 600, 0.86, 60);
        Assert.Equal([110 * MB], cache.Asked);
    }

    [Fact]
    public void Collection_ThatDoesNotEnd_IsWaitedForForTwoSeconds()
    {
        using var w = Collecting(out FakeConsumer cache);
        w.Collected = () => w.LastFull = 0;
        GrowTo(w, 500, 0.6);
        GrowTo(w, 800, 0.9);
        GrowTo(w, 800, 0.9);
        GrowTo(w, 800, 0.9);
        Assert.Empty(cache.Asked);
        GrowTo(w, 800, 0.9);
        Assert.NotEmpty(cache.Asked);
    }

    [Fact]
    public void Collection_ThatHasEnded_IsNotWaitedForAnyMore()
    {
        using var w = Collecting(out FakeConsumer cache);
        GrowTo(w, 500, 0.6);
        GrowTo(w, 800, 0.9);
        GrowTo(w, 500, 0.6, 4);
        GrowTo(w, 800, 0.9);
        Assert.Equal(["background", "background"], w.Done);
        Assert.Empty(cache.Asked);
    }

    [Fact]
    public void Warning_CollectionsThatStopTheProcessForLong_AreRare()
    {
        using var w = new Scripted();
        w.Readings.Pauses = TimeSpan.FromSeconds(1);
        w.Collected = () => w.Readings.Pauses += TimeSpan.FromMilliseconds(330);
        GrowTo(w, 300, 0.7);
        GrowTo(w, 400, 0.78);
        GrowTo(w, 400, 0.78);
        for (int i = 1; i < 10; i++)
        {
            GrowTo(w, 400 + (50 * i), 0.78);
        }

        Assert.Single(w.Done);
        GrowTo(w, 900, 0.78, 2);
        Assert.Equal(2, w.Done.Count);
    }

    [Theory]
    [InlineData(0.88, 1)]
    [InlineData(0.91, 2)]
    public void Slack_NearerToAbort_IsReturnedMoreOften(double utilization, int expected)
    {
        using var w = new Scripted();
        w.Collected = () => w.Clock.Advance(TimeSpan.FromMilliseconds(100));
        (w.Readings.HeapBytes, w.Readings.CommittedBytes) = (400 * MB, 700 * MB);
        w.At(utilization);
        w.At(utilization, 6);
        Assert.Equal(expected, w.Done.Count(done => done == "aggressive"));
    }

    [Fact]
    public void Slack_ThatIsAllThatIsTooMuchForCritical_IsReturned()
    {
        using var w = new Scripted();
        (w.Readings.HeapBytes, w.Readings.CommittedBytes) = (400 * MB, 500 * MB);
        w.At(0.88);
        Assert.Equal(["aggressive"], w.Done);
    }

    [Theory]
    [InlineData(660, null, false)]
    [InlineData(690, null, false)]
    [InlineData(720, null, true)]
    [InlineData(660, 680L, true)]
    public void Slack_WithinTheHeapsOwnLimit_IsReturnedAtAbortOnly(long committed, long? warningBytes, bool isReturned)
    {
        using var w = new Scripted(o => o.WarningBytes = warningBytes * MB);
        (w.Readings.HeapAvailable, w.Readings.HeapBytes, w.Readings.CommittedBytes) = (750 * MB, 400 * MB, committed * MB);
        w.At(0.83);
        Assert.Equal(isReturned, w.Done.Contains("aggressive"));
    }

    /// <summary>A watchdog that collects nothing, and a consumer.</summary>
    private static Scripted Uncollected(long bytes, out FakeConsumer consumer, ReclaimPriority priority = ReclaimPriority.Cache)
    {
        var w = new Scripted(o => o.GcPolicy = GcPolicy.Never);
        w.Watchdog.Register(consumer = new FakeConsumer(bytes, priority));
        return w;
    }

    /// <summary>One that collects, whose heap was collected before its first sample, and a cache of 800 MB.</summary>
    private static Scripted Collecting(out FakeConsumer cache)
    {
        var w = new Scripted();
        w.Readings.FullCollections = 1;
        w.Watchdog.Register(cache = new FakeConsumer(800 * MB));
        return w;
    }

    private static void GrowTo(Scripted w, long heap, double utilization, double seconds = 1)
    {
        w.Readings.HeapBytes = w.Readings.CommittedBytes = heap * MB;
        w.At(utilization, seconds);
    }

    /// <summary>What was given is gone.</summary>
    private static void Collected(Scripted w) => w.LastFull = ++w.Begun;
}
