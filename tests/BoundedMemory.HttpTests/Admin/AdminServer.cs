using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using BoundedMemory.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BoundedMemory.HttpTests.Admin;

/// <summary>Kestrel on loopback with the endpoint for operators, and whatever a test adds. Shows the container's primitives alone, unless it is told otherwise: others belong to other tests.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    public const string Path = "/api/admin/metrics";
    public const string Token = "correct-horse-battery-staple-0123456789";

    /// <summary>What every refusal for want of the token is, but for its date.</summary>
    public const string Unauthorized =
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\nServer: Kestrel\r\nCache-Control: no-store\r\nWWW-Authenticate: Bearer\r\n\r\n";

    private readonly WebApplication _app;

    private AdminServer(WebApplication app)
    {
        _app = app;
        Port = new Uri(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        Http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
    }

    public int Port { get; }

    /// <summary>Presents the token.</summary>
    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public IMeterFactory Meters => Services.GetRequiredService<IMeterFactory>();

    public static Task<AdminServer> StartAsync(
        Action<IServiceCollection>? services = null, Action<BoundedMemoryAdminOptions>? configure = null, Action<ILoggingBuilder>? logging = null) =>
        StartMappedAsync(
            app => app.MapBoundedMemory(configure: options =>
            {
                options.Token = Token;
                options.IncludeProcessWide = false;
                configure?.Invoke(options);
            }),
            services, logging);

    /// <summary>With whatever <paramref name="map"/> maps.</summary>
    public static async Task<AdminServer> StartMappedAsync(
        Action<WebApplication> map, Action<IServiceCollection>? services = null, Action<ILoggingBuilder>? logging = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        logging?.Invoke(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        map(app);
        await app.StartAsync();
        return new AdminServer(app);
    }

    public async Task<JsonElement> GetAsync()
    {
        using HttpResponseMessage response = await Http.GetAsync(Path).Soon();
        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await ReadAsync(response);
    }

    /// <summary>Posts and expects success.</summary>
    public async Task<JsonElement> PostAsync(string actionAndQuery, HttpContent? body = null)
    {
        using HttpResponseMessage response = await Http.PostAsync($"{Path}/{actionAndQuery}", body).Soon();
        JsonElement answer = await ReadAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {answer}");
        return answer;
    }

    /// <summary>Posts and expects a problem; what it says.</summary>
    public async Task<string> PostRefusedAsync(HttpStatusCode status, string actionAndQuery, HttpContent? body = null)
    {
        using HttpResponseMessage response = await Http.PostAsync($"{Path}/{actionAndQuery}", body).Soon();
        JsonElement problem = await ReadAsync(response);
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        return problem.GetProperty("detail").GetString()!;
    }

    /// <summary>Sends a request as it is and reads until the server ends the connection.</summary>
    /// <param name="request">The whole of it; lines end with <c>\n</c> here.</param>
    /// <returns>What came, without the date.</returns>
    public async Task<string> SendAsync(string request)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Port, patience.Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes(request.ReplaceLineEndings("\r\n")), patience.Token);
        using var received = new MemoryStream();
        byte[] buffer = new byte[4096];
        for (int read; (read = await socket.ReceiveAsync(buffer, patience.Token)) > 0;)
        {
            received.Write(buffer, 0, read);
        }

        return string.Join("\r\n", Encoding.UTF8.GetString(received.ToArray()).Split("\r\n").Where(line => !line.StartsWith("Date: ", StringComparison.Ordinal)));
    }

    /// <summary>A request without a body after which the connection ends.</summary>
    public Task<string> SendAsync(string methodAndPath, string headers) =>
        SendAsync($"{methodAndPath} HTTP/1.1\nHost: localhost\nConnection: close\n{headers}\n");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync().Soon());
        return document.RootElement.Clone();
    }
}
