using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Watchdog;

public class PressureLevelsPropertyTests
{
    private static readonly double[] EnterAt = [0, 0.75, 0.85, 0.95];

    private static readonly Gen<(int Percent, int Milliseconds)[]> Histories =
        (from percent in Gen.Frequency((4, Gen.Choose(60, 100)), (1, Gen.Choose(0, 130)))
         from milliseconds in Gen.Frequency((4, Gen.Choose(250, 2_000)), (1, Gen.Choose(250, 15_000)))
         select (percent, milliseconds)).ArrayOf();

    [Fact]
    public void AnyHistory_LevelsAreNotBelowTheUtilisation_AndFallOnlyAfterADwellBelow() => Check(history =>
    {
        using var w = new Scripted();
        var samples = new List<(TimeSpan At, double Utilization)>();
        TimeSpan now = TimeSpan.Zero;
        MemoryPressureLevel before = MemoryPressureLevel.Normal;
        foreach ((int percent, int milliseconds) in history)
        {
            now += TimeSpan.FromMilliseconds(milliseconds);
            samples.Add((now, percent / 100.0));
            MemoryPressureLevel level = w.At(percent / 100.0, milliseconds / 1000.0);
            int reached = EnterAt.Count(enter => percent / 100.0 >= enter) - 1;
            Assert.True((int)level >= reached || (reached == 1 && level == MemoryPressureLevel.Normal));
            for (int left = (int)level + 1; left <= (int)before; left++)
            {
                Assert.All(samples.Where(s => s.At >= now - w.Options.Dwell), s => Assert.True(s.Utilization < EnterAt[left] - w.Options.Hysteresis));
                Assert.True(samples[0].At <= now - w.Options.Dwell);
            }

            before = level;
        }
    });

    [Fact]
    public void InsideTheBand_AnyHistory_ChangesNothing() => Check(history =>
    {
        for (int level = 1; level < 4; level++)
        {
            // Slowly, so that growth does not promote.
            using var w = new Scripted(o => o.MinInterval = o.MaxInterval = TimeSpan.FromMilliseconds(10));
            w.At(EnterAt[level] + 0.01, 100);
            w.At(EnterAt[level] + 0.01, 100);
            long transitions = w.Watchdog.Statistics.Transitions;
            foreach ((int percent, int milliseconds) in history)
            {
                w.At(EnterAt[level] - (percent % 5 / 100.0), 10 + (milliseconds / 1000.0));
                Assert.Equal((level, transitions), ((int)w.Watchdog.Level, w.Watchdog.Statistics.Transitions));
            }
        }
    });

    [Fact]
    public void SameReadings_MakeTheSameLevelsAndActions() => Check(history =>
    {
        Assert.Equal(Run(), Run());

        List<string> Run()
        {
            using var w = new Scripted();
            var cache = new FakeConsumer(700 * Scripted.MB);
            using IDisposable registration = w.Watchdog.Register(cache, 50 * Scripted.MB);
            var log = new List<string>();
            foreach ((int percent, int milliseconds) in history)
            {
                MemoryPressureLevel level = w.At(percent / 100.0, milliseconds / 1000.0);
                log.Add($"{level} {cache.UsedBytes} {w.Done.Count} {w.Watchdog.Interval} {w.Watchdog.Statistics}");
            }

            return log;
        }
    });

    [Fact]
    public void BelowAbort_AnyHistory_KeepsGuaranteesAndTakesOneShareInADwell() => Check(history =>
    {
        using var w = new Scripted();
        FakeConsumer[] consumers = [new(400 * Scripted.MB), new(200 * Scripted.MB, ReclaimPriority.Conversation), new(50 * Scripted.MB, ReclaimPriority.Disposable)];
        long[] guaranteed = [100 * Scripted.MB, 150 * Scripted.MB, 0];
        IDisposable[] registrations = [.. consumers.Zip(guaranteed, (c, g) => w.Watchdog.Register(c, g))];
        var warned = new List<(double At, long Used)>();
        double now = 0;
        foreach ((int percent, int milliseconds) in history)
        {
            now += milliseconds / 1000.0;
            long[] before = [.. consumers.Select(c => c.UsedBytes)];
            double utilization = Math.Min(percent, 94) / 100.0;
            w.At(utilization, milliseconds / 1000.0);
            for (int i = 0; i < consumers.Length; i++)
            {
                Assert.True(consumers[i].UsedBytes >= guaranteed[i]);
                Assert.True(before[i] - consumers[i].UsedBytes <= ((before[i] - guaranteed[i]) * 0.25) + 1);
            }

            // Nothing here grows by itself, so each time anything is taken is an action of its own.
            if (!before.SequenceEqual(consumers.Select(c => c.UsedBytes)))
            {
                double distance = w.Watchdog.Level == MemoryPressureLevel.Critical && utilization >= 0.80 ? 1 : 10;
                Assert.All(warned, action => Assert.True(now - action.At >= distance - 1e-6));
                warned.Add((now, 0));
            }
        }

        GC.KeepAlive(registrations);
    });

    private static void Check(Action<(int Percent, int Milliseconds)[]> property) =>
        Prop.ForAll(Histories.ToArbitrary(), property).Check(Stress.Config(endSize: 60));
}
