using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Watchdog;

public sealed class ProcProbeTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("proc");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Files_AreParsed()
    {
        Write("proc/self/statm", "13122663 8374 7323 12 0 16751 0\n");
        Write("proc/meminfo", "MemTotal:       24683200 kB\nMemFree:         111 kB\nMemAvailable:   20000000 kB\n");
        MemoryReadings r = Read(new MemoryReadings());
        Assert.Equal(
            (8374L * Environment.SystemPageSize, 24_683_200L * 1024, 20_000_000L * 1024, 0),
            (r.ResidentBytes, r.MachineBytes, r.MachineAvailable, r.Failures));
    }

    [Fact]
    public void Available_IsReadOnlyWhereNothingElseLimits()
    {
        Write("proc/self/statm", "1 2 3\n");
        Write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 500 kB\n");
        Assert.Null(Read(new MemoryReadings { HasProcessLimit = true }).MachineAvailable);
        Assert.Equal(512_000, Read(new MemoryReadings { ContainerLimit = 2_000_000 }).MachineAvailable);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("12\n", "MemFree: 5 kB\n")]
    [InlineData("x y z\n", "MemTotal: many kB\n")]
    public void Rubbish_IsUnknownAndCounted(string statm, string meminfo)
    {
        Write("proc/self/statm", statm);
        Write("proc/meminfo", meminfo);
        MemoryReadings r = Read(new MemoryReadings());
        Assert.Equal((null, null, null, 2), (r.ResidentBytes, r.MachineBytes, r.MachineAvailable, r.Failures));
    }

    [Fact]
    public void Missing_IsUnknownAndCounted_AndFoundWhenItComes()
    {
        using var probe = new ProcProbe(_root.FullName);
        var readings = default(MemoryReadings);
        probe.Read(ref readings);
        Assert.Equal((null, 2), (readings.ResidentBytes, readings.Failures));
        Write("proc/self/statm", "1 2 3\n");
        Write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 500 kB\n");
        readings = default;
        probe.Read(ref readings);
        Assert.Equal((2L * Environment.SystemPageSize, 0), (readings.ResidentBytes, readings.Failures));
    }

    [Theory]
    [InlineData("some avg10=12.50 avg60=0.00 avg300=0.00 total=0\nfull avg10=1.00 avg60=0.00 avg300=0.00 total=0\n", 0.125, 0)]
    [InlineData("some avg10=0.00 avg60=9.00", 0.0, 0)]
    [InlineData("full avg10=3.00\n", null, 1)]
    [InlineData("some avg10=nonsense\n", null, 1)]
    [InlineData("some avg10=170.00\n", null, 1)]
    public void Psi_OfTheMachine_IsParsed(string text, double? stall, int failures)
    {
        Write("proc/pressure/memory", text);
        MemoryReadings r = ReadPsi(cgroup: false);
        Assert.Equal((stall, failures), (r.Stall, r.Failures));
    }

    [Fact]
    public void Psi_Absent_IsNullAndNoFailure()
    {
        MemoryReadings r = ReadPsi(cgroup: false);
        Assert.Equal((null, 0), (r.Stall, r.Failures));
    }

    [Fact]
    public void Psi_OfTheContainer_IsPreferred()
    {
        Write("proc/self/cgroup", "0::/app\n");
        Write("proc/self/mountinfo", "30 23 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        Write("sys/fs/cgroup/app/memory.current", "1\n");
        Write("sys/fs/cgroup/app/memory.pressure", "some avg10=50.00 avg60=0.00 avg300=0.00 total=0\n");
        Write("proc/pressure/memory", "some avg10=1.00 avg60=0.00 avg300=0.00 total=0\n");
        Assert.Equal(0.5, ReadPsi(cgroup: true).Stall);
    }

    [Fact]
    public void ThisMachine_ReadingsAreSane()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var watchdog = new MemoryWatchdog(new() { ProcessLimit = 1L << 40 });
        watchdog.Evaluate();
        MemorySample s = watchdog.Sample;
        Assert.Equal(0, watchdog.Statistics.ProbeFailures);
        Assert.InRange(s.ResidentBytes!.Value, 20L << 20, 64L << 30);
        Assert.InRange(s.ResidentBytes.Value, Environment.WorkingSet / 3, Environment.WorkingSet * 3);
        Assert.InRange(s.HeapBytes, 1L << 20, s.ResidentBytes.Value * 2);
        Assert.InRange(s.LiveBytes + s.SlackBytes, s.ResidentBytes.Value, s.ResidentBytes.Value + s.SlackBytes);
        Assert.True(s.Stall is null or (>= 0 and <= 1));
        Assert.True(s.ContainerLimit is null || s.ContainerBytes > 0);
    }

    [Fact]
    public void Sample_OfThisMachine_AllocatesAtMost300Bytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var watchdog = new MemoryWatchdog(new() { ProcessLimit = 1L << 40 });
        var consumer = new FakeConsumer(1000);
        using IDisposable registration = watchdog.Register(consumer);
        Assert.InRange(Allocations.Of(() => watchdog.Evaluate()), 1, 300);
    }

    private MemoryReadings Read(MemoryReadings readings)
    {
        using var probe = new ProcProbe(_root.FullName);
        probe.Read(ref readings);
        MemoryReadings again = readings with { ResidentBytes = null, MachineAvailable = null, MachineBytes = null, Failures = 0 };
        probe.Read(ref again);
        return again;
    }

    private MemoryReadings ReadPsi(bool cgroup)
    {
        using var group = new CgroupProbe(_root.FullName);
        using var probe = new PsiProbe(_root.FullName, cgroup ? group : null);
        var readings = default(MemoryReadings);
        group.Read(ref readings);
        probe.Read(ref readings);
        return readings;
    }

    private void Write(string path, string content)
    {
        string full = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }
}
