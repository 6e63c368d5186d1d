using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does a sample of the watchdog cost, and each of its sources?</summary>
[MemoryDiagnoser]
public class WatchdogSamples
{
    private readonly MemoryWatchdog _watchdog = new(new() { ProcessLimit = 1L << 40 });
    private readonly IMemoryProbe[] _probes = MemoryProbes.OfThisSystem();
    private readonly BoundedCache<int, int> _cache = new(new() { MaxCount = 10 });
    private readonly IDisposable _registration;

    public WatchdogSamples() => _registration = _watchdog.Register(_cache);

    /// <summary>All of it: read, decide, publish.</summary>
    [Benchmark(Baseline = true)]
    public MemoryPressureLevel Evaluate() => _watchdog.Evaluate();

    [Benchmark]
    public long Read()
    {
        var readings = new MemoryReadings { HasProcessLimit = true };
        foreach (IMemoryProbe probe in _probes)
        {
            probe.Read(ref readings);
        }

        return readings.HeapBytes;
    }

    [Benchmark]
    public long Collector()
    {
        var readings = default(MemoryReadings);
        _probes[^1].Read(ref readings);
        return readings.HeapBytes;
    }

    /// <summary>What admission reads.</summary>
    [Benchmark]
    public MemoryPressureLevel Level() => _watchdog.Level;

    [Benchmark]
    public MemorySample Sample() => _watchdog.Sample;

    [GlobalCleanup]
    public void End()
    {
        _registration.Dispose();
        _watchdog.Dispose();
    }
}
