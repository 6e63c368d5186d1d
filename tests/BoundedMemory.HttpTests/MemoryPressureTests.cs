using System.Net;
using System.Threading.RateLimiting;
using BoundedMemory.HttpTests.Documentation;
using BoundedMemory.Tests.Support;
using BoundedMemory.Tests.Watchdog;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.HttpTests;

/// <summary>A server whose memory becomes short, over Kestrel and sockets.</summary>
public class MemoryPressureTests
{
    [Fact]
    public async Task Requests_AtCritical_GetA503WithRetryAfterAndTheHealthChecksAreAnswered()
    {
        using var w = new Scripted();
        WebApplicationBuilder builder = WorkerRecyclingTests.NewBuilder();
        builder.Services.AddSingleton(w.Watchdog);

        Examples.RefuseRequests(builder);
        builder.Services.AddHealthChecks().AddMemoryPressure().AddWorkerRecycling();
        await using WebApplication app = builder.Build();
        app.MapHealthChecks("/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") }).DisableRateLimiting();
        app.MapHealthChecks("/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") }).DisableRateLimiting();
        app.UseRateLimiter();
        app.MapGet("/", () => "done");
        using HttpClient client = await WorkerRecyclingTests.StartAsync(app);
        Patience.Until(() => w.Watchdog.Statistics.Samples > 0);
        Assert.Equal("done", await client.GetStringAsync("/").Soon());
        Assert.Equal("Healthy", await client.GetStringAsync("/ready").Soon());

        // The watchdog's thread waits by the clock of the test.
        w.Readings.ResidentBytes = (long)(0.9 * Scripted.Limit);
        Patience.Until(() =>
        {
            if (w.Watchdog is { Level: MemoryPressureLevel.Critical, IsStale: false })
            {
                return true;
            }

            if (w.Clock.Timers > 0)
            {
                w.Clock.Advance(TimeSpan.FromSeconds(0.25));
            }

            return false;
        });
        using HttpResponseMessage refused = await client.GetAsync("/").Soon();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(10)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/live").Soon()).StatusCode);
        using HttpResponseMessage ready = await client.GetAsync("/ready").Soon();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));

        // The middleware asks once without waiting, and once more with.
        RateLimiterStatistics statistics = app.Services.GetRequiredService<MemoryPressureLimiter>().GetStatistics();
        Assert.Equal((1, 2), (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        await app.StopAsync();
    }
}
