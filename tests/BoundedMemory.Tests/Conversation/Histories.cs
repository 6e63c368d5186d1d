using BoundedMemory.Tests.Conversation.Text;
using BoundedMemory.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Conversation;

/// <summary>What can happen to a conversation.</summary>
internal abstract record Event
{
    /// <summary>A message comes whole.</summary>
    public sealed record Append(Said Message) : Event;

    /// <summary>A message comes in pieces, or is given up after them.</summary>
    public sealed record Stream(MessageRole Role, string[] Pieces, bool IsComplete) : Event;

    /// <summary>A summary of all but the newest so many.</summary>
    public sealed record Summary(string Text, int But) : Event;

    public sealed record Trim(long Bytes) : Event;

    public sealed record Clear : Event;
}

/// <summary>Random conversations, and options for their windows: parallel calls, ids that are used again or missing, results that are missing, late or twice there, messages
/// of nothing but reasoning, several system messages, pinned ones, and texts that are empty, enormous or hard to cut.</summary>
internal static class Histories
{
    /// <summary>Far more than any of these histories needs.</summary>
    public const long Ample = 1L << 40;

    private const int Ids = 4;

    private enum Act
    {
        System,
        User,
        Assistant,
        Reasoning,
        Call,
        Result,
        AnyResult,
        Pinned,
        Tool,
        Stream,
        Summary,
        Trim,
        Clear,
    }

    /// <summary>Short ones mostly, and all that is hard.</summary>
    public static readonly Gen<string> Contents = Gen.Frequency(
        (20, Gen.Choose(0, 60).Select(n => new string('x', n))), (6, Gen.Choose(150, 450).Select(n => new string('w', n))), (6, Texts.Any), (1, Gen.Constant(Texts.ManyMarks)),
        (2, Gen.Choose(500, 3000).Select(n => new string('y', n))), (1, Gen.Choose(10_000, 40_000).Select(n => new string('z', n))), (2, Gen.Constant("")));

    public static readonly Gen<TextTruncation> Truncations =
        from length in Gen.Frequency((2, Gen.Constant(200)), (3, Gen.Choose(0, 80)))
        from unit in Gen.Elements(Enum.GetValues<TruncationUnit>())
        from position in Gen.Elements(Enum.GetValues<TruncationPosition>())
        from marker in Texts.Markers
        select new TextTruncation(length, unit, position, marker);

    /// <summary>Messages alone.</summary>
    public static readonly Gen<Said[]> Messages = All(withOthers: false).Select(events => events.OfType<Event.Append>().Select(e => e.Message).ToArray());

    /// <summary>Messages, whole and in pieces, summaries, and memory asked back.</summary>
    public static readonly Gen<Event[]> Events = All(withOthers: true);

    /// <summary>Options within which everything happens: tight caps and loose ones, of messages, bytes and tokens.</summary>
    public static readonly Gen<ConversationWindowOptions<Said>> Options =
        from maxMessages in Gen.Frequency((6, Gen.Choose(1, 12)), (2, Gen.Choose(13, 60)), (1, Gen.Constant(1000)))
        from maxBytes in Gen.Frequency((3, Gen.Constant(Ample)), (4, Gen.Choose(4096, 12_000).Select(n => (long)n)), (2, Gen.Choose(12_000, 60_000).Select(n => (long)n)))
        from maxTokens in Gen.Frequency((4, Gen.Constant((int?)null)), (1, Gen.Choose(1, 400).Select(n => (int?)n)))
        from counts in Gen.Elements(true, false)
        from full in Gen.Frequency((6, Gen.Choose(1, 8)), (1, Gen.Constant(int.MaxValue)))
        from content in Gen.Frequency((1, Gen.Constant((TextTruncation?)null)), (6, Truncations.Select(t => (TextTruncation?)t)))
        from ratio in Gen.Frequency((4, Gen.Constant(1.0)), (1, Gen.Constant(0.1)), (3, Gen.Choose(20, 99).Select(n => n / 100.0)))
        from truncatesNewest in Gen.Elements(false, false, true)
        from startOn in Gen.Elements(Enum.GetValues<StartOn>())
        from oversize in Gen.Elements(Enum.GetValues<OversizeGroup>())
        from incomplete in Gen.Elements(Enum.GetValues<IncompleteGroup>())
        from without in Gen.Elements(Enum.GetValues<WithoutContent>())
        select new ConversationWindowOptions<Said>
        {
            Adapter = SaidAdapter.Instance,
            MaxMessages = maxMessages,
            MaxBytes = maxBytes,
            MaxTokens = maxTokens,
            TokenCounter = maxTokens is not null || counts ? static text => (text.Length + 3) / 4 : null,
            FullContentCount = full,
            Content = content,
            RetainRatio = ratio,
            TruncateNewestGroup = truncatesNewest,
            StartOn = startOn,
            OversizeGroup = oversize,
            IncompleteGroup = incomplete,
            WithoutContent = without,
            TimeProvider = new ManualTimeProvider(),
        };

    public static void Check<T>(Gen<T> cases, Action<T> property, int count = 300, int size = 60) =>
        Prop.ForAll(cases.ToArbitrary(), property).Check(Stress.Config(endSize: size, cases: count));

    /// <summary>A text in pieces of any length, also empty ones and halves of surrogate pairs.</summary>
    public static Gen<string[]> Pieces(string text) =>
        from cuts in Gen.Choose(0, text.Length).ArrayOf().Select(cuts => cuts.Append(0).Append(text.Length).Order().ToArray())
        select cuts.Zip(cuts.Skip(1), (start, end) => text[start..end]).ToArray();

    public static string Show(ConversationWindowOptions<Said> o) =>
        $"{o.MaxMessages} messages, {o.MaxBytes} bytes, {o.MaxTokens} tokens, {o.FullContentCount} full, {o.Content}, newest {o.TruncateNewestGroup}, ratio {o.RetainRatio}, {o.StartOn}, {o.OversizeGroup}, "
        + $"{o.IncompleteGroup}, {o.WithoutContent}";

    private static Gen<Event[]> All(bool withOthers) =>
        (from act in Gen.Frequency(
            (3, Gen.Constant(Act.System)), (16, Gen.Constant(Act.User)), (16, Gen.Constant(Act.Assistant)), (4, Gen.Constant(Act.Reasoning)), (16, Gen.Constant(Act.Call)),
            (24, Gen.Constant(Act.Result)), (4, Gen.Constant(Act.AnyResult)), (2, Gen.Constant(Act.Pinned)), (1, Gen.Constant(Act.Tool)), (withOthers ? 8 : 0, Gen.Constant(Act.Stream)),
            (withOthers ? 4 : 0, Gen.Constant(Act.Summary)), (withOthers ? 2 : 0, Gen.Constant(Act.Trim)), (withOthers ? 1 : 0, Gen.Constant(Act.Clear)))
         from text in Contents
         from number in Gen.Choose(0, 1000)
         from pieces in withOthers ? Pieces(text) : Gen.Constant(Array.Empty<string>())
         select (act, text, number, pieces)).ArrayOf().Select(Tell);

    /// <summary>Turns choices into a conversation: results mostly answer calls that wait.</summary>
    private static Event[] Tell((Act Act, string Text, int Number, string[] Pieces)[] choices)
    {
        var events = new List<Event>();
        var waiting = new List<string?>();
        foreach ((Act act, string text, int number, string[] pieces) in choices)
        {
            events.Add(act switch
            {
                Act.System => new Event.Append(Said.System(text)),
                Act.User => Ask(text, waiting),
                Act.Assistant => new Event.Append(Said.Assistant(text)),
                Act.Reasoning => new Event.Append(Said.Reasoning(text)),
                Act.Call => Call(text, number, waiting),
                Act.Result => Answer(text, number, waiting),
                Act.AnyResult => new Event.Append(Said.Result(number % 9 == 0 ? "unknown" : Id(number), text)),
                Act.Pinned => new Event.Append((number % 3) switch
                {
                    0 => Said.User(text),
                    1 => Said.Assistant(text),
                    _ => Said.Call(Id(number)),
                } with
                { IsPinned = true }),
                Act.Tool => new Event.Append(new Said(MessageRole.Tool, text)),
                Act.Stream => new Event.Stream(number % 4 == 0 ? MessageRole.User : number % 17 == 0 ? MessageRole.System : MessageRole.Assistant, pieces, number % 11 != 0),
                Act.Summary => new Event.Summary(text, number % 12),
                Act.Trim => new Event.Trim(number * 10),
                _ => new Event.Clear(),
            });
        }

        return [.. events];
    }

    private static Event.Append Ask(string text, List<string?> waiting)
    {
        waiting.Clear();
        return new Event.Append(Said.User(text));
    }

    private static Event.Append Call(string text, int number, List<string?> waiting)
    {
        string?[] ids = [.. Enumerable.Range(0, 1 + (number % 7 == 0 ? number % 4 : 0)).Select(i => Id(number + i))];
        waiting.AddRange(ids);
        return new Event.Append(Said.Call(ids) with { Text = text });
    }

    private static Event.Append Answer(string text, int number, List<string?> waiting)
    {
        if (waiting.Count == 0)
        {
            return new Event.Append(Said.Assistant(text));
        }

        int at = number % waiting.Count;
        string? id = waiting[at];
        waiting.RemoveAt(at);
        if (number % 13 == 0 && waiting.Count > 0)
        {
            string? other = waiting[0];
            waiting.RemoveAt(0);
            return new Event.Append(new Said(MessageRole.Tool, text, MessageKind.Result, [new ToolCall(id), new ToolCall(other)]));
        }

        return new Event.Append(Said.Result(id, text));
    }

    private static string? Id(int number) => number % 10 == 0 ? null : $"call_{number % Ids}";
}
