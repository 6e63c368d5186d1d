using System.Collections.ObjectModel;
using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>What calls and answers what, and what stands for it where the content is not kept.</summary>
/// <remarks>A placeholder must be of the same type as the content was: one half of a pair may be a placeholder while the other is still whole, and a provider pairs
/// within a type. So the id that windows, and whoever stores their metadata, see begins with the type where that is not a function's.</remarks>
internal static class ChatCalls
{
    private const char Sign = '$';
    private const string Function = "$function/";
    private const string Approval = "$approval/";
    private const string Approved = "approved";
    private const string Rejected = "rejected";
    private const string Input = "$input/";
    private const string Mcp = "$mcp/";
    private const string Code = "$code/";
    private const string Image = "$image/";
    private const string Search = "$search/";
    private const string Tool = "$tool/";

    /// <summary>What a message calls, or answers, that is not called and answered within it.</summary>
    public static (MessageKind Kind, ToolCall[]? Calls) Of(ChatMessage message, MessageRole role)
    {
        List<ToolCall>? calls = null;
        List<ToolCall>? results = null;
        List<string?>? answered = null;
        bool reasons = false;
        bool says = false;
        IList<AIContent> contents = message.Contents;
        for (int i = 0; i < contents.Count; i++)
        {
            AIContent? content = contents[i];
            switch (content)
            {
                case null or UsageContent:
                    break;
                case TextReasoningContent:
                    reasons = true;
                    break;
                default:
                    says = true;
                    if (CallOf(content) is { } call)
                    {
                        (calls ??= []).Add(call);
                    }
                    else if (ResultOf(content) is { } result)
                    {
                        if (TryTake(calls, result.Id))
                        {
                            (answered ??= []).Add(result.Id);
                        }
                        else if (answered?.Contains(result.Id) != true)
                        {
                            (results ??= []).Add(result);
                        }
                    }

                    break;
            }
        }

        bool isCall = calls is { Count: > 0 } && (results is null || role == MessageRole.Assistant);
        return isCall ? (MessageKind.Call, [.. calls!])
            : results is not null ? (MessageKind.Result, [.. results])
            : (reasons && !says && role == MessageRole.Assistant ? MessageKind.Reasoning : MessageKind.Text, null);
    }

    /// <summary>The contents of a placeholder.</summary>
    public static List<AIContent> Placeholders(MessageDescription description)
    {
        int count = description.ToolCalls?.Count ?? 0;
        if (count == 0)
        {
            return [description.Kind == MessageKind.Reasoning ? new TextReasoningContent(ChatMessageAdapter.Placeholder) : new TextContent(ChatMessageAdapter.Placeholder)];
        }

        var contents = new List<AIContent>(count);
        foreach (ToolCall call in description.ToolCalls!)
        {
            contents.Add(description.Kind == MessageKind.Result ? ResultPlaceholder(call) : CallPlaceholder(call));
        }

        return contents;
    }

    /// <summary>What is called, if it is a call.</summary>
    private static ToolCall? CallOf(AIContent content) => content switch
    {
        FunctionCallContent call => new ToolCall(FunctionId(call.CallId), call.Name),
        McpServerToolCallContent call => new ToolCall(Mcp + call.CallId, call.Name),
        CodeInterpreterToolCallContent call => new ToolCall(Code + call.CallId),
        ImageGenerationToolCallContent call => new ToolCall(Image + call.CallId),
        WebSearchToolCallContent call => new ToolCall(Search + call.CallId),
        ToolCallContent call => new ToolCall(Tool + call.CallId),
        ToolApprovalRequestContent request => new ToolCall(Approval + request.RequestId, NameOf(request.ToolCall)),
        InputRequestContent request => new ToolCall(Input + request.RequestId),
        _ => null,
    };

    /// <summary>What is answered, if it is an answer.</summary>
    private static ToolCall? ResultOf(AIContent content) => content switch
    {
        FunctionResultContent result => new ToolCall(FunctionId(result.CallId)),
        McpServerToolResultContent result => new ToolCall(Mcp + result.CallId),
        CodeInterpreterToolResultContent result => new ToolCall(Code + result.CallId),
        ImageGenerationToolResultContent result => new ToolCall(Image + result.CallId),
        WebSearchToolResultContent result => new ToolCall(Search + result.CallId),
        ToolResultContent result => new ToolCall(Tool + result.CallId),
        ToolApprovalResponseContent response => new ToolCall(Approval + response.RequestId, response.Approved ? Approved : Rejected),
        InputResponseContent response => new ToolCall(Input + response.RequestId),
        _ => null,
    };

    private static AIContent CallPlaceholder(ToolCall call) => Split(call.Id) switch
    {
        (_, "") => new TextContent(ChatMessageAdapter.Placeholder),
        (Approval, var id) => new ToolApprovalRequestContent(id, DoneCall(id, call.Name)),
        (Mcp, var id) => new McpServerToolCallContent(id, call.Name ?? "", serverName: null) { Arguments = ReadOnlyDictionary<string, object?>.Empty },
        (Code, var id) => new CodeInterpreterToolCallContent(id),
        (Image, var id) => new ImageGenerationToolCallContent(id),
        (Search, var id) => new WebSearchToolCallContent(id),
        (Tool, var id) => new ToolCallContent(id),
        (Input, _) => new TextContent(ChatMessageAdapter.Placeholder),
        (_, var id) => NewCall(id, call.Name),
    };

    private static AIContent ResultPlaceholder(ToolCall result) => Split(result.Id) switch
    {
        (_, "") => new TextContent(ChatMessageAdapter.Placeholder),
        (Approval, var id) => new ToolApprovalResponseContent(id, result.Name != Rejected, DoneCall(id, name: null)),
        (Mcp, var id) => new McpServerToolResultContent(id) { Outputs = [new TextContent(ChatMessageAdapter.Placeholder)] },
        (Code, var id) => new CodeInterpreterToolResultContent(id),
        (Image, var id) => new ImageGenerationToolResultContent(id),
        (Search, var id) => new WebSearchToolResultContent(id),
        (Tool, var id) => new ToolResultContent(id),
        (Input, _) => new TextContent(ChatMessageAdapter.Placeholder),
        (_, var id) => new FunctionResultContent(id, ChatMessageAdapter.Placeholder),
    };

    /// <summary>A call of which only the id and the name are known.</summary>
    private static FunctionCallContent NewCall(string id, string? name) => new(id, name ?? "", ReadOnlyDictionary<string, object?>.Empty);

    /// <summary>The call that an approval is about. Nobody is to make it any more.</summary>
    private static FunctionCallContent DoneCall(string id, string? name) => new(id, name ?? "", ReadOnlyDictionary<string, object?>.Empty) { InformationalOnly = true };

    private static string NameOf(ToolCallContent call) => CallOf(call)?.Name ?? "";

    private static string? FunctionId(string? id) => id is [Sign, ..] ? Function + id : id;

    private static (string Type, string Id) Split(string? id)
    {
        int end = id is [Sign, ..] ? id.IndexOf('/', StringComparison.Ordinal) + 1 : 0;
        string? rest = id?[end..];
        return (id?[..end] ?? "", string.IsNullOrWhiteSpace(rest) ? "" : rest);
    }

    /// <summary>Takes the first call of that id out of those that wait.</summary>
    private static bool TryTake(List<ToolCall>? calls, string? id)
    {
        int index = calls?.FindIndex(call => call.Id == id) ?? -1;
        if (index < 0)
        {
            return false;
        }

        calls!.RemoveAt(index);
        return true;
    }
}
