using Microsoft.Extensions.AI;

namespace BoundedMemory.ConversationReplay;

/// <summary>What Semantic Kernel's truncation does, as far as it matters here: ten messages are a target. The place to cut is moved to the front until it does not
/// lie within calls and results, however far that is; then to a message of the user, if there is one in reach (none is, without a threshold).</summary>
internal sealed record KernelLikeTruncation() : Policy("like Semantic Kernel, target 10")
{
    public override Func<IReadOnlyList<ChatMessage>, IReadOnlyList<ChatMessage>> Begin() => static history =>
    {
        ChatMessage? system = history.FirstOrDefault(m => m.Role == ChatRole.System);
        int cut = history.Count - (system is null ? Cap : Cap - 1);
        if (cut <= 0)
        {
            return history;
        }

        while (cut >= 0 && history[cut].Contents.Any(c => c is FunctionCallContent or FunctionResultContent))
        {
            cut--;
        }

        return cut <= 0 ? history : [.. system is null ? Array.Empty<ChatMessage>() : [system], .. history.Skip(cut).Where(m => m.Role != ChatRole.System)];
    };
}

/// <summary>What the counting reducer of Microsoft.Extensions.AI does: the first message of the system, and the newest ten others that have nothing to do with
/// tools.</summary>
internal sealed record CountingReduction() : Policy("like Microsoft.Extensions.AI, 10")
{
    public override bool CountsSystem => false;

    public override Func<IReadOnlyList<ChatMessage>, IReadOnlyList<ChatMessage>> Begin() => static history =>
    [
        .. history.Where(m => m.Role == ChatRole.System).Take(1),
        .. history.Where(m => m.Role != ChatRole.System && !m.Contents.Any(c => c is FunctionCallContent or FunctionResultContent)).TakeLast(Cap),
    ];
}

/// <summary>The study backend's own policy to the letter, which knows of no tools: the newest ten besides the system's, content for the newest five, 200 characters
/// each.</summary>
internal sealed record LetterOfTheReport() : Policy("10 messages, 5 contents, 200 chars")
{
    public override bool CountsSystem => false;

    public override Func<IReadOnlyList<ChatMessage>, IReadOnlyList<ChatMessage>> Begin() => static history =>
    {
        ChatMessage[] newest = [.. history.Where(m => m.Role != ChatRole.System).TakeLast(Cap)];
        return [.. history.Where(m => m.Role == ChatRole.System), .. newest.Select((m, i) => Cut(m, i < newest.Length - 5 ? 0 : 200))];
    };

    private static ChatMessage Cut(ChatMessage message, int length)
    {
        ChatMessage copy = message.Clone();
        copy.Contents = [.. message.Contents.Select(c => c switch
        {
            TextContent text => new TextContent(Cut(text.Text, length)),
            FunctionResultContent result => new FunctionResultContent(result.CallId, Cut((string?)result.Result ?? "", length)),
            _ => c,
        })];
        return copy;
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
