using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Watchdog;

public class WatchdogThreadTests
{
    [Fact]
    public void Start_OtherClock_SamplesAtOnceAndWheneverItsIntervalIsOver()
    {
        using var w = new Scripted(o => o.MinInterval = o.MaxInterval = TimeSpan.FromSeconds(1));
        w.Watchdog.Start();
        for (int i = 1; i <= 5; i++)
        {
            Patience.Until(() => w.Watchdog.Statistics.Samples == i && w.Clock.Timers == 1);
            w.Clock.Advance(TimeSpan.FromMilliseconds(999));
            Assert.Equal(i, w.Watchdog.Statistics.Samples);
            w.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public void Start_Twice_Throws()
    {
        using var w = new Scripted();
        w.Watchdog.Start();
        Assert.Throws<InvalidOperationException>(w.Watchdog.Start);
    }

    [Fact]
    public void Dispose_Running_EndsTheThreadAndTheTimer()
    {
        var w = new Scripted();
        w.Watchdog.Start();
        Patience.Until(() => w.Clock.Timers == 1);
        w.Dispose();
        Assert.Equal(0, w.Clock.Timers);
        long samples = w.Watchdog.Statistics.Samples;
        w.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(samples, w.Watchdog.Statistics.Samples);
    }

    [Fact]
    public void Dispose_FromACallback_DoesNotWaitForItself()
    {
        using var ended = new ManualResetEventSlim();
        var w = new Scripted();
        w.Readings.ResidentBytes = Scripted.Limit;
        using IDisposable callback = w.Watchdog.OnLevelChanged(_ =>
        {
            w.Dispose();
            ended.Set();
        });
        w.Watchdog.Start();
        ended.Soon();
    }

    [Fact]
    public void Thread_SystemClock_SurvivesWhatProbesThrow()
    {
        using var w = new Scripted(o => (o.TimeProvider, o.MinInterval, o.MaxInterval) = (TimeProvider.System, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)));
        w.Failure = new IOException();
        w.Watchdog.Start();
        Patience.Until(() => w.Watchdog.Statistics.ProbeFailures >= 3);
    }

    [Fact]
    public void Readers_WhileItSamples_NeverSeeHalfOfASample()
    {
        using var w = new Scripted();
        long next = 0;
        Threaded.RunWatched(
            [
                () =>
                {
                    // Nothing is slack here: the resident set is all live, and in no budget.
                    MemorySample sample = w.Watchdog.Sample;
                    Assert.Equal((sample.ResidentBytes ?? 0, sample.LiveBytes), (sample.LiveBytes, sample.UnaccountedBytes));
                },
            ],
            () =>
            {
                for (int i = 0; i < 20_000; i++)
                {
                    w.Readings.ResidentBytes = ++next;
                    w.Watchdog.Evaluate();
                }
            });
        Assert.Equal(20_000, w.Watchdog.Sample.ResidentBytes);
    }

    /// <summary>Beside a thread that does nothing but sleep as long: what delays both is the machine.</summary>
    [Fact]
    public async Task Pool_WithoutAFreeThread_DoesNotDelayIt()
    {
        (int exitCode, string output) = await TestHostProcess.RunAsync("watchdog-starved");
        Assert.True(exitCode == 0, output);
    }
}
