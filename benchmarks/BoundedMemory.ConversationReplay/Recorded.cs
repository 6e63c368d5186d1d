using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace BoundedMemory.ConversationReplay;

/// <summary>Conversations read from a file, one after another.</summary>
internal static class Recorded
{
    public static IEnumerable<Conversation> Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        foreach (JsonElement conversation in JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(unzipped).ToBlockingEnumerable())
        {
            yield return new Conversation([.. conversation.GetProperty("traj").EnumerateArray().Select(MessageOf)]);
        }
    }

    private static ChatMessage MessageOf(JsonElement json, int index)
    {
        var contents = new List<AIContent>();
        string? text = json.GetProperty("content").GetString();
        if (json.TryGetProperty("tool_call_id", out JsonElement answered))
        {
            contents.Add(new FunctionResultContent(answered.GetString()!, text));
        }
        else if (text is not null)
        {
            contents.Add(new TextContent(text));
        }

        if (json.TryGetProperty("tool_calls", out JsonElement calls))
        {
            contents.AddRange(calls.EnumerateArray().Select(CallOf));
        }

        return new ChatMessage(new ChatRole(json.GetProperty("role").GetString()!), contents)
        {
            AuthorName = json.TryGetProperty("name", out JsonElement name) ? name.GetString() : null,
            MessageId = index.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static FunctionCallContent CallOf(JsonElement call)
    {
        JsonElement function = call.GetProperty("function");
        using var arguments = JsonDocument.Parse(function.GetProperty("arguments").GetString()!);
        return new FunctionCallContent(
            call.GetProperty("id").GetString()!,
            function.GetProperty("name").GetString()!,
            arguments.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value.Clone()));
    }
}
