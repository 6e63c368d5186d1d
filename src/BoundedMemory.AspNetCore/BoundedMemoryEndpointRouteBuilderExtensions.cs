using System.Diagnostics.CodeAnalysis;
using BoundedMemory;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps what operators need of bounded primitives.</summary>
public static class BoundedMemoryEndpointRouteBuilderExtensions
{
    /// <summary>Maps an endpoint that shows the memory of the process and everything bounded in it as JSON, and trims or clears it; for whoever presents the token. Without a
    /// <see cref="BoundedMemoryAdminOptions.Token"/> nothing is mapped.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="pattern">Its route.</param>
    /// <param name="configure">Changes the options, after what <c>services.Configure&lt;BoundedMemoryAdminOptions&gt;</c> has set.</param>
    /// <returns>For conventions of all its routes, as <c>RequireHost</c>, <c>RequireAuthorization</c> or <c>RequireRateLimiting</c>.</returns>
    /// <remarks>
    /// <para><b>Routes.</b> <c>GET pattern</c>: the figures. <c>POST pattern/trim</c> and <c>POST pattern/clear</c>, with <c>part</c> and, to trim, <c>bytes</c>, as query parameters or as
    /// properties of a JSON object of at most 4 KB.</para>
    /// <para><b>Without the right token</b> each of them answers 401 to whatever is asked: without a body, the same for a token that is missing, wrong, too long or malformed, after the
    /// same work. Other refusals (404, 405, 409, 413, 415, 400 with the parameter, its value and its range) are told only to whoever has it.</para>
    /// <para><b>What it shows.</b> Names that were given in code or configuration, limits and counts: no key, no value. What reports to the container's meter
    /// (<see cref="System.Diagnostics.Metrics.IMeterFactory"/>), and, unless <see cref="BoundedMemoryAdminOptions.IncludeProcessWide"/> is false, what was made without one.</para>
    /// <para><b>What is lost.</b> By <c>trim</c> what the primitives' <c>Trim</c> gives up, guarantees of budgets notwithstanding; by <c>clear</c> everything, unsaved messages of
    /// conversations included. It is counted by the primitives as ever, and logged. A <see cref="RingBuffer{T}"/> belongs to one thread and is left out.</para>
    /// <para><b>Thread safety.</b> Any number of requests at a time.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> or <paramref name="pattern"/> is null.</exception>
    /// <exception cref="ArgumentException">The token is too short, too long or not visible ASCII; the message does not show it.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="BoundedMemoryAdminOptions.MaxParts"/> is out of its range.</exception>
    /// <example>
    /// <code>
    /// app.MapBoundedMemory("/operators/memory", options => options.Token = app.Configuration["AdminToken"]).RequireHost("127.0.0.1");
    /// </code>
    /// </example>
    public static IEndpointConventionBuilder MapBoundedMemory(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/api/admin/metrics", Action<BoundedMemoryAdminOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);

        // Made for this and dropped: options that are got from a cache keep the token for as long as the process lives.
        BoundedMemoryAdminOptions options = endpoints.ServiceProvider.GetRequiredService<IOptionsFactory<BoundedMemoryAdminOptions>>().Create(Options.DefaultName);
        configure?.Invoke(options);
        OptionErrors.ThrowFirst(BoundedMemoryAdminOptions.FindErrors(options));
        RouteGroupBuilder group = endpoints.MapGroup(pattern);
        if (options.Token is { } token)
        {
            var endpoint = new AdminEndpoint(new AdminToken(token), options, endpoints.ServiceProvider);
            group.Map("", endpoint.ShowAsync).WithDisplayName("BoundedMemory: show");
            group.Map("/trim", endpoint.TrimAsync).WithDisplayName("BoundedMemory: trim");
            group.Map("/clear", endpoint.ClearAsync).WithDisplayName("BoundedMemory: clear");
        }

        return group;
    }
}
