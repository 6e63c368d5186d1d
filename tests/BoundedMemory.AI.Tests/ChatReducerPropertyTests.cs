using BoundedMemory.AI.Tests.Support;
using BoundedMemory.Tests.Conversation.Text;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace BoundedMemory.AI.Tests;

/// <summary>What holds for any history and any options.</summary>
public class ChatReducerPropertyTests
{
    /// <summary>What messages retain after they were sent: data have been asked for in both forms.</summary>
    private static long BytesOnceSent(ChatMessage[] messages)
    {
        Chats.Json(messages);
        foreach (DataContent data in messages.SelectMany(m => m.Contents.OfType<DataContent>()))
        {
            Assert.True(data.Uri.Length > data.Data.Length);
        }

        return messages.Sum(m => ObjectSizer.For<ChatMessage>().Measure(m).Bytes);
    }

    [Fact]
    public void Reduced_AnyHistory_IsWithinItsCaps() => Check((_, options, reduced) =>
    {
        Assert.True(reduced.Length <= options.MaxMessages);
        Assert.True(BytesOnceSent(reduced) <= options.MaxBytes);
        Assert.True(options.MaxTokens is null || reduced.Sum(m => ChatMessageAdapter.Default.CountTokens(m, options.TokenCounter!)) <= options.MaxTokens);
    });

    [Fact]
    public void Reduced_AnyHistory_HasNoOrphansAndNoOpenCallsOfTurnsThatAreOver() => Check((_, options, reduced) =>
    {
        (IReadOnlyList<(int Message, string Id)> open, IReadOnlyList<string> orphans) = Chats.Unpaired(reduced);
        Assert.Empty(orphans);
        if (options.IncompleteGroup == IncompleteGroup.Drop)
        {
            Assert.All(open, call => Assert.DoesNotContain(reduced.Skip(call.Message), IsUsers));
        }
    });

    [Fact]
    public void Reduced_AnyHistory_IsASubsequence() => Check((history, _, reduced) =>
    {
        int at = 0;
        foreach (ChatMessage message in reduced.Where(m => m.MessageId is not null))
        {
            at = Array.FindIndex(history, at, m => m.MessageId == message.MessageId) + 1;
            Assert.True(at > 0, "A message is not of the history, there twice, or not in its place.");
            ChatMessage original = history[at - 1];
            Assert.Equal((original.Role, original.AuthorName, original.CreatedAt), (message.Role, message.AuthorName, message.CreatedAt));
        }

        Assert.True(reduced.Length <= history.Length);
    });

    [Fact]
    public void Reduced_AnyHistory_HasAllMessagesOfTheSystemAsTheyWere() => Check((history, _, reduced) =>
        Assert.Equal(history.Where(m => m.Role == ChatRole.System), reduced.Where(m => m.Role == ChatRole.System)));

    [Fact]
    public void Reduced_AnyHistory_EndsWithTheNewestMessageUnlessThatIsAnOrphan() => Check((history, options, reduced) =>
    {
        using var window = new ConversationWindow<ChatMessage>(options);
        var last = AppendResult.Appended;
        foreach (ChatMessage message in history)
        {
            last = window.Append(message);
        }

        Assert.True(last == AppendResult.Orphan || history.Length == 0 || reduced.Any(m => m.MessageId == history[^1].MessageId));
    });

    [Fact]
    public void Reduced_Again_IsTheSame() => Check((history, options, reduced) =>
    {
        BytesOnceSent(reduced);
        ChatMessage[] again = Chats.Reduce(reduced, options);
        Assert.True(
            Chats.Json(reduced) == Chats.Json(again),
            $"{Chats.Show(options)}\n\nhistory\n{Chats.Show(history)}\n\nonce\n{Chats.Show(reduced)}\n\nagain\n{Chats.Show(again)}");
    });

    [Fact]
    public void Reduced_AnyHistory_IsWhatAWindowHolds() => Check((history, options, reduced) =>
    {
        using var window = new ConversationWindow<ChatMessage>(options);
        foreach (ChatMessage message in history)
        {
            window.Append(message);
        }

        string json = Chats.Json(reduced);
        Assert.Equal(json, Chats.Json(window.Snapshot()));
        Assert.Equal(json, Chats.Json(ConversationWindow.Reduce(history, options)));
    });

    [Fact]
    public void History_Reduced_IsNotChanged() => Texts.Check(from history in Histories.Any from options in Histories.Options select (history, options), c =>
    {
        string before = Chats.Json(c.history);
        object?[] raw = [.. c.history.SelectMany(RawOf)];

        TryReduce(c.history, c.options, out _);

        Assert.Equal(before, Chats.Json(c.history));
        Assert.Equal(raw, c.history.SelectMany(RawOf));
    });

    [Fact]
    public void Reduced_AnyHistory_KeepsNothingOfAProvider() => Check((_, _, reduced) => Assert.All(reduced.Where(m => m.Role != ChatRole.System), message =>
    {
        Assert.Null(message.RawRepresentation);
        Assert.All(message.Contents, content =>
        {
            Assert.NotNull(content);
            Assert.Null(content.RawRepresentation);
            Assert.Null(content.Annotations);
            Assert.Null((content as FunctionResultContent)?.Exception);
        });
    }));

    private static IEnumerable<object?> RawOf(ChatMessage message) =>
        [message.RawRepresentation, .. message.Contents.SelectMany(c => new object?[] { c?.RawRepresentation, c?.Annotations, (c as FunctionResultContent)?.Exception, (c as FunctionResultContent)?.Result })];

    private static bool IsUsers(ChatMessage message) => message.Role == ChatRole.User && !message.Contents.Any(c => c is ToolApprovalResponseContent);

    private static void Check(Action<ChatMessage[], ConversationWindowOptions<ChatMessage>, ChatMessage[]> property) =>
        Texts.Check(from history in Histories.Any from options in Histories.Options select (history, options), c =>
        {
            if (TryReduce(c.history, c.options, out ChatMessage[] reduced))
            {
                property(c.history, c.options, reduced);
            }
        });

    /// <summary>False: what may not be left out does not fit.</summary>
    private static bool TryReduce(ChatMessage[] history, ConversationWindowOptions<ChatMessage> options, out ChatMessage[] reduced)
    {
        try
        {
            reduced = Chats.Reduce(history, options);
            return true;
        }
        catch (ChatMessageRefusedException e) when (e.Reason == AppendResult.TooLarge)
        {
            reduced = [];
            return false;
        }
    }
}
