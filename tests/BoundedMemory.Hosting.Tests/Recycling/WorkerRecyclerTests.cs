using BoundedMemory.Hosting.Tests.Support;
using BoundedMemory.Tests.Support;
using BoundedMemory.Tests.Watchdog;
using Microsoft.Extensions.Logging;

namespace BoundedMemory.Hosting.Tests.Recycling;

public class WorkerRecyclerTests
{
    [Fact]
    public void Requests_ReachingTheirNumber_StopTheApplicationOnceOnAThreadOfItsOwn()
    {
        using var r = new Recycled(o => (o.MaxRequests, o.Jitter) = (5, 0));
        r.Complete(4);
        Assert.False(r.Recycler.IsRequested);
        r.Complete(1);
        Assert.True(r.Recycler.IsRecycling);
        Assert.Equal("5 requests were completed", r.Recycler.Reason);
        r.Complete(20);
        r.ExpectOneStop();
        Assert.NotEqual(Thread.CurrentThread, r.Lifetime.StoppedOn);
        Assert.Equal(25, r.Recycler.CompletedRequests);
        Assert.Equal((LogLevel.Warning, "The worker is recycled: 5 requests were completed. The application stops after 00:00:00 and 5 requests."), Assert.Single(r.Log.Of(3)));
    }

    [Theory]
    [InlineData(1000, 0.0, 0.0, 1000)]
    [InlineData(1000, 0.1, 0.0, 900)]
    [InlineData(1000, 0.1, 0.5, 1000)]
    [InlineData(1000, 0.1, 0.999999, 1100)]
    [InlineData(10, 1.0, 0.0, 1)]
    [InlineData(1_000_000_000_000, 1.0, 0.9999999999, 2_000_000_000_000)]
    public void MaxRequests_WithJitter_IsDrawnOnceFromThatRange(long most, double jitter, double drawn, long expected)
    {
        using var r = new Recycled(o => (o.MaxRequests, o.Jitter, o.Random) = (most, jitter, new FixedRandom(drawn)));
        Assert.Equal(expected, r.Recycler.MaxRequests!.Value, tolerance: most / 1_000_000);
    }

    [Fact]
    public void MaxRequests_OfManyWorkers_IsSpreadOverTheRange()
    {
        var random = new Random(7);
        var drawn = new List<long>();
        for (int i = 0; i < 1000; i++)
        {
            using var r = new Recycled(o => (o.MaxRequests, o.Random) = (100_000, random));
            drawn.Add(r.Recycler.MaxRequests!.Value);
        }

        Assert.InRange(drawn.Min(), 95_000, 95_200);
        Assert.InRange(drawn.Max(), 104_800, 105_000);
        Assert.InRange(drawn.Average(), 99_500, 100_500);
    }

    [Fact]
    public void Requests_WithoutALimit_AreCountedAndNothingElse()
    {
        using var r = new Recycled();
        r.Complete(1000);
        Assert.Equal((null, 1000L, false), (r.Recycler.MaxRequests, r.Recycler.CompletedRequests, r.Recycler.IsRequested));
        Assert.Equal(0, Allocations.Of(r.Recycler.RequestCompleted));
    }

    [Fact]
    public void RequestRecycle_BeforeTheMinimumUptime_WaitsUntilThen()
    {
        using var r = new Recycled(o => o.MinUptime = TimeSpan.FromSeconds(60));
        r.Watched.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.True(r.Recycler.RequestRecycle("first"));
        Assert.False(r.Recycler.RequestRecycle("second"));
        Assert.Equal((true, false, "first"), (r.Recycler.IsRequested, r.Recycler.IsRecycling, r.Recycler.Reason));
        Assert.Equal((LogLevel.Information, "The worker is to be recycled: first. It goes on for 00:00:40, until its minimum uptime."), Assert.Single(r.Log.Of(2)));
        r.Watched.Clock.Advance(TimeSpan.FromSeconds(39.999));
        Assert.False(r.Recycler.IsRecycling);
        r.Watched.Clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.True(r.Recycler.IsRecycling);
        Assert.False(r.Recycler.RequestRecycle("third"));
        r.ExpectOneStop();
        Assert.Equal("first", r.Recycler.Reason);
    }

    [Fact]
    public void RequestRecycle_AfterTheMinimumUptime_IsAtOnce()
    {
        using var r = new Recycled(o => o.MinUptime = TimeSpan.FromSeconds(60));
        r.Watched.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.True(r.Recycler.RequestRecycle("now"));
        Assert.True(r.Recycler.IsRecycling);
        Assert.Empty(r.Log.Of(2));
        r.ExpectOneStop();
    }

    [Fact]
    public void Level_HeldForLongEnough_Recycles()
    {
        using var r = new Recycled(o => (o.Level, o.LevelFor) = (MemoryPressureLevel.Critical, TimeSpan.FromSeconds(30)));
        r.Watched.At(0.8);
        r.Watched.At(0.8);
        r.Watched.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.False(r.Recycler.IsRequested);
        r.Watched.At(0.9);
        r.Watched.At(0.97, seconds: 20);
        r.Watched.Clock.Advance(TimeSpan.FromSeconds(9.999));
        Assert.False(r.Recycler.IsRequested);
        r.Watched.Clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Equal("memory pressure has been Critical or above for 00:00:30", r.Recycler.Reason);
        r.ExpectOneStop();
    }

    [Fact]
    public void Level_LeftInBetween_BeginsAnew()
    {
        using var r = new Recycled(o => (o.Level, o.LevelFor) = (MemoryPressureLevel.Critical, TimeSpan.FromSeconds(60)));
        for (int round = 0; round < 3; round++)
        {
            r.Watched.At(0.9, seconds: 1);
            for (int i = 0; i < 40; i++)
            {
                r.Watched.At(0.1);
            }

            Assert.Equal(MemoryPressureLevel.Normal, r.Watched.Watchdog.Level);
            r.Watched.Clock.Advance(TimeSpan.FromSeconds(100));
            Assert.False(r.Recycler.IsRequested);
        }

        r.Watched.At(0.9);
        r.Watched.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.True(r.Recycler.IsRecycling);
    }

    [Fact]
    public void Level_ReachedBeforeTheRecyclerWasThere_CountsFromThen()
    {
        using var w = new Scripted();
        w.At(0.9);
        using var r = new Recycled(o => (o.Level, o.LevelFor) = (MemoryPressureLevel.Critical, TimeSpan.FromSeconds(30)), w);
        w.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(r.Recycler.IsRecycling);
    }

    [Fact]
    public void Level_WithoutADuration_IsAtOnceButNotBeforeTheMinimumUptime()
    {
        using var r = new Recycled(o => (o.Level, o.LevelFor, o.MinUptime) = (MemoryPressureLevel.Abort, TimeSpan.Zero, TimeSpan.FromMinutes(10)));
        r.Watched.At(0.97);
        r.Watched.Clock.Advance(TimeSpan.Zero);
        Assert.Equal((true, false), (r.Recycler.IsRequested, r.Recycler.IsRecycling));

        // It is not taken back should memory be there again.
        for (int i = 0; i < 60; i++)
        {
            r.Watched.At(0.1);
        }

        r.Watched.Clock.Advance(TimeSpan.FromMinutes(10));
        r.ExpectOneStop();
    }

    [Fact]
    public void Disposed_NothingStopsAnyMore()
    {
        using var r = new Recycled(o => (o.MinUptime, o.Level, o.LevelFor) = (TimeSpan.FromSeconds(60), MemoryPressureLevel.Critical, TimeSpan.FromSeconds(1)));
        r.Recycler.RequestRecycle("before");
        r.Recycler.Dispose();
        r.Recycler.Dispose();
        r.Watched.At(0.97);
        r.Watched.Clock.Advance(TimeSpan.FromHours(1));
        r.Complete(3);
        Assert.Equal((false, 0), (r.Recycler.IsRecycling, r.Watched.Clock.Timers));
    }

    [Fact]
    public void Disposed_WhileALevelIsHeld_WaitsForNothingAndTakesNoRequest()
    {
        using var r = new Recycled(o => (o.Level, o.LevelFor) = (MemoryPressureLevel.Critical, TimeSpan.FromSeconds(10)));
        r.Watched.At(0.97);
        Assert.Equal(1, r.Watched.Clock.Timers);
        r.Recycler.Dispose();
        Assert.Equal(0, r.Watched.Clock.Timers);
        r.Watched.Clock.Advance(TimeSpan.FromHours(1));
        Assert.False(r.Recycler.RequestRecycle("after"));
        Assert.Null(r.Recycler.Reason);
    }

    [Fact]
    public void StopApplication_Throwing_IsLogged()
    {
        using var r = new Recycled();
        r.Lifetime.Failure = new InvalidOperationException("no");
        r.Recycler.RequestRecycle("x");
        Patience.Until(() => r.Log.Of(4).Any());
        Assert.Equal(LogLevel.Error, Assert.Single(r.Log.Of(4)).Level);
    }

    /// <summary>The number of requests is reached, the level's time is over, the minimum uptime passes, and four threads ask for it, all at once.</summary>
    [Fact]
    public void Recycling_AskedForByEverythingAtOnce_StopsExactlyOnce()
    {
        for (int round = 0; round < 300; round++)
        {
            using var r = new Recycled(o =>
            {
                (o.MaxRequests, o.Jitter) = (100, 0);
                (o.Level, o.LevelFor) = (MemoryPressureLevel.Critical, TimeSpan.FromSeconds(1));
                o.MinUptime = TimeSpan.FromSeconds(round % 3);
            });
            int firsts = 0;
            Threaded.Run(
                () => r.Complete(60),
                () => r.Complete(60),
                () => r.Watched.At(0.9, seconds: 0),
                () => r.Watched.Clock.Advance(TimeSpan.FromSeconds(2)),
                Ask,
                Ask);
            r.Watched.Clock.Advance(TimeSpan.FromMinutes(1));
            r.ExpectOneStop();
            Assert.InRange(firsts, 0, 1);
            Assert.True(firsts == 1 == r.Recycler.Reason!.StartsWith("by ", StringComparison.Ordinal));

            void Ask()
            {
                if (r.Recycler.RequestRecycle($"by {Environment.CurrentManagedThreadId}"))
                {
                    Interlocked.Increment(ref firsts);
                }
            }
        }
    }

    public static TheoryData<string, Action<WorkerRecyclingOptions>> OutOfRange => new()
    {
        { "MaxRequests", o => o.MaxRequests = 0 },
        { "MaxRequests", o => o.MaxRequests = 1_000_000_000_001 },
        { "Jitter", o => o.Jitter = -0.01 },
        { "Jitter", o => o.Jitter = 1.01 },
        { "Jitter", o => o.Jitter = double.NaN },
        { "Level", o => o.Level = MemoryPressureLevel.Normal },
        { "Level", o => o.Level = (MemoryPressureLevel)4 },
        { "LevelFor", o => o.LevelFor = TimeSpan.FromTicks(-1) },
        { "LevelFor", o => o.LevelFor = TimeSpan.FromDays(2) },
        { "MinUptime", o => o.MinUptime = TimeSpan.FromTicks(-1) },
        { "MinUptime", o => o.MinUptime = TimeSpan.FromDays(2) },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Constructor_ValueOutOfItsRange_ThrowsNamingIt(string option, Action<WorkerRecyclingOptions> set)
    {
        using var w = new Scripted();
        var options = new WorkerRecyclingOptions();
        set(options);
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerRecycler(options, new FakeLifetime(), w.Watchdog));
        Assert.Equal(option, thrown.ParamName);
        Assert.True(new WorkerRecyclingOptionsValidator().Validate(null, options).Failed);
    }

    [Fact]
    public void BadInput_IsRefusedByName()
    {
        var lifetime = new FakeLifetime();
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => new WorkerRecycler(null!, lifetime)).ParamName);
        Assert.Equal("lifetime", Assert.Throws<ArgumentNullException>(() => new WorkerRecycler(new(), null!)).ParamName);
        Assert.Equal("Level", Assert.Throws<ArgumentException>(() => new WorkerRecycler(new() { Level = MemoryPressureLevel.Abort }, lifetime)).ParamName);
        Assert.Equal("Random", Assert.Throws<ArgumentException>(() => new WorkerRecycler(new() { Random = null! }, lifetime)).ParamName);
        Assert.Equal("TimeProvider", Assert.Throws<ArgumentException>(() => new WorkerRecycler(new() { TimeProvider = null! }, lifetime)).ParamName);
        using var recycler = new WorkerRecycler(new(), lifetime);
        Assert.Equal("reason", Assert.Throws<ArgumentNullException>(() => recycler.RequestRecycle(null!)).ParamName);
        Assert.Equal("reason", Assert.Throws<ArgumentException>(() => recycler.RequestRecycle(" ")).ParamName);
    }

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }

    /// <summary>A recycler without a minimum uptime, a clock and a level that the test moves.</summary>
    private sealed class Recycled : IDisposable
    {
        public Recycled(Action<WorkerRecyclingOptions>? configure = null, Scripted? watched = null)
        {
            Watched = watched ?? new Scripted();
            var options = new WorkerRecyclingOptions { MinUptime = TimeSpan.Zero, TimeProvider = Watched.Clock };
            configure?.Invoke(options);
            Recycler = new WorkerRecycler(options, Lifetime, Watched.Watchdog, Log);
        }

        public Scripted Watched { get; }

        public FakeLifetime Lifetime { get; } = new();

        public LogCapture<WorkerRecycler> Log { get; } = new();

        public WorkerRecycler Recycler { get; }

        public void Complete(int requests)
        {
            for (int i = 0; i < requests; i++)
            {
                Recycler.RequestCompleted();
            }
        }

        /// <summary>Each stop is logged before its thread begins.</summary>
        public void ExpectOneStop()
        {
            Patience.Until(() => Lifetime.Stops > 0);
            Assert.Single(Log.Of(3));
            Assert.Equal(1, Lifetime.Stops);
        }

        public void Dispose()
        {
            Recycler.Dispose();
            Watched.Dispose();
        }
    }
}
