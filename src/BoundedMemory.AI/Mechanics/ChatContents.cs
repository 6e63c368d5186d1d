using Microsoft.Extensions.AI;

namespace BoundedMemory;

/// <summary>Copies of messages from which something has been left out. What could stay as it was is shared with the original, which is never changed.</summary>
internal static class ChatContents
{
    private delegate AIContent? Change<TArgument>(AIContent content, in TArgument argument);

    /// <summary>Leaves out what nobody reads in a request; see <see cref="ChatMessageAdapter.Retain"/>.</summary>
    public static ChatMessage Strip(ChatMessage message)
    {
        IList<AIContent> contents = message.Contents;
        IList<AIContent> stripped = Strip(contents);
        if (ReferenceEquals(stripped, contents) && message.RawRepresentation is null)
        {
            return message;
        }

        ChatMessage copy = message.Clone();
        copy.Contents = stripped;
        copy.RawRepresentation = null;
        return copy;
    }

    /// <summary>Cuts texts; see <see cref="ChatMessageAdapter.Truncate"/>.</summary>
    public static ChatMessage Truncate(ChatMessage message, in TextTruncation truncation)
    {
        IList<AIContent> contents = message.Contents;
        IList<AIContent> cut = All(contents, truncation, static (AIContent content, in TextTruncation truncation) => Truncate(content, truncation));
        if (ReferenceEquals(cut, contents))
        {
            return message;
        }

        if (!cut.Any(content => content is not UsageContent))
        {
            // Reasoning is left out instead of cut, unless there is nothing else: a message stays what it is.
            cut = All(contents, truncation, static (AIContent content, in TextTruncation truncation) => content is TextReasoningContent reasoning ? Cut(reasoning, truncation) : content);
        }

        ChatMessage copy = message.Clone();
        copy.Contents = cut;
        copy.RawRepresentation = null;
        copy.AdditionalProperties = null;
        return copy;
    }

    /// <summary>The same list if nothing changes; null stands for a content that is left out.</summary>
    private static IList<AIContent> All<TArgument>(IList<AIContent> contents, in TArgument argument, Change<TArgument> change)
    {
        List<AIContent>? changed = null;
        for (int i = 0; i < contents.Count; i++)
        {
            AIContent? before = contents[i];
            AIContent? after = before is null ? null : change(before, argument);
            if (changed is null && (!ReferenceEquals(after, before) || after is null))
            {
                changed = new List<AIContent>(contents.Count);
                for (int j = 0; j < i; j++)
                {
                    changed.Add(contents[j]);
                }
            }

            if (after is not null)
            {
                changed?.Add(after);
            }
        }

        return changed ?? contents;
    }

    public static IList<AIContent> Strip(IList<AIContent> contents) => All(contents, 0, static (AIContent content, in int _) => Strip(content));

    public static AIContent Strip(AIContent content)
    {
        bool isOpaque = content.GetType() == typeof(AIContent) || content.GetType() == typeof(ToolCallContent) || content.GetType() == typeof(ToolResultContent);
        AIContent result = content;
        if (content.Annotations is not null || (content.RawRepresentation is not null && !isOpaque))
        {
            result = ShallowCopies.Copy(content);
            result.Annotations = null;
            result.RawRepresentation = isOpaque ? content.RawRepresentation : null;
        }

        switch (content)
        {
            case FunctionCallContent { Exception: not null }:
                ((FunctionCallContent)Owned(content, ref result)).Exception = null;
                break;
            case FunctionResultContent answer when ChatResults.Strip(answer.Result) is var value && (answer.Exception is not null || !ReferenceEquals(value, answer.Result)):
                var own = (FunctionResultContent)Owned(content, ref result);
                own.Exception = null;
                own.Result = value;
                break;
            case ToolApprovalRequestContent request when !ReferenceEquals(Strip(request.ToolCall), request.ToolCall):
                return new ToolApprovalRequestContent(request.RequestId, (ToolCallContent)Strip(request.ToolCall)) { AdditionalProperties = request.AdditionalProperties };
            case ToolApprovalResponseContent response when !ReferenceEquals(Strip(response.ToolCall), response.ToolCall):
                return new ToolApprovalResponseContent(response.RequestId, response.Approved, (ToolCallContent)Strip(response.ToolCall))
                {
                    AdditionalProperties = response.AdditionalProperties,
                    Reason = response.Reason,
                };
            case CodeInterpreterToolCallContent { Inputs: { } before } when Strip(before) is var inputs && !ReferenceEquals(inputs, before):
                ((CodeInterpreterToolCallContent)Owned(content, ref result)).Inputs = inputs;
                break;
            default:
                if (OutputsOf(content) is { } outputs && Strip(outputs) is var kept && !ReferenceEquals(kept, outputs))
                {
                    SetOutputs(Owned(content, ref result), kept);
                }

                break;
        }

        return result;
    }

    /// <summary>Null: it is left out.</summary>
    private static AIContent? Truncate(AIContent content, in TextTruncation truncation)
    {
        switch (content)
        {
            case TextContent text:
                string shorter = CutText(text.Text, truncation);
                return ReferenceEquals(shorter, text.Text) ? text : new TextContent(shorter);
            case TextReasoningContent reasoning:
                TextReasoningContent cutReasoning = Cut(reasoning, truncation);
                return ReferenceEquals(cutReasoning, reasoning) || (reasoning.ProtectedData is null && reasoning.AdditionalProperties is null) ? cutReasoning : null;
            case ErrorContent error:
                return Cut(error, truncation);
            case FunctionResultContent result:
                object? value = ChatResults.Truncate(result.Result, truncation);
                if (ReferenceEquals(value, result.Result))
                {
                    return result;
                }

                var cut = (FunctionResultContent)Bare(result);
                cut.Result = value;
                return cut;
            case ToolApprovalResponseContent { Reason: { } reason } response:
                string shorterReason = TextTruncator.Truncate(reason, truncation);
                return ReferenceEquals(shorterReason, reason) ? response : new ToolApprovalResponseContent(response.RequestId, response.Approved, response.ToolCall) { Reason = shorterReason };
            default:
                IList<AIContent>? outputs = OutputsOf(content);
                IList<AIContent>? shortened = outputs is null ? null : TruncateResults(outputs, truncation);
                if (ReferenceEquals(shortened, outputs))
                {
                    return content;
                }

                AIContent copy = Bare(content);
                SetOutputs(copy, shortened);
                return copy;
        }
    }

    /// <summary>Contents that a tool returned: their texts are results.</summary>
    public static IList<AIContent> TruncateResults(IList<AIContent> contents, in TextTruncation truncation) =>
        All(contents, truncation, static (AIContent content, in TextTruncation truncation) =>
        {
            if (content is not TextContent text)
            {
                return Truncate(content, truncation);
            }

            string shorter = ChatResults.Cut(text.Text, truncation);
            return ReferenceEquals(shorter, text.Text) ? text : new TextContent(shorter);
        });

    /// <summary>A placeholder is not cut: it would be another one when what was reduced is reduced again.</summary>
    private static string CutText(string text, in TextTruncation truncation) => text == ChatMessageAdapter.Placeholder ? text : TextTruncator.Truncate(text, truncation);

    private static TextReasoningContent Cut(TextReasoningContent reasoning, in TextTruncation truncation)
    {
        string shorter = CutText(reasoning.Text, truncation);
        return ReferenceEquals(shorter, reasoning.Text) ? reasoning : new TextReasoningContent(shorter);
    }

    private static ErrorContent Cut(ErrorContent error, in TextTruncation truncation)
    {
        string message = TextTruncator.Truncate(error.Message, truncation);
        string? details = error.Details is null ? null : TextTruncator.Truncate(error.Details, truncation);
        return ReferenceEquals(message, error.Message) && ReferenceEquals(details, error.Details) ? error : new ErrorContent(message) { ErrorCode = error.ErrorCode, Details = details };
    }

    /// <summary>What a hosted tool returned, if it is that.</summary>
    public static IList<AIContent>? OutputsOf(AIContent content) => content switch
    {
        McpServerToolResultContent result => result.Outputs,
        CodeInterpreterToolResultContent result => result.Outputs,
        WebSearchToolResultContent result => result.Outputs,
        ImageGenerationToolResultContent result => result.Outputs,
        _ => null,
    };

    private static void SetOutputs(AIContent content, IList<AIContent>? outputs)
    {
        switch (content)
        {
            case McpServerToolResultContent result: result.Outputs = outputs; break;
            case CodeInterpreterToolResultContent result: result.Outputs = outputs; break;
            case WebSearchToolResultContent result: result.Outputs = outputs; break;
            case ImageGenerationToolResultContent result: result.Outputs = outputs; break;
        }
    }

    /// <summary>The copy that may be changed, made when it is first needed.</summary>
    private static AIContent Owned(AIContent original, ref AIContent copy)
    {
        if (ReferenceEquals(original, copy))
        {
            copy = ShallowCopies.Copy(original);
        }

        return copy;
    }

    /// <summary>A copy without what may hold all of what is cut.</summary>
    private static AIContent Bare(AIContent content)
    {
        AIContent copy = ShallowCopies.Copy(content);
        copy.AdditionalProperties = null;
        copy.Annotations = null;
        copy.RawRepresentation = null;
        return copy;
    }
}
