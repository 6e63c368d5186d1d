using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using BoundedMemory.HttpTests.Admin;
using BoundedMemory.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.HttpTests.Documentation;

/// <summary>What the documentation shows.</summary>
internal static partial class Examples
{
    public static async Task RunAll()
    {
        await Events();
        await Admin();
    }

    /// <summary>Run by <see cref="MemoryPressureTests"/>.</summary>
    public static void RefuseRequests(WebApplicationBuilder builder)
    {
        builder.Services.AddMemoryPressureLimiter();
        builder.Services.AddRateLimiter(options => options.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable);
        builder.Services.AddOptions<RateLimiterOptions>().Configure<MemoryPressureLimiter>((options, pressure) =>
        {
            options.GlobalLimiter = pressure.ForAll<HttpContext>();
            options.OnRejected = (rejected, _) =>
            {
                if (rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter))
                {
                    rejected.HttpContext.Response.Headers.RetryAfter = retryAfter.TotalSeconds.ToString("0");
                }

                return ValueTask.CompletedTask;
            };
        });
    }

    private static async Task Events()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        var quote = new Quote("ABC", 12.3m);
        builder.Services.AddBroadcastHub<EventPayload>("quotes", options => options.MaxBytes = 1_000_000);
        await using WebApplication app = builder.Build();
        app.MapGet("/quotes", (BroadcastHub<EventPayload> hub) => HubResults.EventStream(hub));

        BroadcastHub<EventPayload> hub = app.Services.GetRequiredService<BroadcastHub<EventPayload>>();
        hub.Publish(EventPayload.FromJson(quote, QuoteJson.Default.Quote, "quote"));
        Assert.Equal(1, hub.Count);
    }

    private static async Task Admin()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Admin:Token", AdminServer.Token)]).Build();
        await using AdminServer server = await AdminServer.StartMappedAsync(
            app =>
            {
                app.Configuration["AdminToken"] = AdminServer.Token;
                app.MapBoundedMemory();
                app.MapBoundedMemory("/operators/memory", options => options.Token = app.Configuration["AdminToken"]).RequireHost("127.0.0.1");
            },
            services =>
            {
                services.Configure<BoundedMemoryAdminOptions>(configuration.GetSection("Admin"));
            });
        foreach (string path in (string[])[AdminServer.Path, "/operators/memory"])
        {
            using HttpResponseMessage answer = await server.Http.GetAsync(path).Soon();
            Assert.True(answer.IsSuccessStatusCode);
        }
    }

    internal sealed record Quote(string Symbol, decimal Price);

    [JsonSerializable(typeof(Quote))]
    internal sealed partial class QuoteJson : JsonSerializerContext;
}
