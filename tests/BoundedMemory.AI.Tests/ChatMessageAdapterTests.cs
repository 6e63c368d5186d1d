using System.Text.Json;
using Microsoft.Extensions.AI;
using static BoundedMemory.AI.Tests.Support.Chats;

namespace BoundedMemory.AI.Tests;

public class ChatMessageAdapterTests
{
    private static readonly ChatMessageAdapter Adapter = ChatMessageAdapter.Default;
    private static readonly TextTruncation Ten = new(10);

    [Theory]
    [InlineData("system", MessageRole.System)]
    [InlineData("developer", MessageRole.System)]
    [InlineData("Developer", MessageRole.System)]
    [InlineData("user", MessageRole.User)]
    [InlineData("assistant", MessageRole.Assistant)]
    [InlineData("tool", MessageRole.Tool)]
    [InlineData("function", MessageRole.Tool)]
    [InlineData("critic", MessageRole.Assistant)]
    public void Role_OfAnyName_IsOneOfFour(string name, MessageRole expected) =>
        Assert.Equal(expected, Adapter.Describe(new ChatMessage(new ChatRole(name), "text")).Role);

    [Fact]
    public void Kind_OfMessages_IsWhatTheirContentsAre()
    {
        Assert.Equal(MessageKind.Text, Adapter.Describe(new ChatMessage()).Kind);
        Assert.Equal(MessageKind.Text, Adapter.Describe(User("hello")).Kind);
        Assert.Equal(MessageKind.Call, Adapter.Describe(Call("a")).Kind);
        Assert.Equal(MessageKind.Result, Adapter.Describe(Result("a", 1)).Kind);
        Assert.Equal(MessageKind.Reasoning, Adapter.Describe(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("hm"), new UsageContent(), null!])).Kind);
        Assert.Equal(MessageKind.Text, Adapter.Describe(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("hm"), new TextContent("yes")])).Kind);
        Assert.Equal([new ToolCall("a", "look_up"), new ToolCall("b", "look_up")], Adapter.Describe(Call("a", "b")).ToolCalls);
        Assert.Equal([new ToolCall("a")], Adapter.Describe(Result("a", 1)).ToolCalls);
    }

    /// <summary>A hosted tool's call and its result come in one message, the result sometimes twice while it is being made.</summary>
    [Fact]
    public void Calls_AnsweredWithinTheirMessage_BindItToNoOther()
    {
        ChatMessage hosted = new(ChatRole.Assistant, [new ImageGenerationToolCallContent("i"), new ImageGenerationToolResultContent("i"), new ImageGenerationToolResultContent("i")]);
        Assert.Equal(MessageKind.Text, Adapter.Describe(hosted).Kind);
        hosted.Contents.Add(new FunctionCallContent("f", "name"));
        Assert.Equal([new ToolCall("f", "name")], Adapter.Describe(hosted).ToolCalls);
    }

    [Fact]
    public void Approval_AndItsResponse_AreACallAndItsResult()
    {
        var call = new FunctionCallContent("a", "delete", new Dictionary<string, object?> { ["what"] = "all" });
        MessageDescription request = Adapter.Describe(new ChatMessage(ChatRole.Assistant, [new ToolApprovalRequestContent("r", call)]));
        MessageDescription response = Adapter.Describe(new ChatMessage(ChatRole.User, [new ToolApprovalResponseContent("r", approved: false, call)]));
        Assert.Equal((MessageKind.Call, MessageKind.Result), (request.Kind, response.Kind));
        Assert.Equal(request.ToolCalls!.Single().Id, response.ToolCalls!.Single().Id);
        Assert.NotEqual(Adapter.Describe(Call("r")).ToolCalls!.Single().Id, request.ToolCalls!.Single().Id);

        var placeholder = Assert.IsType<ToolApprovalResponseContent>(Adapter.CreatePlaceholder(new MessageMetadata(0, response, default)).Contents.Single());
        Assert.Equal(("r", false), (placeholder.RequestId, placeholder.Approved));
        var asked = Assert.IsType<ToolApprovalRequestContent>(Adapter.CreatePlaceholder(new MessageMetadata(0, request, default)).Contents.Single());
        Assert.Equal("delete", Assert.IsType<FunctionCallContent>(asked.ToolCall).Name);
        Assert.True(((FunctionCallContent)asked.ToolCall).InformationalOnly);
    }

    [Fact]
    public void Placeholder_OfCallsAndResults_HasTheirIdsAndNamesAndNoArguments()
    {
        ChatMessage call = Adapter.CreatePlaceholder(new MessageMetadata(0, Adapter.Describe(Call("a", "$b")), default));
        Assert.Equal(ChatRole.Assistant, call.Role);
        Assert.Equal([("a", "look_up", 0), ("$b", "look_up", 0)], call.Contents.Cast<FunctionCallContent>().Select(c => (c.CallId, c.Name, c.Arguments!.Count)));
        ChatMessage result = Adapter.CreatePlaceholder(new MessageMetadata(0, Adapter.Describe(Result("a", "large")), default));
        Assert.Equal(("a", (object)"[content not kept]"), result.Contents.Cast<FunctionResultContent>().Select(r => (r.CallId, r.Result!)).Single());
    }

    /// <summary>A source may return anything.</summary>
    [Fact]
    public void Placeholder_OfMetadataWithoutIds_IsAMessage()
    {
        foreach (string? id in (string?[])[null, "", " ", "$mcp/", "$unknown/x", "$"])
        {
            foreach (MessageKind kind in Enum.GetValues<MessageKind>())
            {
                Assert.NotEmpty(Adapter.CreatePlaceholder(new MessageMetadata(0, new MessageDescription(MessageRole.Assistant, kind, [new ToolCall(id)]), default)).Contents);
            }
        }
    }

    [Fact]
    public void Truncate_Texts_CutsEachAndKeepsTheRest()
    {
        var data = new DataContent(new byte[100], "image/png");
        ChatMessage message = new(ChatRole.User, [new TextContent("0123456789abc"), data, new TextContent("short"), new TextContent("0123456789abc")]) { MessageId = "m", AuthorName = "n", CreatedAt = DateTimeOffset.UnixEpoch };
        ChatMessage cut = Adapter.Truncate(message, Ten);
        Assert.Equal(["012345678…", "short", "012345678…"], cut.Contents.OfType<TextContent>().Select(t => t.Text));
        Assert.Same(data, cut.Contents[1]);
        Assert.Same(message.Contents[2], cut.Contents[2]);
        Assert.Equal(("m", "n", DateTimeOffset.UnixEpoch), (cut.MessageId, cut.AuthorName, cut.CreatedAt));
        Assert.Equal("0123456789abc", ((TextContent)message.Contents[0]).Text);
    }

    public static TheoryData<object> Results => new(
        new string('x', 100), JsonSerializer.SerializeToElement(new[] { new string('x', 98) }), JsonDocument.Parse($"[\"{new string('x', 96)}\"]"),
        new Dictionary<string, object?> { ["a"] = new string('x', 90) }, new TextContent(new string('x', 100)), Enumerable.Range(0, 50).ToArray());

    [Theory]
    [MemberData(nameof(Results))]
    public void Truncate_AResult_MakesMarkedTextOfIt(object result)
    {
        ChatMessage message = Result("a", result);
        var cut = (FunctionResultContent)Adapter.Truncate(message, new TextTruncation(50)).Contents.Single();
        string text = Assert.IsType<string>(cut.Result);
        Assert.StartsWith("[truncated: ", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 30, 50);
        Assert.Same(result, ((FunctionResultContent)message.Contents[0]).Result);
        Assert.Same(message, Adapter.Truncate(message, new TextTruncation(1000)));
    }

    [Fact]
    public void Truncate_ResultsOfContents_CutsTheirTexts()
    {
        var image = new DataContent(new byte[100], "image/png");
        ChatMessage message = Result("a", new List<AIContent> { new TextContent(new string('x', 100)), image });
        message.Contents.Add(new McpServerToolResultContent("m") { Outputs = [new TextContent(new string('x', 100))] });
        ChatMessage cut = Adapter.Truncate(message, new TextTruncation(50));
        var result = (IEnumerable<AIContent>)((FunctionResultContent)cut.Contents[0]).Result!;
        Assert.StartsWith("[truncated: ", ((TextContent)result.First()).Text, StringComparison.Ordinal);
        Assert.Same(image, result.Last());
        Assert.StartsWith("[truncated: ", ((TextContent)((McpServerToolResultContent)cut.Contents[1]).Outputs!.Single()).Text, StringComparison.Ordinal);
    }

    /// <summary>What a provider has no way to serialise it does not send; there is no text to cut.</summary>
    [Fact]
    public void Truncate_AResultThatCannotBeSerialised_LeavesIt()
    {
        ChatMessage message = Result("a", typeof(string));
        Assert.Same(message, Adapter.Truncate(message, Ten));
        Assert.Equal(0, Adapter.CountTokens(message, text => text.Length));
    }

    [Fact]
    public void Truncate_ReasoningThatIsSigned_LeavesItOutInsteadOfCuttingIt()
    {
        var signed = new TextReasoningContent("0123456789abc") { ProtectedData = "signature" };
        Assert.IsType<TextContent>(Assert.Single(Adapter.Truncate(new ChatMessage(ChatRole.Assistant, [signed, new TextContent("yes")]), Ten).Contents));
        var alone = Assert.IsType<TextReasoningContent>(Adapter.Truncate(new ChatMessage(ChatRole.Assistant, [signed]), Ten).Contents.Single());
        Assert.Equal(("012345678…", null), (alone.Text, alone.ProtectedData));
        var whole = new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("short") { ProtectedData = new string('s', 1000) }]);
        Assert.Same(whole, Adapter.Truncate(whole, Ten));
    }

    [Fact]
    public void Retain_OfAProvidersObjects_LeavesOutAllButThoseThatAreEverything()
    {
        var raw = new object();
        var opaque = new AIContent { RawRepresentation = raw, Annotations = [new CitationAnnotation()] };
        var text = new TextContent("text") { RawRepresentation = raw, Annotations = [new CitationAnnotation()], AdditionalProperties = new() { ["cache"] = true } };
        var result = new FunctionResultContent("a", new TextContent("inner") { RawRepresentation = raw }) { Exception = new InvalidOperationException() };
        var approval = new ToolApprovalRequestContent("r", new FunctionCallContent("a", "f") { RawRepresentation = raw });
        ChatMessage message = new(ChatRole.Assistant, [opaque, text, null!, result, approval, new ToolCallContent("c") { RawRepresentation = raw }]) { RawRepresentation = raw };

        ChatMessage kept = Adapter.Retain(message);

        Assert.Null(kept.RawRepresentation);
        Assert.Equal(5, kept.Contents.Count);
        Assert.Equal((raw, null), (kept.Contents[0].RawRepresentation, kept.Contents[0].Annotations));
        Assert.Equal(((object?)null, null, true), (kept.Contents[1].RawRepresentation, kept.Contents[1].Annotations, (bool)kept.Contents[1].AdditionalProperties!["cache"]!));
        Assert.Null(((FunctionResultContent)kept.Contents[2]).Exception);
        Assert.Null(((TextContent)((FunctionResultContent)kept.Contents[2]).Result!).RawRepresentation);
        Assert.Null(((ToolApprovalRequestContent)kept.Contents[3]).ToolCall.RawRepresentation);
        Assert.Same(message.Contents[5], kept.Contents[4]);
        Assert.Same(raw, text.RawRepresentation);
        Assert.NotNull(result.Exception);
    }

    /// <summary>Providers and users derive their own contents; a copy is of the same type and has all they have.</summary>
    [Fact]
    public void Retain_OfADerivedContent_KeepsItsTypeAndState()
    {
        ChatMessage kept = Adapter.Retain(new ChatMessage(ChatRole.Tool, [new DerivedResult("a", "result") { RawRepresentation = new object(), More = "more" }]));
        Assert.Equal("more", Assert.IsType<DerivedResult>(kept.Contents.Single()).More);
        ChatMessage cut = Adapter.Truncate(new ChatMessage(ChatRole.Tool, [new DerivedResult("a", new string('x', 100)) { More = "more" }]), Ten);
        Assert.Equal("more", Assert.IsType<DerivedResult>(cut.Contents.Single()).More);
    }

    [Fact]
    public void Pinned_Messages_StayAsTheyAre()
    {
        var adapter = new ChatMessageAdapter(m => m.AdditionalProperties?.ContainsKey("pin") == true);
        ChatMessage pinned = new(ChatRole.User, new string('x', 1000)) { AdditionalProperties = new() { ["pin"] = true }, RawRepresentation = new object() };
        Assert.True(adapter.Describe(pinned).IsPinned);
        Assert.Same(pinned, adapter.Retain(pinned));
        ChatMessage[] history = [pinned, .. Enumerable.Range(0, 30).Select(i => User($"{i}"))];
        ChatMessage[] reduced = Reduce(history, new() { Adapter = adapter });
        Assert.Same(pinned, reduced[0]);
        Assert.Equal(10, reduced.Length);
    }

    [Fact]
    public void Tokens_AreOfTextsNamesArgumentsAndResults()
    {
        int Count(params AIContent[] contents) => Adapter.CountTokens(new ChatMessage(ChatRole.Assistant, contents), text => text.Length);
        Assert.Equal(4 + 2, Count(new TextContent("text"), new TextReasoningContent("hm"), new DataContent(new byte[9], "image/png"), null!));
        Assert.Equal("name".Length + "what".Length + "arg".Length + "n".Length + "12".Length, Count(new FunctionCallContent("id", "name", new Dictionary<string, object?> { ["what"] = "arg", ["n"] = 12 })));
        Assert.Equal("[1,2]".Length, Count(new FunctionResultContent("id", JsonSerializer.Deserialize<JsonElement>("[1,2]"))));
        Assert.Equal("text".Length, Count(new FunctionResultContent("id", new List<AIContent> { new TextContent("text") })));
        Assert.Equal("tool".Length, Count(new ToolApprovalRequestContent("r", new FunctionCallContent("id", "tool"))));
    }

    /// <summary>The measured size of a message is what it took from the heap: nothing else is allocated while it is made.</summary>
    [Fact]
    public void Size_OfAMessage_IsWhatItTook()
    {
        Sizer<ChatMessage> sizer = ObjectSizer.For<ChatMessage>();
        foreach (Func<ChatMessage> make in (Func<ChatMessage>[])
            [
                () => new ChatMessage(ChatRole.User, [new TextContent(new string('x', 200))]),
                () => new ChatMessage(ChatRole.Assistant, [new TextContent(new string('x', 20)), new FunctionCallContent(new string('i', 30), new string('n', 10)), new TextReasoningContent(new string('r', 9))]),
                () => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(new string('i', 30), new string('y', 5000))]),
            ])
        {
            make();
            long before = GC.GetAllocatedBytesForCurrentThread();
            ChatMessage message = make();
            long took = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(took, sizer.Measure(message).Bytes);
        }
    }

    /// <summary>Read as a provider reads it, an image has bytes and a data URI; it is charged with both before.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Size_OfData_IsThatOfBothItsForms(int bytes)
    {
        var ofBytes = new DataContent(new byte[bytes], "image/png");
        var ofUri = new DataContent(new DataContent(new byte[bytes], "image/png").Uri) { Name = new string('n', 20) };
        foreach (DataContent data in (DataContent[])[ofBytes, ofUri])
        {
            foreach (ChatMessage message in (ChatMessage[])[new ChatMessage(ChatRole.User, [data]), Result("a", data), Result("a", new List<AIContent> { data })])
            {
                long before = ChatMessageAdapter.Sizer.Measure(message).Bytes;
                var copy = new DataContent(data.Uri, data.MediaType) { Name = data.Name };
                long sum = data.Data.Length + data.Uri.Length + copy.Data.Length;
                Assert.Equal(before, ChatMessageAdapter.Sizer.Measure(message).Bytes);
                Assert.InRange(ObjectSizer.For<ChatMessage>().Measure(message).Bytes, before - 256, before);
                Assert.True(sum >= 2 * bytes);
            }
        }
    }

    /// <summary>Providers' objects may lead anywhere: they are not measured, because they are not kept.</summary>
    [Fact]
    public void Charge_OfAMessageWithAProvidersObject_IsThatOfTheMessage()
    {
        var provider = new Dictionary<int, string>(Enumerable.Range(0, 20_000).Select(i => KeyValuePair.Create(i, new string('x', 100))));
        using var with = new ConversationWindow<ChatMessage>(new() { Adapter = Adapter });
        using var without = new ConversationWindow<ChatMessage>(new() { Adapter = Adapter });
        Assert.Equal(AppendResult.Appended, with.Append(new ChatMessage(ChatRole.Assistant, [new TextContent("text") { RawRepresentation = provider }]) { RawRepresentation = provider }));
        Assert.Equal(AppendResult.Appended, without.Append(new ChatMessage(ChatRole.Assistant, [new TextContent("text")])));
        Assert.InRange(with.Bytes, without.Bytes - 64, without.Bytes + 64);
    }

    private sealed class DerivedResult(string callId, object? result) : FunctionResultContent(callId, result)
    {
        public string? More { get; set; }
    }
}
