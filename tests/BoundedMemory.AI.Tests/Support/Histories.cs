using System.Globalization;
using System.Text.Json;
using BoundedMemory.Tests.Conversation.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace BoundedMemory.AI.Tests.Support;

/// <summary>Chat histories as they come, and as they should not: parallel calls, ids used again, results that are missing, late, there twice or of no call, approvals, hosted tools, empty
/// messages, the same message twice.</summary>
internal static class Histories
{
    private static readonly Gen<string> Text = Gen.Frequency(
        (8, Gen.Choose(0, 400).Select(n => string.Concat(Enumerable.Repeat("some words ", n / 10)))), (1, Texts.Any.Select(t => t.Length > 3000 ? t[..3000] : t)));

    private static readonly Gen<string> Id = Gen.Elements("a", "b", "c", "$b", "$mcp/a");

    private static readonly Gen<object?> Result = Gen.OneOf(
        Text.Select(t => (object?)t),
        Text.Select(t => (object?)JsonSerializer.SerializeToElement(new[] { t })),
        Text.Select(t => (object?)new Dictionary<string, object?> { ["value"] = t }),
        Text.Select(t => (object?)new List<AIContent> { new TextContent(t) { RawRepresentation = new object() } }),
        Gen.Elements<object?>(null, 7, true));

    private static readonly Gen<AIContent> Said = Gen.Frequency(
        (10, Text.Select(AIContent (t) => new TextContent(t))),
        (2, Text.Select(AIContent (t) => new TextReasoningContent(t))),
        (1, Text.Select(AIContent (t) => new TextReasoningContent(t) { ProtectedData = "signed" })),
        (1, Text.Select(AIContent (t) => new ErrorContent(t) { Details = t })),
        (1, Gen.Choose(0, 300).Select(AIContent (n) => new DataContent(new byte[n], "image/png"))),
        (1, Gen.Constant(0).Select(AIContent (_) => new UriContent("https://example.com/a.png", "image/png"))),
        (1, Gen.Constant(0).Select(AIContent (_) => new UsageContent())),
        (1, Gen.Constant(0).Select(AIContent (_) => null!)),
        (1, Id.Select(AIContent (id) => new WebSearchToolCallContent(id))));

    private static readonly Gen<AIContent> Call = Gen.Frequency(
        (8, from id in Id from text in Text select (AIContent)new FunctionCallContent(id, "f" + id, new Dictionary<string, object?> { ["x"] = text })),
        (1, Id.Select(AIContent (id) => new ToolApprovalRequestContent("r" + id, new FunctionCallContent(id, "f", new Dictionary<string, object?> { ["x"] = 1 })))),
        (1, Id.Select(AIContent (id) => new McpServerToolCallContent(id, "m", "server"))));

    /// <summary>What answers calls, more or less: in one message or in several, most of the time.</summary>
    private static Gen<ChatMessage[]> Answers(AIContent[] calls) =>
        from results in Gen.CollectToArray(calls.Select(AnswerTo))
        from extra in Gen.Frequency((9, Gen.Constant(Array.Empty<AIContent>())), (1, Gen.CollectToArray(calls.Take(1).Select(AnswerTo))))
        from keep in Gen.Frequency((8, Gen.Constant(int.MaxValue)), (2, Gen.Choose(0, calls.Length)))
        from together in ArbMap.Default.GeneratorFor<bool>()
        from between in Gen.Frequency((8, Gen.Constant(Array.Empty<ChatMessage>())), (1, Message(ChatRole.Assistant).Select(m => new[] { m })), (1, Message(ChatRole.User).Select(m => new[] { m })))
        let all = results.Concat(extra).Take(keep).ToArray()
        let messages = all.Length == 0 ? []
            : together && all.All(c => c is FunctionResultContent) ? [new ChatMessage(ChatRole.Tool, all)]
            : all.Select(c => new ChatMessage(c is ToolApprovalResponseContent ? ChatRole.User : ChatRole.Tool, [c])).ToArray()
        select (ChatMessage[])[.. between, .. messages];

    private static Gen<AIContent> AnswerTo(AIContent call) => call switch
    {
        FunctionCallContent f => Result.Select(AIContent (r) => new FunctionResultContent(f.CallId, r) { Exception = new InvalidOperationException() }),
        McpServerToolCallContent m => Text.Select(AIContent (t) => new McpServerToolResultContent(m.CallId) { Outputs = [new TextContent(t)] }),
        ToolApprovalRequestContent a => ArbMap.Default.GeneratorFor<bool>().Select(AIContent (yes) => new ToolApprovalResponseContent(a.RequestId, yes, a.ToolCall)),
        _ => throw new NotSupportedException(),
    };

    private static Gen<ChatMessage[]> Round =>
        from calls in Gen.Choose(1, 4).SelectMany(n => Call.ArrayOf(n))
        from said in Said.ArrayOf(1)
        from says in ArbMap.Default.GeneratorFor<bool>()
        from apart in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
        from answers in Answers(calls)
        let head = apart ? calls.Select(c => new ChatMessage(ChatRole.Assistant, [c])).ToArray() : [new ChatMessage(ChatRole.Assistant, says ? [.. said, .. calls] : [.. calls])]
        select (ChatMessage[])[.. head, .. answers];

    private static Gen<ChatMessage> Message(ChatRole role) =>
        from count in Gen.Frequency((1, Gen.Constant(0)), (10, Gen.Constant(1)), (3, Gen.Choose(2, 4)))
        from contents in Said.ArrayOf(count)
        select new ChatMessage(role, [.. contents]);

    private static readonly Gen<ChatMessage[]> Part = Gen.Frequency(
        (10, Message(ChatRole.User).Select(One)),
        (8, Message(ChatRole.Assistant).Select(One)),
        (10, Round),
        (2, Text.Select(t => One(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent(t)])))),
        (1, Text.Select(t => One(new ChatMessage(ChatRole.System, t.Length > 500 ? t[..500] : t)))),
        (1, Message(new ChatRole("critic")).Select(One)),
        (1, Message(ChatRole.Tool).Select(One)),
        (1, from id in Id from result in Result select One(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(id, result)]))),
        (1, from id in Id
            from text in Text
            select One(new ChatMessage(ChatRole.Assistant, [new WebSearchToolCallContent(id), new WebSearchToolResultContent(id) { Outputs = [new TextContent(text)] }]))));

    /// <summary>Each message has an id of its own, its place; with raw representations, annotations and properties here and there; one is there twice now and then.</summary>
    public static readonly Gen<ChatMessage[]> Any =
        from parts in Part.ArrayOf()
        from system in Gen.Frequency((1, Gen.Constant(true)), (1, Gen.Constant(false)))
        from marks in Gen.Choose(0, 7).ArrayOf(200)
        from twice in Gen.Frequency((4, Gen.Constant(-1)), (1, Gen.Choose(0, 50)))
        select Prepare([.. system ? One(new ChatMessage(ChatRole.System, "You are of help.")) : [], .. parts.SelectMany(p => p)], marks, twice);

    public static readonly Gen<ConversationWindowOptions<ChatMessage>> Options =
        from messages in Gen.Frequency((6, Gen.Choose(1, 12)), (1, Gen.Choose(12, 60)))
        from bytes in Gen.Frequency((3, Gen.Constant(64 * 1024)), (2, Gen.Choose(4096, 16_000)))
        from tokens in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 400)))
        from full in Gen.Choose(1, 8)
        from content in Gen.Frequency((1, Gen.Constant<TextTruncation?>(null)), (4, Truncation.Select(t => (TextTruncation?)t)))
        from flags in Gen.Choose(0, 31)
        select new ConversationWindowOptions<ChatMessage>
        {
            Adapter = ChatMessageAdapter.Default,
            MessageSizer = ChatMessageAdapter.Sizer,
            MaxMessages = messages,
            MaxBytes = bytes,
            MaxTokens = tokens == 0 ? null : tokens,
            TokenCounter = tokens == 0 ? null : text => (text.Length + 3) / 4,
            FullContentCount = full,
            Content = content,
            TruncateNewestGroup = (flags & 1) != 0,
            StartOn = (flags & 2) != 0 ? StartOn.AnyMessage : StartOn.UserMessageIfPossible,
            OversizeGroup = (flags & 4) != 0 ? OversizeGroup.Reject : OversizeGroup.TruncateThenDrop,
            IncompleteGroup = (flags & 8) != 0 ? IncompleteGroup.Keep : IncompleteGroup.Drop,
            WithoutContent = (flags & 16) != 0 ? WithoutContent.Omit : WithoutContent.Placeholder,
        };

    public static readonly Gen<TextTruncation> Truncation =
        from length in Gen.Frequency((1, Gen.Choose(0, 5)), (4, Gen.Choose(5, 300)))
        from unit in Gen.Elements(Enum.GetValues<TruncationUnit>())
        from position in Gen.Elements(Enum.GetValues<TruncationPosition>())
        from marker in Gen.Elements("…", "", "...")
        select new TextTruncation(length, unit, position, marker);

    private static ChatMessage[] One(ChatMessage message) => [message];

    private static ChatMessage[] Prepare(ChatMessage[] messages, int[] marks, int twice)
    {
        for (int i = 0; i < messages.Length; i++)
        {
            ChatMessage message = messages[i];
            message.MessageId = i.ToString(CultureInfo.InvariantCulture);
            message.AuthorName = "name";
            message.CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(i);
            Mark(message, message.Contents.FirstOrDefault(), marks[i % marks.Length]);
        }

        return twice < 0 || twice >= messages.Length ? messages : [.. messages, messages[twice]];
    }

    private static void Mark(ChatMessage message, AIContent? content, int mark)
    {
        message.RawRepresentation = (mark & 1) != 0 ? new byte[64] : null;
        if (mark == 7)
        {
            message.AdditionalProperties = new() { ["key"] = "value" };
        }

        if (content is not null && (mark & 2) != 0)
        {
            content.RawRepresentation = new byte[64];
            content.Annotations = [new CitationAnnotation { Title = "title" }];
        }

        if (content is not null && (mark & 4) != 0)
        {
            content.AdditionalProperties = new() { ["id"] = "value" };
        }
    }
}
