using System.Text.Json;
using Microsoft.Extensions.AI;

namespace BoundedMemory.AI.Tests.Support;

internal static class Chats
{
    public static ChatMessage Instructions(string text) => new(ChatRole.System, text);

    public static ChatMessage User(string text) => new(ChatRole.User, text);

    public static ChatMessage Assistant(string text) => new(ChatRole.Assistant, text);

    public static ChatMessage Call(params string[] ids) =>
        new(ChatRole.Assistant, [.. ids.Select(id => new FunctionCallContent(id, "look_up", new Dictionary<string, object?> { ["what"] = "something" }))]);

    public static ChatMessage Result(string id, object? result) => new(ChatRole.Tool, [new FunctionResultContent(id, result)]);

    /// <summary>Calls and their results, by turns.</summary>
    public static IEnumerable<ChatMessage> Rounds(int count) =>
        Enumerable.Range(0, count).SelectMany(i => new[] { Call($"call-{i}"), Result($"call-{i}", $"result {i}") });

    public static string Json(IEnumerable<ChatMessage> messages) => JsonSerializer.Serialize(messages.ToArray(), AIJsonUtilities.DefaultOptions);

    public static ChatMessage[] Reduce(IEnumerable<ChatMessage> messages, ConversationWindowOptions<ChatMessage> options) =>
        [.. new ConversationWindowChatReducer(options).ReduceAsync(messages, CancellationToken.None).GetAwaiter().GetResult()];

    /// <summary>A line for each message: role, id, contents.</summary>
    public static string Show(IEnumerable<ChatMessage> messages) => string.Join('\n', messages.Select(m =>
        $"{m.Role} {m.MessageId}: {string.Join(", ", m.Contents.Select(c => $"{c?.GetType().Name} {CallId(c!)}{ResultId(c!)}{c}"))}"));

    /// <summary>What the options say, as far as it decides about a history.</summary>
    public static string Show(ConversationWindowOptions<ChatMessage> o) =>
        $"{o.MaxMessages} messages, {o.MaxBytes} bytes, {o.MaxTokens} tokens, {o.FullContentCount} contents, {o.Content}, {o.TruncateNewestGroup} {o.StartOn} {o.OversizeGroup} {o.IncompleteGroup} {o.WithoutContent}";

    /// <summary>Ids, by type, of calls without results and of results without calls, in a list of messages; results pair with calls before them.</summary>
    public static (IReadOnlyList<(int Message, string Id)> Open, IReadOnlyList<string> Orphans) Unpaired(IReadOnlyList<ChatMessage> messages)
    {
        var open = new List<(int Message, string Id)>();
        var orphans = new List<string>();
        for (int i = 0; i < messages.Count; i++)
        {
            foreach (AIContent content in messages[i].Contents)
            {
                if (CallId(content) is { } call)
                {
                    open.Add((i, call));
                }
                else if (ResultId(content) is { } result && open.FindIndex(o => o.Id == result) is var at)
                {
                    if (at < 0)
                    {
                        orphans.Add(result);
                    }
                    else
                    {
                        open.RemoveAt(at);
                    }
                }
            }
        }

        return (open, orphans);
    }

    private static string? CallId(AIContent content) => content switch
    {
        FunctionCallContent c => "function " + c.CallId,
        McpServerToolCallContent c => "mcp " + c.CallId,
        ToolApprovalRequestContent c => "approval " + c.RequestId,
        _ => null,
    };

    private static string? ResultId(AIContent content) => content switch
    {
        FunctionResultContent c => "function " + c.CallId,
        McpServerToolResultContent c => "mcp " + c.CallId,
        ToolApprovalResponseContent c => "approval " + c.RequestId,
        _ => null,
    };
}
