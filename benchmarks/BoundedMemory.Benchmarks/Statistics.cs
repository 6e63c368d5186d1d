using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does looking at a cache cost? None of it is on the path of a read or a write.</summary>
[MemoryDiagnoser]
public class Statistics
{
    private readonly BoundedCache<long, object> _cache = Numbers.Filled(Numbers.Longs, o => o.MaxBytes = 1 << 20);

    [Benchmark]
    public long Count() => _cache.Count;

    [Benchmark]
    public long Bytes() => _cache.Bytes;

    [Benchmark(Baseline = true)]
    public CacheStatistics Snapshot() => _cache.Statistics;

    [Benchmark]
    public int Enumerate()
    {
        int count = 0;
        foreach (KeyValuePair<long, object> _ in _cache)
        {
            count++;
        }

        return count;
    }

    [Benchmark]
    public int ColdestTen() => _cache.Coldest(10).Count;

    [Benchmark]
    public CacheAudit? Audit() => _cache.Audit(32);
}
