namespace BoundedMemory.Tests.Watchdog;

public class WatchdogOptionsTests
{
    public static TheoryData<string, Action<MemoryWatchdogOptions>> OutOfRange => new()
    {
        { "ProcessLimit", o => o.ProcessLimit = 1000 },
        { "WarningAt", o => o.WarningAt = 0 },
        { "WarningAt", o => o.WarningAt = double.NaN },
        { "CriticalAt", o => o.CriticalAt = 1.5 },
        { "AbortAt", o => o.AbortAt = -1 },
        { "WarningBytes", o => o.WarningBytes = 0 },
        { "CriticalBytes", o => o.CriticalBytes = 0 },
        { "AbortBytes", o => o.AbortBytes = -3 },
        { "Hysteresis", o => o.Hysteresis = -0.1 },
        { "Hysteresis", o => o.Hysteresis = 0.6 },
        { "Hysteresis", o => o.Hysteresis = double.NaN },
        { "Dwell", o => o.Dwell = TimeSpan.FromHours(2) },
        { "Dwell", o => o.Dwell = TimeSpan.FromTicks(-1) },
        { "MinInterval", o => o.MinInterval = TimeSpan.FromMilliseconds(1) },
        { "MinInterval", o => o.MinInterval = TimeSpan.FromSeconds(11) },
        { "MaxInterval", o => o.MaxInterval = TimeSpan.FromHours(2) },
        { "MaxReclaimShare", o => o.MaxReclaimShare = 0 },
        { "MaxReclaimShare", o => o.MaxReclaimShare = 1.1 },
        { "GcPolicy", o => o.GcPolicy = (GcPolicy)7 },
    };

    public static TheoryData<string, Action<MemoryWatchdogOptions>> Wrong => new()
    {
        { "Name", o => o.Name = " " },
        { "Name", o => o.Name = "a/b" },
        { "WarningAt", o => o.WarningAt = 0.9 },
        { "CriticalAt", o => o.CriticalAt = 0.96 },
        { "WarningBytes", o => (o.WarningBytes, o.CriticalBytes) = (5, 5) },
        { "CriticalBytes", o => (o.CriticalBytes, o.AbortBytes) = (6, 5) },
        { "WarningBytes", o => (o.WarningBytes, o.AbortBytes) = (6, 5) },
        { "Hysteresis", o => (o.WarningAt, o.Hysteresis) = (0.2, 0.3) },
        { "TimeProvider", o => o.TimeProvider = null! },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Constructor_ValueOutOfItsRange_ThrowsNamingIt(string option, Action<MemoryWatchdogOptions> set)
    {
        var options = new MemoryWatchdogOptions();
        set(options);
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryWatchdog(options));
        Assert.Equal(option, thrown.ParamName);
        Assert.StartsWith($"{option} must be", thrown.Message, StringComparison.Ordinal);
        Assert.True(new MemoryWatchdogOptionsValidator().Validate(null, options).Failed);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Constructor_OptionMissingOrInContradiction_ThrowsNamingIt(string option, Action<MemoryWatchdogOptions> set)
    {
        var options = new MemoryWatchdogOptions();
        set(options);
        Assert.Equal(option, Assert.Throws<ArgumentException>(() => new MemoryWatchdog(options)).ParamName);
    }

    [Fact]
    public void Constructor_Defaults_AreValidAndCopied()
    {
        Assert.Throws<ArgumentNullException>(() => new MemoryWatchdog(null!));
        var options = new MemoryWatchdogOptions();
        Assert.True(new MemoryWatchdogOptionsValidator().Validate(null, options).Succeeded);
        using var watchdog = new MemoryWatchdog(options);
        options.Name = "changed";
        Assert.Equal(("process", MemoryPressureLevel.Normal), (watchdog.Name, watchdog.Level));
    }

    [Fact]
    public void Disposed_ThrowsWhereSomethingIsAskedOfIt_AndKeepsWhatItKnows()
    {
        var w = new Scripted();
        w.At(0.9);
        w.Dispose();
        w.Dispose();
        Assert.Equal((MemoryPressureLevel.Critical, 1), (w.Watchdog.Level, w.Watchdog.Statistics.Samples));
        Assert.Equal(0.9, w.Watchdog.Sample.Utilization);
        Assert.Throws<ObjectDisposedException>(() => w.Watchdog.Evaluate());
        Assert.Throws<ObjectDisposedException>(() => w.Watchdog.Start());
        Assert.Throws<ObjectDisposedException>(() => w.Watchdog.Reclaim(1));
        Assert.Throws<ObjectDisposedException>(() => w.Watchdog.Register(new FakeConsumer(1)));
        Assert.Throws<ObjectDisposedException>(() => w.Watchdog.OnLevelChanged(_ => { }));
    }
}
