using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace BoundedMemory.ConversationReplay;

/// <summary>Messages as OpenAI's format has them: UTF-8, no spaces, nothing escaped that need not be.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Bytes of a list of messages, without those of the system, which are the same before and after, and without the brackets and commas around
    /// them.</summary>
    public static long Bytes(IReadOnlyList<ChatMessage> messages) => messages.Where(m => m.Role != ChatRole.System).Sum(Bytes);

    /// <summary>The text of a message, or the result that it is.</summary>
    public static string? TextOf(ChatMessage message) =>
        message.Contents.OfType<FunctionResultContent>().FirstOrDefault() is { } result ? (string?)result.Result
        : message.Contents.Any(c => c is TextContent) ? message.Text : null;

    private static long Bytes(ChatMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Unescaped);
        json.WriteStartObject();
        json.WriteString("role", message.Role.Value);
        if (message.AuthorName is { } name)
        {
            json.WriteString("name", name);
        }

        json.WriteString("content", TextOf(message));
        if (message.Contents.OfType<FunctionResultContent>().FirstOrDefault() is { } result)
        {
            json.WriteString("tool_call_id", result.CallId);
        }

        FunctionCallContent[] calls = [.. message.Contents.OfType<FunctionCallContent>()];
        if (calls.Length > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach (FunctionCallContent call in calls)
            {
                Write(json, call);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenCount;
    }

    private static void Write(Utf8JsonWriter json, FunctionCallContent call)
    {
        json.WriteStartObject();
        json.WriteStartObject("function");
        json.WriteString("arguments", "{" + string.Join(",", call.Arguments!.Select(a => $"{JsonSerializer.Serialize(a.Key)}:{((JsonElement)a.Value!).GetRawText()}")) + "}");
        json.WriteString("name", call.Name);
        json.WriteEndObject();
        json.WriteString("id", call.CallId);
        json.WriteString("type", "function");
        json.WriteEndObject();
    }
}
