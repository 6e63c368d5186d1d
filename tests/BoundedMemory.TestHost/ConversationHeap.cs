using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Compares what windows are charged with what the heap has grown by: empty ones, full ones of several kinds, and one through which a million messages pass.</summary>
internal static class ConversationHeap
{
    private const int Windows = 200;
    private const int Warmups = 2;

    public static int Run(int appends)
    {
        bool holds = true;
        using var budget = new MemoryBudget(10_000_000_000);
        (string Name, int Messages, Action<ConversationWindowOptions<ConversationMessage>> Change)[] kinds =
        [
            ("empty", 0, _ => { }), ("empty with budget", 0, o => o.Budget = budget), ("defaults", 100, _ => { }), ("with budget", 100, o => o.Budget = budget),
            ("whole", 300, o => (o.MaxMessages, o.FullContentCount, o.Content) = (200, 200, null)),
            ("bytes", 300, o => (o.MaxMessages, o.MaxBytes, o.FullContentCount) = (1000, 32 * 1024, 1000)),
            ("metadata", 600, o => (o.MaxMessages, o.FullContentCount) = (500, 1)),
        ];
        foreach ((string name, int messages, Action<ConversationWindowOptions<ConversationMessage>> change) in kinds)
        {
            for (int i = 0; i < Warmups; i++)
            {
                Measure(name, messages, change, prints: false);
            }

            holds &= Measure(name, messages, change, prints: true);
        }

        return holds & Turnover(appends) ? 0 : 1;
    }

    private static bool Measure(string name, int messages, Action<ConversationWindowOptions<ConversationMessage>> change, bool prints)
    {
        var options = new ConversationWindowOptions<ConversationMessage>();
        change(options);
        var windows = new ConversationWindow<ConversationMessage>[Windows];
        long before = Heap.Bytes();
        for (int i = 0; i < Windows; i++)
        {
            windows[i] = new ConversationWindow<ConversationMessage>(options);
            for (int k = 0; k < messages; k++)
            {
                Append(windows[i], k);
            }

            if (messages > 0)
            {
                windows[i].Snapshot();
            }
        }

        long retained = (Heap.Bytes() - before) / Windows;
        long charged = windows[0].Bytes;
        if (prints)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"heap;{name};{charged};{retained};{windows[0].Count}"));
        }

        foreach (ConversationWindow<ConversationMessage> window in windows)
        {
            window.Dispose();
        }

        return retained <= charged && charged <= options.MaxBytes && (messages == 0 || retained >= 0.95 * charged);
    }

    /// <summary>However much passes through, what is retained stays what it was after the first thousand.</summary>
    private static bool Turnover(int appends)
    {
        using var window = new ConversationWindow<ConversationMessage>(new());
        for (int k = 0; k < 1000; k++)
        {
            Append(window, k);
        }

        window.Snapshot();
        long before = Heap.Bytes();
        for (int k = 0; k < appends; k++)
        {
            Append(window, k);
        }

        window.Snapshot();
        long growth = Heap.Bytes() - before;
        ConversationWindowStatistics s = window.Statistics;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"turnover;{s.Appended};{growth};{s.Bytes}"));
        return Math.Abs(growth) <= 16 * 1024 && s.Appended == appends + 1000;
    }

    /// <summary>A system message, then turns of a question, a call, its result, and an answer.</summary>
    private static void Append(ConversationWindow<ConversationMessage> window, int number)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"call_{number - (number % 4)}");
        string text = new((char)('a' + (number % 26)), 20 + (number * 37 % 400));
        AppendResult result = window.Append(number == 0 ? new ConversationMessage(MessageRole.System, text) : (number % 4) switch
        {
            0 => new ConversationMessage(MessageRole.User, text),
            1 => new ConversationMessage(MessageRole.Assistant, text) { ToolCalls = [new ToolCall(id, new string('t', 8))] },
            2 => new ConversationMessage(MessageRole.Tool, text) { ToolCalls = [new ToolCall(string.Create(CultureInfo.InvariantCulture, $"call_{number - (number % 4)}"))] },
            _ => new ConversationMessage(MessageRole.Assistant, text),
        });
        if (result != AppendResult.Appended)
        {
            throw new InvalidOperationException($"Message {number} was refused: {result}.");
        }
    }
}
