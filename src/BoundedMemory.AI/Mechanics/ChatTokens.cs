using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>Counts tokens of what a model reads as text.</summary>
internal static class ChatTokens
{
    public static int Count(IEnumerable<AIContent?> contents, TokenCounter counter)
    {
        long sum = 0;
        foreach (AIContent? content in contents)
        {
            sum += Count(content, counter);
        }

        return (int)Math.Min(sum, int.MaxValue);
    }

    private static long Count(AIContent? content, TokenCounter counter) => content switch
    {
        TextContent text => OfText(text.Text, counter),
        TextReasoningContent reasoning => OfText(reasoning.Text, counter),
        ErrorContent error => OfText(error.Message, counter) + OfText(error.Details, counter),
        FunctionCallContent call => OfText(call.Name, counter) + OfArguments(call.Arguments, counter),
        McpServerToolCallContent call => OfText(call.Name, counter) + OfArguments(call.Arguments, counter),
        CodeInterpreterToolCallContent { Inputs: { } inputs } => Count(inputs, counter),
        WebSearchToolCallContent { Queries: { } queries } => queries.Sum(query => OfText(query, counter)),
        ToolApprovalRequestContent request => Count(request.ToolCall, counter),
        ToolApprovalResponseContent response => OfText(response.Reason, counter),
        FunctionResultContent result => ChatResults.CountTokens(result.Result, counter),
        not null when ChatContents.OutputsOf(content) is { } outputs => Count(outputs, counter),
        _ => 0,
    };

    private static long OfArguments(IDictionary<string, object?>? arguments, TokenCounter counter)
    {
        long sum = 0;
        foreach ((string name, object? value) in arguments ?? new Dictionary<string, object?>())
        {
            sum += OfText(name, counter) + OfText(ChatResults.TextOf(value), counter);
        }

        return sum;
    }

    private static long OfText(string? text, TokenCounter counter) => string.IsNullOrEmpty(text) ? 0 : counter(text);
}
