using System.Net;
using BoundedMemory.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BoundedMemory.HttpTests;

/// <summary>A worker that stops itself, over Kestrel and sockets.</summary>
public class WorkerRecyclingTests
{
    [Fact]
    public async Task Requests_ReachingTheirNumber_StopTheServerAndFinishWhatIsUnderWay()
    {
        WebApplicationBuilder builder = NewBuilder();
        builder.Services.AddWorkerRecycling(options => (options.MaxRequests, options.Jitter, options.MinUptime) = (5, 0, TimeSpan.Zero));
        await using WebApplication app = builder.Build();
        (TaskCompletionSource isUnderWay, TaskCompletionSource mayEnd) = (new(), new());
        int stops = 0;
        app.Lifetime.ApplicationStopping.Register(() => Interlocked.Increment(ref stops));
        app.UseWorkerRecycling();
        app.MapGet("/", () => "quick");
        app.MapGet("/broken", string () => throw new InvalidOperationException());
        app.MapGet("/slow", async () =>
        {
            isUnderWay.SetResult();
            await mayEnd.Task;
            return "slow";
        });
        using HttpClient client = await StartAsync(app);
        Task stopped = app.WaitForShutdownAsync();
        var recycler = app.Services.GetRequiredService<WorkerRecycler>();
        Task<string> slow = client.GetStringAsync("/slow");
        await isUnderWay.Task.Soon();

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("quick", await client.GetStringAsync("/").Soon());
        }

        Assert.Equal(HttpStatusCode.InternalServerError, (await client.GetAsync("/broken").Soon()).StatusCode);
        Patience.Until(() => recycler.CompletedRequests == 4);
        Assert.False(recycler.IsRequested);
        Assert.Equal("quick", await client.GetStringAsync("/").Soon());
        Patience.Until(() => Volatile.Read(ref stops) == 1);
        Assert.False(stopped.IsCompleted);

        mayEnd.SetResult();
        Assert.Equal("slow", await slow.Soon());
        await stopped.Soon();
        Assert.Equal((6L, true, 1), (recycler.CompletedRequests, recycler.IsRecycling, stops));
    }

    [Fact]
    public void UseWorkerRecycling_WithoutARecycler_SaysWhatIsMissing()
    {
        WebApplication app = NewBuilder().Build();
        Assert.Contains("AddWorkerRecycling", Assert.Throws<InvalidOperationException>(app.UseWorkerRecycling).Message, StringComparison.Ordinal);
        Assert.Equal("app", Assert.Throws<ArgumentNullException>(() => ((IApplicationBuilder)null!).UseWorkerRecycling()).ParamName);
    }

    internal static WebApplicationBuilder NewBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        return builder;
    }

    internal static async Task<HttpClient> StartAsync(WebApplication app)
    {
        await app.StartAsync();
        return new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
    }
}
