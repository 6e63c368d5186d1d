using System.Threading.RateLimiting;
using BoundedMemory.Tests.Support;
using BoundedMemory.Tests.Watchdog;

namespace BoundedMemory.Hosting.Tests.Admission;

public class MemoryPressureLimiterTests
{
    [Theory]
    [InlineData(MemoryPressureLevel.Warning)]
    [InlineData(MemoryPressureLevel.Critical)]
    [InlineData(MemoryPressureLevel.Abort)]
    public async Task Acquire_FromItsLevelOn_IsRefusedWithReasonAndRetryAfter(MemoryPressureLevel from)
    {
        foreach ((double utilization, MemoryPressureLevel level) in ((double, MemoryPressureLevel)[])
            [(0.1, MemoryPressureLevel.Normal), (0.8, MemoryPressureLevel.Warning), (0.9, MemoryPressureLevel.Critical), (0.97, MemoryPressureLevel.Abort)])
        {
            using var w = new Scripted();
            using var limiter = new MemoryPressureLimiter(w.Watchdog, new() { DenyFrom = from, RetryAfter = TimeSpan.FromSeconds(7) });
            w.At(utilization);
            w.At(utilization, seconds: 0);
            Assert.Equal(level, w.Watchdog.Level);
            using RateLimitLease lease = limiter.AttemptAcquire();
            using RateLimitLease later = await limiter.AcquireAsync();
            Assert.Same(lease, later);
            Assert.Equal(level < from, lease.IsAcquired);
            Assert.Equal(level < from ? [] : ["REASON_PHRASE", "RETRY_AFTER"], lease.MetadataNames);
            Assert.Equal(level >= from, lease.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason));
            Assert.Equal(level >= from, lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter));
            Assert.Equal(level < from ? (null, TimeSpan.Zero) : ($"Memory pressure: {level}", TimeSpan.FromSeconds(7)), (reason, retryAfter));
            Assert.False(lease.TryGetMetadata("other", out _));
        }
    }

    [Fact]
    public void Acquire_AnyNumberOfPermits_IsTheSameAnswer()
    {
        using var w = new Scripted();
        using var limiter = new MemoryPressureLimiter(w.Watchdog);
        Assert.All([0, 1, 1000, int.MaxValue], permits => Assert.True(limiter.AttemptAcquire(permits).IsAcquired));
        w.At(0.9);
        Assert.All([0, 1, 1000, int.MaxValue], permits => Assert.False(limiter.AttemptAcquire(permits).IsAcquired));
        Assert.Equal("permitCount", Assert.Throws<ArgumentOutOfRangeException>(() => limiter.AttemptAcquire(-1)).ParamName);
    }

    [Fact]
    public async Task AcquireAsync_Cancelled_IsCancelledAndNotCounted()
    {
        using var w = new Scripted();
        using var limiter = new MemoryPressureLimiter(w.Watchdog);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await limiter.AcquireAsync(1, new CancellationToken(canceled: true)));
        Assert.Equal(0, limiter.GetStatistics().TotalSuccessfulLeases + limiter.GetStatistics().TotalFailedLeases);
    }

    [Fact]
    public void Lease_Disposed_AnyNumberOfTimes_IsGoodForEverybodyElse()
    {
        using var w = new Scripted();
        using var limiter = new MemoryPressureLimiter(w.Watchdog);
        RateLimitLease lease = limiter.AttemptAcquire();
        lease.Dispose();
        lease.Dispose();
        Assert.True(lease.IsAcquired);
        Assert.True(limiter.AttemptAcquire().IsAcquired);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.9)]
    public void Acquire_AdmittedOrRefused_AllocatesNothing(double utilization)
    {
        using var w = new Scripted();
        using var limiter = new MemoryPressureLimiter(w.Watchdog);
        using var forAll = limiter.ForAll<string>();
        w.At(utilization);
        Assert.Equal(0, Allocations.Of(() => limiter.AttemptAcquire().Dispose()));
        Assert.Equal(0, Allocations.Of(() =>
        {
            ValueTask<RateLimitLease> lease = limiter.AcquireAsync();
            Assert.True(lease.IsCompletedSuccessfully);
            lease.Result.Dispose();
        }));
        Assert.Equal(0, Allocations.Of(() => forAll.AttemptAcquire("x").Dispose()));
        Assert.Equal(0, Allocations.Of(() => limiter.AttemptAcquire().TryGetMetadata(MetadataName.RetryAfter.Name, out _)));
    }

    [Fact]
    public void Statistics_AndMeter_CountWhatWasAnswered()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using var w = new Scripted();
        var limiter = new MemoryPressureLimiter(w.Watchdog, new() { Name = "gate", MeterFactory = meters.Factory });
        for (int i = 0; i < 5; i++)
        {
            limiter.AttemptAcquire();
        }

        Assert.Equal(long.MaxValue, limiter.GetStatistics().CurrentAvailablePermits);
        w.At(0.9);
        for (int i = 0; i < 3; i++)
        {
            limiter.AttemptAcquire();
        }

        RateLimiterStatistics statistics = limiter.GetStatistics();
        Assert.Equal((0, 0, 5, 3), (statistics.CurrentAvailablePermits, statistics.CurrentQueuedCount, statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["bounded_memory.admission.requests{admission.name=gate,outcome=admitted}"] = 5,
                ["bounded_memory.admission.requests{admission.name=gate,outcome=refused}"] = 3,
            },
            reading.Read());
        Assert.Equal("bounded_memory.admission.requests {request} ObservableCounter`1", Assert.Single(reading.Instruments.Select(i => $"{i.Name} {i.Unit} {i.GetType().Name}")));

        limiter.Dispose();
        limiter.Dispose();
        Assert.Empty(reading.Read());
        Assert.Equal(3, limiter.GetStatistics().TotalFailedLeases);
        Assert.Throws<ObjectDisposedException>(() => limiter.AttemptAcquire());
        Assert.Throws<ObjectDisposedException>(() => limiter.ForAll<int>().AttemptAcquire(1));
    }

    [Fact]
    public void ForAll_OfAnyResource_IsTheSameGateAndDoesNotDisposeIt()
    {
        using var w = new Scripted();
        using var limiter = new MemoryPressureLimiter(w.Watchdog);
        PartitionedRateLimiter<string> all = limiter.ForAll<string>();
        using PartitionedRateLimiter<string> chained = PartitionedRateLimiter.CreateChained(
            all, PartitionedRateLimiter.Create<string, string>(user => RateLimitPartition.GetConcurrencyLimiter(user, _ => new() { PermitLimit = 1 })));
        using (RateLimitLease first = chained.AttemptAcquire("a"))
        {
            Assert.True(first.IsAcquired);
            Assert.False(chained.AttemptAcquire("a").IsAcquired);
            Assert.True(chained.AttemptAcquire("b").IsAcquired);
        }

        w.At(0.9);
        Assert.False(chained.AttemptAcquire("c").IsAcquired);
        Assert.Equal(1, all.GetStatistics("whatever")!.TotalFailedLeases);
        all.Dispose();
        Assert.False(limiter.AttemptAcquire().IsAcquired);
    }

    public static TheoryData<string, Action<MemoryPressureLimiterOptions>> OutOfRange => new()
    {
        { "DenyFrom", o => o.DenyFrom = MemoryPressureLevel.Normal },
        { "DenyFrom", o => o.DenyFrom = (MemoryPressureLevel)4 },
        { "RetryAfter", o => o.RetryAfter = TimeSpan.FromSeconds(0.9) },
        { "RetryAfter", o => o.RetryAfter = TimeSpan.FromHours(1.1) },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Constructor_ValueOutOfItsRange_ThrowsNamingIt(string option, Action<MemoryPressureLimiterOptions> set)
    {
        using var w = new Scripted();
        var options = new MemoryPressureLimiterOptions();
        set(options);
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryPressureLimiter(w.Watchdog, options));
        Assert.Equal(option, thrown.ParamName);
        Assert.True(new MemoryPressureLimiterOptionsValidator().Validate(null, options).Failed);
    }

    [Fact]
    public void Constructor_OptionMissing_ThrowsNamingItAndCopiesTheRest()
    {
        using var w = new Scripted();
        Assert.Equal("watchdog", Assert.Throws<ArgumentNullException>(() => new MemoryPressureLimiter(null!)).ParamName);
        Assert.Equal("Name", Assert.Throws<ArgumentException>(() => new MemoryPressureLimiter(w.Watchdog, new() { Name = "a/b" })).ParamName);
        var options = new MemoryPressureLimiterOptions();
        using var limiter = new MemoryPressureLimiter(w.Watchdog, options);
        options.Name = "changed";
        Assert.Equal("memory", limiter.Name);
        Assert.Equal("limiter", Assert.Throws<ArgumentNullException>(() => limiter.Around(null!)).ParamName);
    }
}
