using System.Threading.RateLimiting;
using BoundedMemory.Tests.Support;
using BoundedMemory.Tests.Watchdog;

namespace BoundedMemory.Hosting.Tests.Admission;

/// <summary>The gate together with a limiter of concurrency: three at a time.</summary>
public class ChainTests
{
    private const int Permits = 3;

    [Fact]
    public async Task Fourth_WithAQueue_WaitsUntilOneOfTheThreeEnds()
    {
        using var chain = new Chain(queue: 1);
        List<RateLimitLease> three = chain.AcquireThree();
        Task<RateLimitLease> fourth = chain.Admission.AcquireAsync().AsTask();
        Assert.False(fourth.IsCompleted);
        using RateLimitLease fifth = await chain.Admission.AcquireAsync();
        Assert.False(fifth.IsAcquired);
        three[0].Dispose();
        using RateLimitLease lease = await fourth.Soon();
        Assert.True(lease.IsAcquired);
        Assert.Equal(4, chain.Pressure.GetStatistics().TotalSuccessfulLeases);
    }

    [Fact]
    public async Task Fourth_WithoutAQueue_IsRefusedAtOnceAndNotByThePressure()
    {
        using var chain = new Chain(queue: 0);
        chain.AcquireThree();
        using RateLimitLease fourth = await chain.Admission.AcquireAsync();
        Assert.False(fourth.IsAcquired);
        Assert.Equal((3, 0), (chain.Pressure.GetStatistics().TotalSuccessfulLeases, chain.Pressure.GetStatistics().TotalFailedLeases));
    }

    [Fact]
    public async Task AtCritical_NobodyIsAdmittedAndNoPermitIsTaken()
    {
        using var chain = new Chain(queue: 1);
        chain.Watched.At(0.9);
        using RateLimitLease refused = await chain.Admission.AcquireAsync();
        AssertRefusedForPressure(refused);
        Assert.Equal(Permits, chain.Concurrency.GetStatistics()!.CurrentAvailablePermits);
        Assert.Equal((0, 1), (chain.Pressure.GetStatistics().TotalSuccessfulLeases, chain.Pressure.GetStatistics().TotalFailedLeases));
    }

    [Fact]
    public async Task Waiting_WhenMemoryBecomesShort_IsRefusedAfterTheWaitAndGivesItsPermitBack()
    {
        using var chain = new Chain(queue: 2);
        List<RateLimitLease> three = chain.AcquireThree();
        Task<RateLimitLease>[] waiting = [chain.Admission.AcquireAsync().AsTask(), chain.Admission.AcquireAsync().AsTask()];
        chain.Watched.At(0.9);
        three[0].Dispose();
        foreach (Task<RateLimitLease> one in waiting)
        {
            AssertRefusedForPressure(await one.Soon());
        }

        three.ForEach(lease => lease.Dispose());
        Assert.Equal(Permits, chain.Concurrency.GetStatistics()!.CurrentAvailablePermits);
        Assert.Equal((3, 2), (chain.Pressure.GetStatistics().TotalSuccessfulLeases, chain.Pressure.GetStatistics().TotalFailedLeases));
    }

    [Fact]
    public async Task Waiting_Cancelled_LeavesTheQueueAndTakesNoPermit()
    {
        using var chain = new Chain(queue: 1);
        List<RateLimitLease> three = chain.AcquireThree();
        using var cancel = new CancellationTokenSource();
        Task<RateLimitLease> fourth = chain.Admission.AcquireAsync(1, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth.Soon());
        three.ForEach(lease => lease.Dispose());
        RateLimiterStatistics statistics = chain.Concurrency.GetStatistics()!;
        Assert.Equal((Permits, 0), (statistics.CurrentAvailablePermits, statistics.CurrentQueuedCount));
    }

    [Fact]
    public void Chained_ByTheRuntimesOwnMeans_ComposesToo()
    {
        using var w = new Scripted();
        using var pressure = new MemoryPressureLimiter(w.Watchdog);
        using var concurrency = new ConcurrencyLimiter(new() { PermitLimit = Permits });
        using RateLimiter chained = RateLimiter.CreateChained(pressure, concurrency);
        RateLimitLease[] three = [chained.AttemptAcquire(), chained.AttemptAcquire(), chained.AttemptAcquire()];
        Assert.All(three, lease => Assert.True(lease.IsAcquired));
        Assert.False(chained.AttemptAcquire().IsAcquired);
        w.At(0.9);
        three[0].Dispose();
        AssertRefusedForPressure(chained.AttemptAcquire());
        Assert.Equal(1, concurrency.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public void Chain_IsIdle_OnlyWhileItsPermitsAreThere()
    {
        using var chain = new Chain(queue: 0);
        Assert.NotNull(chain.Admission.IdleDuration);
        using (RateLimitLease lease = chain.Admission.AttemptAcquire())
        {
            Assert.Null(chain.Admission.IdleDuration);
        }

        Assert.NotNull(chain.Admission.IdleDuration);
        Assert.Null(chain.Pressure.IdleDuration);
    }

    /// <summary>10^6 at random, on several threads: some cancelled before, some while they wait, some that fail in their work, while the level goes up and down.</summary>
    [Fact]
    public async Task Million_RandomAcquisitions_LeakNoPermitAndReconcile()
    {
        const int Workers = 8;
        const int Each = 125_000;
        using var chain = new Chain(queue: 3);
        (int running, int most, int cancelled, int admitted, int byPressure, int byConcurrency, int failed) = (0, 0, 0, 0, 0, 0, 0);
        int working = Workers;
        Task levels = Patience.OnThread(() =>
        {
            var random = new Random(1);
            while (Volatile.Read(ref working) > 0)
            {
                chain.Watched.At(random.NextDouble() < 0.5 ? 0.9 : 0.1, seconds: 11);
                Thread.Yield();
            }
        });
        Task[] workers = [.. Enumerable.Range(0, Workers).Select(worker => Task.Run(() => Work(new Random(worker))))];
        await Task.WhenAll(workers).WaitAsync(10 * Patience.Limit);
        await levels.Soon();

        Assert.Equal(Workers * Each, admitted + byPressure + byConcurrency + cancelled);
        Assert.All([admitted, byPressure, byConcurrency, cancelled, failed], count => Assert.InRange(count, 1, int.MaxValue));
        Assert.InRange(most, 2, Permits);
        RateLimiterStatistics concurrency = chain.Concurrency.GetStatistics()!;
        RateLimiterStatistics pressure = chain.Pressure.GetStatistics();
        Assert.Equal((Permits, 0), (concurrency.CurrentAvailablePermits, concurrency.CurrentQueuedCount));
        Assert.Equal(byPressure, pressure.TotalFailedLeases);
        Assert.Equal(admitted, pressure.TotalSuccessfulLeases);
        RateLimiterStatistics both = chain.Admission.GetStatistics()!;
        Assert.Equal((pressure.TotalSuccessfulLeases, pressure.TotalFailedLeases + concurrency.TotalFailedLeases), (both.TotalSuccessfulLeases, both.TotalFailedLeases));

        // Nothing is stuck: with the level back, three can be had at once.
        for (int i = 0; i < 60; i++)
        {
            chain.Watched.At(0.1);
        }

        chain.AcquireThree();

        async Task Work(Random random)
        {
            try
            {
                for (int i = 0; i < Each; i++)
                {
                    try
                    {
                        await One(random);
                    }
                    catch (OperationCanceledException)
                    {
                        Interlocked.Increment(ref cancelled);
                    }
                    catch (InvalidOperationException)
                    {
                        Interlocked.Increment(ref failed);
                    }
                }
            }
            finally
            {
                Interlocked.Decrement(ref working);
            }
        }

        async Task One(Random random)
        {
            int way = random.Next(8);
            using CancellationTokenSource? cancel = way <= 1 ? new CancellationTokenSource() : null;
            if (way == 0)
            {
                cancel!.Cancel();
            }

            ValueTask<RateLimitLease> pending = way == 7
                ? new ValueTask<RateLimitLease>(chain.Admission.AttemptAcquire())
                : chain.Admission.AcquireAsync(1, cancel?.Token ?? CancellationToken.None);
            if (way == 1 && !pending.IsCompleted)
            {
                cancel!.Cancel();
            }

            using RateLimitLease lease = await pending;
            if (!lease.IsAcquired)
            {
                lease.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason);
                Interlocked.Increment(ref reason == "Memory pressure: Critical" ? ref byPressure : ref byConcurrency);
                return;
            }

            Interlocked.Increment(ref admitted);
            int now = Interlocked.Increment(ref running);
            for (int seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
            {
                Interlocked.CompareExchange(ref most, now, seen);
            }

            try
            {
                if (random.Next(4) == 0)
                {
                    await Task.Yield();
                }

                if (random.Next(16) == 0)
                {
                    throw new InvalidOperationException("The work failed.");
                }
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        }
    }

    private static void AssertRefusedForPressure(RateLimitLease lease)
    {
        Assert.False(lease.IsAcquired);
        Assert.True(lease.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason));
        Assert.Equal("Memory pressure: Critical", reason);
        Assert.True(lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(10), retryAfter);
    }

    private sealed class Chain : IDisposable
    {
        public Chain(int queue)
        {
            Pressure = new MemoryPressureLimiter(Watched.Watchdog);
            Concurrency = new ConcurrencyLimiter(new() { PermitLimit = Permits, QueueLimit = queue });
            Admission = Pressure.Around(Concurrency);
        }

        public Scripted Watched { get; } = new();

        public MemoryPressureLimiter Pressure { get; }

        public ConcurrencyLimiter Concurrency { get; }

        public RateLimiter Admission { get; }

        public List<RateLimitLease> AcquireThree()
        {
            List<RateLimitLease> three = [.. Enumerable.Range(0, Permits).Select(_ => Admission.AttemptAcquire())];
            Assert.All(three, lease => Assert.True(lease.IsAcquired));
            return three;
        }

        public void Dispose()
        {
            Admission.Dispose();
            Concurrency.Dispose();
            Pressure.Dispose();
            Watched.Dispose();
        }
    }
}
