using System.Threading.RateLimiting;
using BoundedMemory.Tests.Support;
using BoundedMemory.Tests.Watchdog;
using Polly;
using Polly.Retry;

namespace BoundedMemory.Hosting.Tests.Admission;

/// <summary>The gate in a pipeline of Polly. Its package Polly.RateLimiting has a strategy for any <see cref="RateLimiter"/>; the one here is what that does, on Polly.Core alone.</summary>
public class PollyTests
{
    [Fact]
    public async Task Pipeline_AtCritical_RefusesWithoutRunningTheWork()
    {
        using var w = new Scripted();
        using var pressure = new MemoryPressureLimiter(w.Watchdog);
        using var concurrency = new ConcurrencyLimiter(new() { PermitLimit = 3 });
        using RateLimiter admission = pressure.Around(concurrency);
        ResiliencePipeline pipeline = new ResiliencePipelineBuilder().AddStrategy(_ => new AdmissionStrategy(admission), new AdmissionStrategyOptions()).Build();
        Assert.Equal(7, await pipeline.ExecuteAsync(_ => ValueTask.FromResult(7)));

        w.At(0.9);
        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await pipeline.ExecuteAsync<int>(_ => throw new InvalidOperationException("It ran.")));
        Assert.Equal(("Memory pressure: Critical", TimeSpan.FromSeconds(10)), (refused.Message, refused.RetryAfter));
        Assert.Equal(3, concurrency.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task Retry_AroundTheGate_ComesBackWhenItWasToldTo()
    {
        using var w = new Scripted();
        using var pressure = new MemoryPressureLimiter(w.Watchdog, new() { RetryAfter = TimeSpan.FromSeconds(20) });
        ResiliencePipeline pipeline = new ResiliencePipelineBuilder { TimeProvider = w.Clock }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<RefusedException>(),
                DelayGenerator = static arguments => ValueTask.FromResult(((RefusedException)arguments.Outcome.Exception!).RetryAfter),
            })
            .AddStrategy(_ => new AdmissionStrategy(pressure), new AdmissionStrategyOptions())
            .Build();
        w.At(0.9);
        Task<int> work = pipeline.ExecuteAsync(_ => ValueTask.FromResult(7)).AsTask();
        Patience.Until(() => w.Clock.Timers == 1);
        for (int i = 0; i < 19; i++)
        {
            w.At(0.1);
        }

        Assert.Equal(MemoryPressureLevel.Normal, w.Watchdog.Level);
        Assert.False(work.IsCompleted);
        w.At(0.1);
        Assert.Equal(7, await work.Soon());
        Assert.Equal((1, 1), (pressure.GetStatistics().TotalSuccessfulLeases, pressure.GetStatistics().TotalFailedLeases));
    }

    private sealed class RefusedException(string reason, TimeSpan? retryAfter) : Exception(reason)
    {
        public TimeSpan? RetryAfter => retryAfter;
    }

    private sealed class AdmissionStrategyOptions : ResilienceStrategyOptions;

    private sealed class AdmissionStrategy(RateLimiter limiter) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            using RateLimitLease lease = await limiter.AcquireAsync(1, context.CancellationToken);
            if (lease.IsAcquired)
            {
                return await callback(context, state);
            }

            lease.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason);
            TimeSpan? retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? after : null;
            return Outcome.FromException<TResult>(new RefusedException(reason ?? "Refused", retryAfter));
        }
    }
}
