using System.Threading.RateLimiting;
using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does it cost to be admitted, and to be refused under memory pressure?</summary>
[MemoryDiagnoser]
public class Admissions
{
    private readonly MemoryWatchdog _calm = new(new() { ProcessLimit = 1L << 40 });

    /// <summary>A process takes more than this: its level is Abort, and stays.</summary>
    private readonly MemoryWatchdog _pressed = new(new() { ProcessLimit = 16L << 20, GcPolicy = GcPolicy.Never });

    private readonly ConcurrencyLimiter _three = new(new() { PermitLimit = 3, QueueLimit = 10 });
    private MemoryPressureLimiter _open = null!;
    private MemoryPressureLimiter _closed = null!;
    private RateLimiter _openChain = null!;
    private RateLimiter _closedChain = null!;

    [GlobalSetup]
    public void Begin()
    {
        _calm.Evaluate();
        if (_pressed.Evaluate() < MemoryPressureLevel.Critical)
        {
            throw new InvalidOperationException("There is no pressure.");
        }

        (_open, _closed) = (new MemoryPressureLimiter(_calm), new MemoryPressureLimiter(_pressed));
        (_openChain, _closedChain) = (_open.Around(_three), _closed.Around(_three));
    }

    [Benchmark(Baseline = true)]
    public bool Concurrency()
    {
        using RateLimitLease lease = _three.AttemptAcquire();
        return lease.IsAcquired;
    }

    [Benchmark]
    public bool Admitted()
    {
        using RateLimitLease lease = _open.AttemptAcquire();
        return lease.IsAcquired;
    }

    [Benchmark]
    public bool Refused()
    {
        using RateLimitLease lease = _closed.AttemptAcquire();
        return lease.IsAcquired;
    }

    /// <summary>As a service does that answers with the reason.</summary>
    [Benchmark]
    public async Task<TimeSpan> RefusedAndTold()
    {
        using RateLimitLease lease = await _closed.AcquireAsync();
        lease.TryGetMetadata(MetadataName.ReasonPhrase, out _);
        lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter);
        return retryAfter;
    }

    /// <summary>Gate, three at a time, gate.</summary>
    [Benchmark]
    public async Task<bool> ChainAdmitted()
    {
        using RateLimitLease lease = await _openChain.AcquireAsync();
        return lease.IsAcquired;
    }

    [Benchmark]
    public async Task<bool> ChainRefused()
    {
        using RateLimitLease lease = await _closedChain.AcquireAsync();
        return lease.IsAcquired;
    }
}
