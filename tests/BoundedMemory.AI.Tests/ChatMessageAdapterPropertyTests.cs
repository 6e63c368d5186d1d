using System.Text.Json;
using System.Text.Json.Nodes;
using BoundedMemory.AI.Tests.Support;
using BoundedMemory.Tests.Conversation.Text;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace BoundedMemory.AI.Tests;

/// <summary>What holds for any message.</summary>
public class ChatMessageAdapterPropertyTests
{
    private static readonly ChatMessageAdapter Adapter = ChatMessageAdapter.Default;

    [Fact]
    public void Truncate_AnyMessage_StaysWhatItIsAndIsDoneOnce() => Check((message, truncation) =>
    {
        ChatMessage cut = Adapter.Truncate(message, truncation);
        Assert.Equal(Described(message), Described(cut));
        Assert.Same(cut, Adapter.Truncate(cut, truncation));
        Assert.Equal((message.Role, message.MessageId, message.AuthorName, message.CreatedAt), (cut.Role, cut.MessageId, cut.AuthorName, cut.CreatedAt));
    });

    [Fact]
    public void Truncate_AnyMessage_LeavesNoTextThatIsTooLong() => Check((message, truncation) =>
    {
        foreach (AIContent? content in Adapter.Truncate(message, truncation).Contents)
        {
            string? text = content switch
            {
                TextContent c => c.Text,
                TextReasoningContent c => c.Text,
                ErrorContent c => c.Message,
                FunctionResultContent { Result: string c } => c,
                FunctionResultContent { Result: JsonElement c } => c.GetRawText(),
                _ => null,
            };
            Assert.True(text is null or ChatMessageAdapter.Placeholder || ReferenceEquals(text, TextTruncator.Truncate(text, truncation)));
        }
    });

    [Fact]
    public void Truncate_AnyMessage_LeavesArgumentsWhole() => Check((message, truncation) => Assert.Equal(
        message.Contents.OfType<FunctionCallContent>().Select(c => c.Arguments), Adapter.Truncate(message, truncation).Contents.OfType<FunctionCallContent>().Select(c => c.Arguments)));

    [Fact]
    public void Retain_AnyMessage_StaysWhatItIsAndIsDoneOnce() => Check((message, _) =>
    {
        ChatMessage kept = Adapter.Retain(message);
        Assert.Equal(Described(message), Described(kept));
        Assert.Same(kept, Adapter.Retain(kept));
        Assert.Equal(Without(message), Without(kept));
    });

    [Fact]
    public void Placeholder_OfAnyMessage_IsDescribedAsThatIs() => Check((message, _) =>
    {
        MessageDescription description = Adapter.Describe(message);
        ChatMessage placeholder = Adapter.CreatePlaceholder(new MessageMetadata(0, description, default));
        Assert.Equal(Described(message), Described(placeholder));
        Assert.Same(placeholder, Adapter.Retain(placeholder));
        Assert.Equal(Chats.Json([placeholder]), Chats.Json([Adapter.CreatePlaceholder(new MessageMetadata(0, description, default))]));
    });

    /// <summary>Everything that is sent: no annotations, no contents that are null.</summary>
    private static string Without(ChatMessage message)
    {
        ChatMessage copy = message.Clone();
        copy.Contents = [.. message.Contents.Where(c => c is not null)];
        JsonNode json = JsonSerializer.SerializeToNode(copy, AIJsonUtilities.DefaultOptions)!;
        foreach (JsonNode? content in json["contents"]!.AsArray())
        {
            content!.AsObject().Remove("annotations");
        }

        return json.ToJsonString();
    }

    private static string Described(ChatMessage message)
    {
        MessageDescription d = Adapter.Describe(message);
        return $"{d.Role} {d.Kind} {d.IsPinned} {string.Join(", ", d.ToolCalls ?? [])}";
    }

    private static void Check(Action<ChatMessage, TextTruncation> property) =>
        Texts.Check(from history in Histories.Any from truncation in Histories.Truncation select (history, truncation), c => Assert.All(c.history, m => property(m, c.truncation)));
}
