using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>Texts of what functions returned.</summary>
internal static class ChatResults
{
    /// <summary>Returns a result whose texts are cut, the same instance if none has to be.</summary>
    public static object? Truncate(object? result, in TextTruncation truncation)
    {
        switch (result)
        {
            case null or AIContent and not TextContent:
                return result;
            case IEnumerable<AIContent> contents:
                List<AIContent> all = [.. contents];
                IList<AIContent> cut = ChatContents.TruncateResults(all, truncation);
                return ReferenceEquals(cut, all) ? result : cut;
            default:
                string? text = TextOf(result);
                string? shorter = text is null ? null : Cut(text, truncation);
                return ReferenceEquals(shorter, text) ? result : shorter;
        }
    }

    /// <summary>Cuts the text of a result, but not a placeholder.</summary>
    public static string Cut(string text, in TextTruncation truncation) => text == ChatMessageAdapter.Placeholder ? text : TruncatedResult.Truncate(text, truncation);

    /// <summary>Returns a result without providers' objects, the same instance if it has none.</summary>
    public static object? Strip(object? result)
    {
        switch (result)
        {
            case AIContent content:
                return ChatContents.Strip(content);
            case IEnumerable<AIContent> contents:
                List<AIContent> all = [.. contents];
                IList<AIContent> stripped = ChatContents.Strip(all);
                return ReferenceEquals(stripped, all) ? result : stripped;
            default:
                return result;
        }
    }

    /// <summary>Counts tokens.</summary>
    public static int CountTokens(object? result, TokenCounter counter) => result switch
    {
        AIContent content => ChatTokens.Count([content], counter),
        IEnumerable<AIContent> contents => ChatTokens.Count(contents, counter),
        _ => TextOf(result) is { } text ? counter(text) : 0,
    };

    /// <summary>What is sent to the model of a result; null if nothing is, or if that cannot be known.</summary>
    public static string? TextOf(object? result) => result switch
    {
        null => null,
        string text => text,
        TextContent content => content.Text,
        JsonElement { ValueKind: JsonValueKind.Undefined } => null,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString(),
        JsonElement element => element.GetRawText(),
        JsonDocument document => TextOf(document.RootElement),
        _ => Serialized(result),
    };

    /// <summary>What <see cref="AIJsonUtilities.DefaultOptions"/> makes of an object; null if they know no way.</summary>
    /// <remarks>These are the options with which providers serialise results. By description of the type, which is found by reflection only where that is
    /// allowed.</remarks>
    private static string? Serialized(object value)
    {
        try
        {
            return AIJsonUtilities.DefaultOptions.TryGetTypeInfo(value.GetType(), out JsonTypeInfo? type) ? JsonSerializer.Serialize(value, type) : null;
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
