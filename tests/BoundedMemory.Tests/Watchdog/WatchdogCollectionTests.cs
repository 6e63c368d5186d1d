namespace BoundedMemory.Tests.Watchdog;

public class WatchdogCollectionTests
{
    private const long MB = Scripted.MB;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void Critical_GarbageEachTick_IsCollectedNotMoreOftenThanEvery250Milliseconds()
    {
        var schedule = new CollectionSchedule();
        var at = new List<double>();
        for (int i = 0; i < 20; i++)
        {
            if (Decide(schedule, i * Tick, MemoryPressureLevel.Critical, garbage: 100 * MB) == CollectionKind.Background)
            {
                schedule.Done(CollectionKind.Background, i * Tick, TimeSpan.Zero);
                at.Add((i * Tick).TotalMilliseconds);
            }
        }

        Assert.Equal([0, 250, 500, 750], at);
    }

    [Fact]
    public void Warning_CostlyCollections_TakeAtMostAThirtiethOfTheTime()
    {
        var schedule = new CollectionSchedule();
        schedule.Done(CollectionKind.Background, TimeSpan.Zero, TimeSpan.Zero);
        schedule.Cost(TimeSpan.FromMilliseconds(330));
        Assert.Equal(CollectionKind.None, Decide(schedule, TimeSpan.FromSeconds(9.9), MemoryPressureLevel.Warning, garbage: 100 * MB));
        Assert.Equal(CollectionKind.Background, Decide(schedule, TimeSpan.FromSeconds(10), MemoryPressureLevel.Warning, garbage: 100 * MB));
        Assert.Equal(CollectionKind.Background, Decide(schedule, TimeSpan.FromSeconds(1), MemoryPressureLevel.Critical, garbage: 100 * MB));
    }

    [Fact]
    public void Warning_LittleGarbage_IsLeft() =>
        Assert.Equal(CollectionKind.None, Decide(new(), Tick, MemoryPressureLevel.Warning, garbage: 20 * MB));

    [Fact]
    public void Warning_LittleOfAnEvenLargerHeap_IsLeft()
    {
        Assert.Equal(CollectionKind.None, Decide(new(), Tick, MemoryPressureLevel.Warning, garbage: 90 * MB, heap: 2000 * MB));
        Assert.Equal(CollectionKind.Background, Decide(new(), Tick, MemoryPressureLevel.Warning, garbage: 100 * MB, heap: 2000 * MB));
    }

    [Fact]
    public void Warning_CollectionsThatCostNothing_AreHalfASecondApart()
    {
        var schedule = new CollectionSchedule();
        schedule.Done(CollectionKind.Background, TimeSpan.Zero, TimeSpan.Zero);
        Assert.Equal(CollectionKind.None, Decide(schedule, TimeSpan.FromSeconds(0.4), MemoryPressureLevel.Warning, garbage: 100 * MB));
        Assert.Equal(CollectionKind.Background, Decide(schedule, TimeSpan.FromSeconds(0.5), MemoryPressureLevel.Warning, garbage: 100 * MB));
    }

    [Theory]
    [InlineData(19, false)]
    [InlineData(20, true)]
    public void Critical_AFiftiethOfASmallLimit_IsCollected(long garbage, bool isCollected) =>
        Assert.Equal(isCollected ? CollectionKind.Background : CollectionKind.None, Decide(new(), Tick, MemoryPressureLevel.Critical, garbage: garbage * MB));

    [Fact]
    public void Critical_AfterAnAggressiveCollection_NoneFollowsAtOnce()
    {
        var schedule = new CollectionSchedule();
        schedule.Done(CollectionKind.Aggressive, TimeSpan.Zero, TimeSpan.Zero);
        Assert.Equal(CollectionKind.None, Decide(schedule, TimeSpan.FromSeconds(0.2), MemoryPressureLevel.Critical, garbage: 100 * MB));
        Assert.Equal(CollectionKind.None, Decide(schedule, TimeSpan.FromSeconds(0.2), MemoryPressureLevel.Critical, slack: 300 * MB));
        Assert.Equal(CollectionKind.Background, Decide(schedule, TimeSpan.FromSeconds(0.25), MemoryPressureLevel.Critical, garbage: 100 * MB));
        Assert.Equal(CollectionKind.Aggressive, Decide(schedule, TimeSpan.FromSeconds(0.5), MemoryPressureLevel.Critical, slack: 300 * MB));
    }

    [Fact]
    public void Abort_GarbageWithoutSlack_IsReturnedAtOnce() =>
        Assert.Equal(CollectionKind.Aggressive, Decide(new(), Tick, MemoryPressureLevel.Abort, garbage: 100 * MB));

    [Theory]
    [InlineData(49, false)]
    [InlineData(50, true)]
    public void Slack_LessThanATwentiethOfTheLimit_IsNotWorthIt(long slack, bool isReturned) =>
        Assert.Equal(isReturned ? CollectionKind.Aggressive : CollectionKind.None, Decide(new(), Tick, MemoryPressureLevel.Critical, slack: slack * MB, excess: 10 * MB));

    [Fact]
    public void NothingToCollect_NothingIsCollected()
    {
        foreach (MemoryPressureLevel level in Enum.GetValues<MemoryPressureLevel>())
        {
            Assert.Equal(CollectionKind.None, Decide(new(), Tick, level));
        }
    }

    [Fact]
    public void Slack_AtCriticalOrAbort_IsReturnedWithinItsRule()
    {
        var schedule = new CollectionSchedule();
        Assert.Equal(CollectionKind.None, Decide(schedule, Tick, MemoryPressureLevel.Warning, slack: 300 * MB));
        Assert.Equal(CollectionKind.Aggressive, Decide(schedule, Tick, MemoryPressureLevel.Critical, slack: 300 * MB));
        Assert.Equal(CollectionKind.None, Decide(schedule, Tick, MemoryPressureLevel.Critical, slack: 70 * MB));
        schedule.Done(CollectionKind.Aggressive, TimeSpan.Zero, TimeSpan.FromMilliseconds(66));
        Assert.Equal(CollectionKind.None, Decide(schedule, TimeSpan.FromSeconds(5.9), MemoryPressureLevel.Critical, slack: 300 * MB));
        Assert.Equal(CollectionKind.Aggressive, Decide(schedule, TimeSpan.FromSeconds(6.1), MemoryPressureLevel.Critical, slack: 300 * MB));
        Assert.Equal(CollectionKind.None, Decide(schedule, TimeSpan.FromSeconds(3.2), MemoryPressureLevel.Critical, slack: 300 * MB, isNearAbort: true));
        Assert.Equal(CollectionKind.Aggressive, Decide(schedule, TimeSpan.FromSeconds(3.4), MemoryPressureLevel.Critical, slack: 300 * MB, isNearAbort: true));
        Assert.Equal(CollectionKind.None, Decide(schedule, TimeSpan.FromSeconds(0.4), MemoryPressureLevel.Abort, slack: 300 * MB));
        Assert.Equal(CollectionKind.Aggressive, Decide(schedule, TimeSpan.FromSeconds(0.5), MemoryPressureLevel.Abort, slack: 300 * MB));
    }

    [Fact]
    public void Never_CollectsNothingAndTrimsAllTheSame()
    {
        using var w = new Scripted(o => o.GcPolicy = GcPolicy.Never);
        var cache = new FakeConsumer(500 * MB);
        using IDisposable registration = w.Watchdog.Register(cache);
        w.At(0.99);
        w.At(0.90);
        Assert.Empty(w.Done);
        Assert.NotEmpty(cache.Asked);
    }

    [Fact]
    public void ContainerLimit_Changed_IsToldToTheCollector()
    {
        using var w = new Scripted();
        (w.Readings.ContainerLimit, w.Readings.ContainerBytes) = (2000 * MB, 100 * MB);
        w.At(0.1);
        w.At(0.1);
        Assert.Empty(w.Done);
        w.Readings.ContainerLimit = 3000 * MB;
        w.At(0.1);
        w.At(0.1);
        Assert.Equal(["refresh"], w.Done);
    }

    [Fact]
    public void ContainerLimit_Changed_IsNotToldIfTheCollectorIsLeftAlone()
    {
        using var w = new Scripted(o => o.GcPolicy = GcPolicy.Never);
        (w.Readings.ContainerLimit, w.Readings.ContainerBytes) = (2000 * MB, 100 * MB);
        w.At(0.1);
        w.Readings.ContainerLimit = 3000 * MB;
        w.At(0.1);
        Assert.Empty(w.Done);
    }

    [Fact]
    public void Enforce_SmallerContainer_ItsLimitCounts()
    {
        using var w = new Scripted(o => o.GcPolicy = GcPolicy.Enforce);
        (w.Readings.ContainerLimit, w.Readings.ContainerBytes) = (800 * MB, 100 * MB);
        (w.Readings.CommittedBytes, w.Readings.HeapBytes) = (60 * MB, 50 * MB);
        w.At(0.1);
        Assert.Equal(["limit 744000000"], w.Done);
    }

    [Fact]
    public void Enforce_RuntimeAllowsLessAnyway_SetsNothingAndTakesNothingBack()
    {
        var w = new Scripted(o => o.GcPolicy = GcPolicy.Enforce, available: 500 * MB);
        w.At(0.1);
        w.Dispose();
        Assert.Empty(w.Done);
    }

    [Theory]
    [InlineData(0.97)]
    [InlineData(0.99)]
    public void Enforce_OthersLeaveNothingToTheHeap_SetsNothing(double utilization)
    {
        using var w = new Scripted(o => o.GcPolicy = GcPolicy.Enforce);
        w.At(utilization);
        Assert.Empty(w.Done);
    }

    [Fact]
    public void Enforce_SetsWhatTheLimitLeavesToTheHeap_AndTakesItBack()
    {
        var w = new Scripted(o => o.GcPolicy = GcPolicy.Enforce);
        (w.Readings.CommittedBytes, w.Readings.HeapBytes) = (60 * MB, 50 * MB);
        w.At(0.1);
        Assert.Equal(["limit 940000000"], w.Done);

        // 10 MB more of others is not worth a change; 50 are, and not at once.
        w.At(0.11, 20);
        w.At(0.15, 5);
        w.At(0.15, 20);
        Assert.Equal(["limit 940000000", "limit 890000000"], w.Done);
        w.Dispose();
        Assert.Equal("limit ", w.Done[^1]);
    }

    [Fact]
    public void Enforce_MoreCommittedThanAllowed_IsGivenBackFirst_AndARefusalIsCounted()
    {
        using var w = new Scripted(o => o.GcPolicy = GcPolicy.Enforce) { TakesHardLimit = false };
        (w.Readings.CommittedBytes, w.Readings.HeapBytes) = (990 * MB, 100 * MB);
        w.At(0.70);
        Assert.Equal(["aggressive", "limit 980000000"], w.Done);
        Assert.Equal(1, w.Watchdog.Statistics.HardLimitFailures);
        w.At(0.70, 5);
        Assert.Equal(2, w.Done.Count);
        w.At(0.70, 5);
        Assert.Equal(2, w.Watchdog.Statistics.HardLimitFailures);
    }

    private static CollectionKind Decide(CollectionSchedule schedule, TimeSpan now, MemoryPressureLevel level, long garbage = 0, long slack = 0, bool isNearAbort = false, long excess = 80 * MB, long heap = 400 * MB) =>
        schedule.Decide(now, level, isNearAbort, isHeap: false, limit: 1000 * MB, excess, slack, garbage, grown: 0, heap);
}
