using System.Diagnostics.Metrics;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BoundedMemory;

/// <summary>Answers the requests of operators. Nothing else happens before the token was right.</summary>
internal sealed partial class AdminEndpoint(AdminToken token, BoundedMemoryAdminOptions options, IServiceProvider services)
{
    private const string ProblemContentType = "application/problem+json";

    private readonly bool _allowQueryToken = options.AllowQueryToken;
    private readonly int _maxParts = options.MaxParts;
    private readonly AdminRealm _realm = new(services.GetService<IMeterFactory>(), options.IncludeProcessWide);
    private readonly TimeProvider _clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
    private readonly ILogger _log = services.GetService<ILoggerFactory>()?.CreateLogger("BoundedMemory.Admin") ?? NullLogger.Instance;

    /// <summary><c>GET</c>: what there is.</summary>
    public async Task ShowAsync(HttpContext context)
    {
        if (await TryEnterAsync(context, HttpMethods.Get, _allowQueryToken).ConfigureAwait(false))
        {
            await WriteAsync(context, StatusCodes.Status200OK, Report(), AdminJson.Default.AdminReport).ConfigureAwait(false);
        }
    }

    /// <summary><c>POST</c>: asks for bytes.</summary>
    public Task TrimAsync(HttpContext context) =>
        ExecuteAsync(context, "trim", takesBytes: true, static (parts, command) => AdminExecution.Trim(parts, command.Bytes));

    /// <summary><c>POST</c>: empties.</summary>
    public Task ClearAsync(HttpContext context) => ExecuteAsync(context, "clear", takesBytes: false, static (parts, _) => AdminExecution.Clear(parts));

    private async Task ExecuteAsync(HttpContext context, string action, bool takesBytes, Func<IReadOnlyList<LivePart>, AdminCommand, AdminExecution> execute)
    {
        if (!await TryEnterAsync(context, HttpMethods.Post, isQueryAllowed: false).ConfigureAwait(false))
        {
            return;
        }

        (AdminCommand? command, AdminRefusal? refusal) = await AdminCommand.ReadAsync(context.Request, takesBytes, context.RequestAborted).ConfigureAwait(false);
        if (command is null || !TryFind(command.Part, out IReadOnlyList<LivePart> parts, out refusal))
        {
            await RefuseAsync(context, refusal!).ConfigureAwait(false);
            return;
        }

        (long given, int count, AdminOutcomePart[] results) = execute(parts, command).Result(_maxParts);
        LogDone(action, command.Part, count, given);
        string[] leftOut = [.. parts.Where(static part => part.Trimmable is null).Select(static part => part.Address).Distinct().Order(StringComparer.Ordinal).Take(_maxParts)];
        var outcome = new AdminOutcome(action, command.Part, command.Bytes, given, count, count - results.Length, results, leftOut);
        await WriteAsync(context, StatusCodes.Status200OK, outcome, AdminJson.Default.AdminOutcome).ConfigureAwait(false);
    }

    /// <summary>Lets in who presents the token and uses the right method; else answers.</summary>
    private async ValueTask<bool> TryEnterAsync(HttpContext context, string method, bool isQueryAllowed)
    {
        HttpRequest request = context.Request;
        HttpResponse response = context.Response;
        response.Headers.CacheControl = "no-store";
        LimitBody(context, AdminCommand.MostBodyBytes);
        bool isRightMethod = string.Equals(request.Method, method, StringComparison.OrdinalIgnoreCase);
        if (!token.IsPresentedBy(request, isQueryAllowed && isRightMethod))
        {
            response.StatusCode = StatusCodes.Status401Unauthorized;
            response.Headers.WWWAuthenticate = "Bearer";
            response.ContentLength = 0;
            GiveUpBody(context);
            return false;
        }

        if (!isRightMethod)
        {
            response.Headers.Allow = method;
            await RefuseAsync(context, new AdminRefusal(StatusCodes.Status405MethodNotAllowed, $"The method must be {method}.")).ConfigureAwait(false);
            return false;
        }

        return true;
    }

    /// <summary>A body that nobody is going to read: the server would wait for the rest of it, in vain for some seconds, before it reads the next request of the connection.
    /// None may come any more, so it ends the connection instead.</summary>
    private static void GiveUpBody(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            LimitBody(context, 0);
            if (HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                context.Response.Headers.Connection = "close";
            }
        }
    }

    private static void LimitBody(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = bytes;
        }
    }

    private bool TryFind(string part, out IReadOnlyList<LivePart> parts, out AdminRefusal? refusal)
    {
        string[] address = part.Split('/', 2);
        string? called = address.Length == 2 ? address[1] : null;
        bool isAll = part == AdminCommand.All;
        AdminKind[] kinds = [.. AdminCatalog.Addressable.Where(kind => isAll || kind.Name == address[0])];
        parts = [.. kinds.SelectMany(kind => kind.Find(_realm, called))];
        refusal = kinds.Length == 0 || (called is not null && parts.Count == 0)
            ? new AdminRefusal(
                StatusCodes.Status404NotFound,
                $"There is no part {AdminRefusal.Shown(part)}; there are '{AdminCommand.All}', {string.Join(", ", AdminCatalog.Addressable.Select(static kind => $"'{kind.Name}'"))}, "
                + "and each of these followed by '/' and a name.")
            : called is not null && parts.All(static found => found.Trimmable is null)
                ? new AdminRefusal(StatusCodes.Status409Conflict, $"Only its own thread may touch {AdminRefusal.Shown(part)}.")
                : null;
        return refusal is null;
    }

    private AdminReport Report() => new(
        _clock.GetUtcNow(),
        Memory(),
        AdminCatalog.Caches.Report(_realm, _maxParts),
        AdminCatalog.Hubs.Report(_realm, _maxParts),
        new AdminConversations(AdminCatalog.Conversations.Report(_realm, _maxParts), AdminCatalog.Sessions.Report(_realm, _maxParts)),
        AdminCatalog.Queues.Report(_realm, _maxParts),
        AdminCatalog.Rings.Report(_realm, _maxParts));

    /// <summary>The watchdog of the container is shown whatever its meter is; and those that report where everything else does.</summary>
    private AdminMemory Memory()
    {
        MemoryWatchdog[] watchdogs =
        [
            .. _realm.SourcesOf(WatchdogMeter.For).Select(static found => found.Source).Append(services.GetService<MemoryWatchdog>())
                .OfType<MemoryWatchdog>().Distinct().OrderBy(static watchdog => watchdog.Name, StringComparer.Ordinal).Take(_maxParts),
        ];
        AdminWatchdog[] readings = [.. watchdogs.Select(AdminWatchdog.Of)];
        MemoryPressureLevel? level = readings.Length == 0 ? null : readings.Max(static watchdog => watchdog.Level);
        return new AdminMemory(level, AdminProcess.Read(), readings, AdminCatalog.Budgets.Report(_realm, _maxParts));
    }

    private static Task RefuseAsync(HttpContext context, AdminRefusal refusal)
    {
        if (refusal.Status is StatusCodes.Status405MethodNotAllowed or StatusCodes.Status413PayloadTooLarge)
        {
            GiveUpBody(context);
        }

        return WriteAsync(context, refusal.Status, refusal.ToProblem(), AdminJson.Default.ProblemDetails, ProblemContentType);
    }

    private static Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type, string? contentType = null)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsJsonAsync(value, type, contentType);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Action} of {Part}: {Count} asked, {GivenBytes} bytes given.")]
    private partial void LogDone(string action, string part, int count, long givenBytes);
}
