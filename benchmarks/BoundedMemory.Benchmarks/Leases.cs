using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does it cost to hold an entry in place, compared with reading it?</summary>
[MemoryDiagnoser]
public class Leases
{
    private readonly BoundedCache<long, object> _cache = Numbers.Filled(Numbers.Longs);
    private readonly BoundedCache<long, object> _disposing = Numbers.Filled(Numbers.Longs, o => o.DisposeValues = true);
    private int _next;

    private long Key => Numbers.Longs[_next++ & (Numbers.Count - 1)];

    [Benchmark(Baseline = true)]
    public object? TryGet() => _cache.TryGet(Key, out object? value) ? value : null;

    [Benchmark]
    public object? AcquireAndRelease() => AcquireAndRelease(_cache);

    [Benchmark]
    public object? AcquireAndReleaseDisposable() => AcquireAndRelease(_disposing);

    private object? AcquireAndRelease(BoundedCache<long, object> cache)
    {
        if (!cache.TryAcquire(Key, out Lease<object>? lease))
        {
            return null;
        }

        using (lease)
        {
            return lease.Value;
        }
    }
}
