using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace BoundedMemory;

/// <summary>What a request asks for.</summary>
/// <param name="Part"><see cref="All"/>, a kind, or a kind and a name.</param>
/// <param name="Bytes">Bytes wanted, at least 1; null: all that may go.</param>
internal sealed record AdminCommand(string Part, long? Bytes)
{
    public const string All = "all";

    /// <summary>Bytes a body may have: many times what one needs.</summary>
    public const int MostBodyBytes = 4 * 1024;

    private const string PartParameter = "part";
    private const string BytesParameter = "bytes";

    /// <summary>Reads a request completely before anything is done for it. What is unknown, or said twice, is refused: the wrong thing would be trimmed otherwise.</summary>
    public static async ValueTask<(AdminCommand? Command, AdminRefusal? Refusal)> ReadAsync(HttpRequest request, bool takesBytes, CancellationToken aborted)
    {
        (AdminArguments? body, AdminRefusal? refusal) = await ReadBodyAsync(request, aborted).ConfigureAwait(false);
        if (refusal is not null)
        {
            return (null, refusal);
        }

        return TryRead(request.Query, body ?? new AdminArguments(), takesBytes, out AdminCommand? command, out refusal) ? (command, null) : (null, refusal);
    }

    private static bool TryRead(IQueryCollection query, AdminArguments body, bool takesBytes, out AdminCommand? command, out AdminRefusal? refusal)
    {
        command = null;
        foreach (string name in query.Keys)
        {
            if (!Is(name, PartParameter) && !(takesBytes && Is(name, BytesParameter)))
            {
                refusal = UnknownParameter(name, takesBytes);
                return false;
            }
        }

        if (!takesBytes && body.Bytes.ValueKind != JsonValueKind.Undefined)
        {
            refusal = UnknownParameter(BytesParameter, takesBytes);
            return false;
        }

        if (body.Part.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String))
        {
            refusal = AdminRefusal.BadRequest($"'{PartParameter}' must be a string; it is {AdminRefusal.Shown(body.Part.GetRawText())}.");
            return false;
        }

        string? part = body.Part.ValueKind == JsonValueKind.String ? body.Part.GetString() : null;
        string? bytes = body.Bytes.ValueKind == JsonValueKind.Undefined ? null : body.Bytes.GetRawText();
        if (!TryTakeOne(PartParameter, query, part, out part, out refusal) || !TryTakeOne(BytesParameter, query, bytes, out bytes, out refusal))
        {
            return false;
        }

        if (bytes is null)
        {
            command = new AdminCommand(part ?? All, null);
            return true;
        }

        if (!long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number < 1)
        {
            refusal = AdminRefusal.BadRequest(string.Create(
                CultureInfo.InvariantCulture, $"'{BytesParameter}' must be a whole number from 1 to {long.MaxValue}; it is {AdminRefusal.Shown(bytes)}."));
            return false;
        }

        command = new AdminCommand(part ?? All, number);
        return true;
    }

    private static bool Is(string name, string parameter) => string.Equals(name, parameter, StringComparison.OrdinalIgnoreCase);

    private static AdminRefusal UnknownParameter(string name, bool takesBytes) => AdminRefusal.BadRequest(
        $"There is no parameter {AdminRefusal.Shown(name)}; there {(takesBytes ? $"are '{PartParameter}' and '{BytesParameter}'" : $"is '{PartParameter}'")}.");

    private static bool TryTakeOne(string name, IQueryCollection query, string? ofBody, out string? value, out AdminRefusal? refusal)
    {
        StringValues values = query[name];
        bool isOnce = values.Count + (ofBody is null ? 0 : 1) <= 1;
        refusal = isOnce ? null : AdminRefusal.BadRequest($"'{name}' is given more than once.");
        value = ofBody ?? values.FirstOrDefault();
        return isOnce;
    }

    /// <summary>The body, if there is one; never more of it than may be.</summary>
    private static async ValueTask<(AdminArguments? Body, AdminRefusal? Refusal)> ReadBodyAsync(HttpRequest request, CancellationToken aborted)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } || request.ContentLength == 0)
        {
            return default;
        }

        var tooLarge = new AdminRefusal(StatusCodes.Status413PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"The body must not exceed {MostBodyBytes} bytes."));
        try
        {
            PipeReader reader = request.BodyReader;
            ReadResult read = await reader.ReadAtLeastAsync(MostBodyBytes + 1, aborted).ConfigureAwait(false);
            if (read.Buffer.Length > MostBodyBytes)
            {
                reader.AdvanceTo(read.Buffer.Start);
                return (null, tooLarge);
            }

            (AdminArguments?, AdminRefusal?) result = read.Buffer.IsEmpty ? default : Parse(request, read.Buffer);
            reader.AdvanceTo(read.Buffer.End);
            return result;
        }
        catch (BadHttpRequestException error)
        {
            return (null, error.StatusCode == StatusCodes.Status413PayloadTooLarge ? tooLarge : new AdminRefusal(error.StatusCode, "The body could not be read."));
        }
    }

    private static (AdminArguments? Body, AdminRefusal? Refusal) Parse(HttpRequest request, ReadOnlySequence<byte> bytes)
    {
        if (!request.HasJsonContentType())
        {
            return (null, new AdminRefusal(StatusCodes.Status415UnsupportedMediaType, "A body must have the content type application/json."));
        }

        try
        {
            var json = new Utf8JsonReader(bytes);
            AdminArguments? body = JsonSerializer.Deserialize(ref json, AdminJson.Default.AdminArguments);
            return !json.Read() && body is not null ? (body, null) : (null, NotAnObject);
        }
        catch (JsonException)
        {
            return (null, NotAnObject);
        }
    }

    private static AdminRefusal NotAnObject => AdminRefusal.BadRequest(
        $"The body must be one JSON object with no properties but '{PartParameter}' and '{BytesParameter}', each at most once.");
}
