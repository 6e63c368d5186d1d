using System.Runtime.CompilerServices;

namespace BoundedMemory.Tests.Watchdog;

public class WatchdogReclaimTests
{
    private const long MB = Scripted.MB;

    [Fact]
    public void Critical_LargeConsumers_GiveAShareAtMostByPriority()
    {
        using var w = new Scripted();
        var conversations = new FakeConsumer(200 * MB, ReclaimPriority.Conversation);
        var cache = new FakeConsumer(400 * MB);
        var essential = new FakeConsumer(100 * MB, ReclaimPriority.Essential);
        using IDisposable a = w.Watchdog.Register(conversations);
        using IDisposable b = w.Watchdog.Register(cache);
        using IDisposable c = w.Watchdog.Register(essential);
        w.At(0.90);

        // 150 MB are too much, of which the cache can give all in two rounds: nobody else is asked.
        Assert.Equal([100 * MB], cache.Asked);
        Assert.Empty(conversations.Asked);
        Assert.Empty(essential.Asked);
        Assert.Equal((1, 100 * MB, 100 * MB), (w.Watchdog.Statistics.Reclaims, w.Watchdog.Statistics.RequestedBytes, w.Watchdog.Statistics.ReclaimedBytes));
    }

    [Fact]
    public void Critical_CachesTooSmall_TheNextClassGivesTheRest()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(40 * MB);
        var conversations = new FakeConsumer(400 * MB, ReclaimPriority.Conversation);
        using IDisposable a = w.Watchdog.Register(cache);
        using IDisposable b = w.Watchdog.Register(conversations);
        w.At(0.84 + 0.01);
        Assert.Equal([10 * MB], cache.Asked);
        Assert.Equal([60 * MB], conversations.Asked);
    }

    [Fact]
    public void Abort_NotEnoughAboveGuarantees_BreaksThem()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(100 * MB);
        var essential = new FakeConsumer(100 * MB, ReclaimPriority.Essential);
        using IDisposable a = w.Watchdog.Register(cache, 80 * MB);
        using IDisposable b = w.Watchdog.Register(essential, 90 * MB);
        w.At(0.94);
        Assert.Equal([5 * MB], cache.Asked);
        w.At(0.99);
        Assert.Equal((0, 0), (cache.UsedBytes, essential.UsedBytes));

        // First what is above the guarantees of all, then the rest.
        Assert.Equal([5 * MB, 15 * MB, 80 * MB], cache.Asked);
        Assert.Equal([5 * MB / 2, 15 * MB / 2, 90 * MB], essential.Asked);
    }

    [Fact]
    public void Warning_DoesNotAskTheEssential()
    {
        using var w = new Scripted();
        var essential = new FakeConsumer(600 * MB, ReclaimPriority.Essential);
        using IDisposable registration = w.Watchdog.Register(essential);
        w.At(0.8);
        w.At(0.8);
        w.At(0.8);
        Assert.Empty(essential.Asked);
        w.At(0.86);
        Assert.Single(essential.Asked);
    }

    [Fact]
    public void Spike_OfGarbage_CostsACacheNothing()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(500 * MB);
        using IDisposable registration = w.Watchdog.Register(cache);
        w.Readings.HeapBytes = w.Readings.CommittedBytes = 500 * MB;
        w.Readings.FullCollections = 1;
        w.At(0.6);
        w.Collected = () => (w.Readings.HeapBytes, w.Readings.ResidentBytes) = (500 * MB, 600 * MB);

        // 300 MB more on the heap: a collection shows that nobody held them.
        w.Readings.HeapBytes = w.Readings.CommittedBytes = 800 * MB;
        w.At(0.9);
        Assert.Equal(["background"], w.Done);
        Assert.Empty(cache.Asked);
        for (int i = 0; i < 30; i++)
        {
            w.After(1);
        }

        Assert.Empty(cache.Asked);
        Assert.Equal(MemoryPressureLevel.Normal, w.Watchdog.Level);
    }

    [Fact]
    public void Given_NotYetCollected_IsNotAskedForAgain()
    {
        using var w = new Scripted(o => o.GcPolicy = GcPolicy.Never);
        var cache = new FakeConsumer(800 * MB);
        using IDisposable registration = w.Watchdog.Register(cache);
        w.At(0.86);
        Assert.Equal([110 * MB], cache.Asked);
        w.At(0.86);
        w.At(0.86);
        Assert.Single(cache.Asked);

        // A collection that began after they were given has taken them away, and still it is too much.
        (w.Begun, w.LastFull) = (7, 7);
        w.At(0.86);
        Assert.Equal(2, cache.Asked.Count);
    }

    [Fact]
    public void Slack_IsNotAskedForButCollected()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(300 * MB);
        using IDisposable registration = w.Watchdog.Register(cache);
        w.Readings.HeapBytes = 400 * MB;
        w.Readings.CommittedBytes = 700 * MB;
        w.At(0.88);
        Assert.Empty(cache.Asked);
        Assert.Equal(["aggressive"], w.Done);
    }

    [Fact]
    public void Regrowth_WithinTheDwell_IsTakenAndNotMore()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(600 * MB);
        using IDisposable registration = w.Watchdog.Register(cache);
        w.Readings.HeapBytes = w.Readings.CommittedBytes = 600 * MB;
        w.Collected = () => w.Readings.HeapBytes = cache.UsedBytes;
        w.At(0.77);
        w.At(0.77);
        w.At(0.77);
        long after = cache.UsedBytes;
        Assert.True(after < 600 * MB);
        int asked = cache.Asked.Count;

        // Something else grows: the cache has given its part for this dwell.
        w.At(0.79);
        Assert.Equal(after, cache.UsedBytes);
        cache.UsedBytes += 30 * MB;
        w.Readings.HeapBytes += 30 * MB;
        w.At(0.79);
        w.At(0.79);
        Assert.InRange(cache.UsedBytes, after, after + MB);
        Assert.True(cache.Asked.Count > asked);
    }

    [Fact]
    public void Calm_InsideTheBand_OneMoreRoundEndsTheWarning()
    {
        using var w = new Scripted(o => o.GcPolicy = GcPolicy.Never);
        var cache = new FakeConsumer(600 * MB);
        using IDisposable registration = w.Watchdog.Register(cache);
        long others = 170 * MB;
        for (int i = 0; i < 40; i++)
        {
            w.At((others + cache.UsedBytes) / (double)Scripted.Limit);
            (w.Begun, w.LastFull) = (w.Begun + 1, w.Begun + 1);
        }

        Assert.Equal(MemoryPressureLevel.Normal, w.Watchdog.Level);
        Assert.Equal(690 * MB, others + cache.UsedBytes);
        Assert.Equal(2, cache.Asked.Count);
    }

    [Fact]
    public void Throwing_Consumer_CostsTheOthersNothingAndIsLeftAloneForAWhile()
    {
        using var w = new Scripted(o => (o.Dwell, o.GcPolicy) = (TimeSpan.FromSeconds(10), GcPolicy.Never));
        var bad = new FakeConsumer(500 * MB) { Reclaiming = () => throw new InvalidOperationException() };
        var good = new FakeConsumer(500 * MB);
        using IDisposable a = w.Watchdog.Register(bad);
        using IDisposable b = w.Watchdog.Register(good);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(w.Watchdog.Reclaim(10 * MB) >= 0);
        }

        Assert.Equal(3, w.Watchdog.Statistics.ConsumerFailures);
        int asked = bad.Asked.Count;
        Assert.Equal(10 * MB, w.Watchdog.Reclaim(10 * MB));
        Assert.Equal(asked, bad.Asked.Count);
        w.Clock.Advance(TimeSpan.FromSeconds(10));
        w.Watchdog.Reclaim(400 * MB);
        Assert.Equal(asked + 1, bad.Asked.Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(50_000_000)]
    public void Lying_Consumer_IsBelievedNothingAndCounted(long lie)
    {
        using var w = new Scripted();
        using IDisposable a = w.Watchdog.Register(new FakeConsumer(500 * MB) { Lie = lie });
        var kept = new FakeConsumer(100 * MB);
        Assert.Equal(0, w.Watchdog.Reclaim(50 * MB));
        Assert.Equal((1, 0), (w.Watchdog.Statistics.ConsumerFailures, w.Watchdog.Statistics.ReclaimedBytes));
        GC.KeepAlive(kept);
    }

    [Fact]
    public void Consumer_ThatGivesLittleAndSaysMuch_IsBelievedWhatIsSeen()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(500 * MB) { Lie = 400 * MB };
        cache.Reclaiming = () => cache.UsedBytes -= 10 * MB;
        using IDisposable registration = w.Watchdog.Register(cache);
        Assert.Equal(10 * MB, w.Watchdog.Reclaim(400 * MB));
        cache.Reclaiming = () => cache.UsedBytes = 0;
        cache.Lie = 600 * MB;
        Assert.Equal(490 * MB, w.Watchdog.Reclaim(600 * MB));
        Assert.Equal((2, 500 * MB), (w.Watchdog.Statistics.ConsumerFailures, w.Watchdog.Statistics.ReclaimedBytes));
    }

    [Fact]
    public void Consumer_ThatOthersFillMeanwhile_IsNoLiar()
    {
        using var w = new Scripted();
        var first = new FakeConsumer(100 * MB);
        var second = new FakeConsumer(100 * MB);
        using IDisposable a = w.Watchdog.Register(first);
        using IDisposable b = w.Watchdog.Register(second);

        // After it was looked at and before it is asked; and while it gives.
        first.Reclaiming = () => second.UsedBytes += 90 * MB;
        second.Reclaiming = () => second.UsedBytes += 40 * MB;
        Assert.Equal(200 * MB, w.Watchdog.Reclaim(200 * MB));
        Assert.Equal((0, 200 * MB), (w.Watchdog.Statistics.ConsumerFailures, w.Watchdog.Statistics.ReclaimedBytes));
    }

    [Fact]
    public void Registration_OfSeveral_WithdrawsItsOwnGuaranteeAndOnce()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(100 * MB);
        IDisposable high = w.Watchdog.Register(cache, 60 * MB);
        IDisposable low = w.Watchdog.Register(cache, 20 * MB);
        using IDisposable same = w.Watchdog.Register(cache, 20 * MB);
        high.Dispose();
        low.Dispose();
        low.Dispose();
        Assert.Equal([cache], w.Watchdog.Consumers);
        Assert.Equal(80 * MB, w.Watchdog.Reclaim(1000 * MB));
    }

    [Fact]
    public void Consumer_WhoseFiguresMakeNoSense_IsCountedAndNotAsked()
    {
        using var w = new Scripted();
        FakeConsumer[] bad =
        [
            new(-5), new(100) { Reclaimable = -1 }, new(100) { Priority = (ReclaimPriority)77 }, new(100) { Failure = new InvalidOperationException() },
        ];
        IDisposable[] registrations = [.. bad.Select(c => w.Watchdog.Register(c))];
        Assert.Equal(0, w.Watchdog.Reclaim(10));
        Assert.All(bad, c => Assert.Empty(c.Asked));
        Assert.Equal(4, w.Watchdog.Statistics.ConsumerFailures);
        GC.KeepAlive(registrations);
    }

    [Fact]
    public void Reclaim_OnRequest_KeepsGuaranteesAndValidates()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(100 * MB);
        using (w.Watchdog.Register(cache, 60 * MB))
        {
            using IDisposable twice = w.Watchdog.Register(cache, 20 * MB);
            Assert.Equal([cache], w.Watchdog.Consumers);
            Assert.Equal(40 * MB, w.Watchdog.Reclaim(1000 * MB));
        }

        Assert.Empty(w.Watchdog.Consumers);
        Assert.Equal(0, w.Watchdog.Reclaim(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => w.Watchdog.Reclaim(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => w.Watchdog.Register(cache, -1));
        Assert.Throws<ArgumentNullException>(() => w.Watchdog.Register(null!));
        Assert.Throws<ArgumentNullException>(() => w.Watchdog.OnLevelChanged(null!));
    }

    [Fact]
    public void Consumers_ThatDie_AreForgotten()
    {
        using var w = new Scripted();
        RegisterAndDrop(w.Watchdog);
        var kept = new FakeConsumer(1);
        using IDisposable registration = w.Watchdog.Register(kept);
        for (int i = 0; i < 10 && CountOf(w.Watchdog) > 1; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal([kept], w.Watchdog.Consumers);
    }

    [Fact]
    public void Consumers_AreCalledUnderNoLock()
    {
        using var w = new Scripted();
        var cache = new FakeConsumer(500 * MB, name: "b");
        var other = new FakeConsumer(1, name: "a");
        using IDisposable registration = w.Watchdog.Register(cache);
        bool hasEnded = false;
        cache.Reclaiming = () => hasEnded = Task.Factory.StartNew(
            () =>
            {
                w.Watchdog.Register(other);
                _ = (w.Watchdog.Sample, w.Watchdog.Statistics, w.Watchdog.Consumers);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Wait(Support.Patience.Limit);
        w.At(0.96);
        Assert.True(hasEnded);
        Assert.Equal(["a", "b"], w.Watchdog.Consumers.Select(c => c.Name));
    }

    /// <summary>In a method of its own, so that no list of them lives on in a register or on the stack.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int CountOf(MemoryWatchdog watchdog) => watchdog.Consumers.Count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RegisterAndDrop(MemoryWatchdog watchdog)
    {
        for (int i = 0; i < 200; i++)
        {
            watchdog.Register(new FakeConsumer(1));
        }
    }
}
