using System.Globalization;
using Microsoft.Extensions.AI;

namespace BoundedMemory.ConversationReplay;

/// <summary>Replays conversations with each policy and prints what it sent.</summary>
internal static class Replay
{
    /// <param name="title">What is replayed.</param>
    /// <param name="conversations">The conversations.</param>
    /// <param name="minimum">Prefixes shorter than this do not count.</param>
    /// <returns>Whether ours has kept what it promises.</returns>
    public static bool Print(string title, IReadOnlyList<Conversation> conversations, int minimum = 1)
    {
        Tally[] tallies = [.. Policy.All.Select(policy => Measure(policy, conversations, minimum))];
        Tally all = tallies[0];
        Console.WriteLine();
        Console.WriteLine($"{title}, {all.Windows:N0} windows, {all.LongWindows:N0} of them of more than {Policy.Cap} messages; {all.Requests:N0} requests");
        string[] heads = ["policy", "requests over 10", "most", "newest missing", "system missing", "orphan results", "open calls", "bytes/request", "less", "bytes/session", "less", "text/request", "less"];
        string[][] rows = [heads, .. tallies.Select(tally => Row(tally, all))];
        int[] widths = [.. heads.Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            Console.WriteLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))));
        }

        return tallies.Where(t => t.Policy.IsOurs).All(t => t is { Over: 0, NewestMissing: 0, SystemMissing: 0, Orphans: 0, OpenCalls: 0 });
    }

    private static Tally Measure(Policy policy, IReadOnlyList<Conversation> conversations, int minimum)
    {
        var tally = new Tally(policy);
        foreach (Conversation conversation in conversations)
        {
            Func<IReadOnlyList<ChatMessage>, IReadOnlyList<ChatMessage>> reduce = policy.Begin();
            IReadOnlyList<ChatMessage> window = [];
            for (int length = 1; length <= conversation.Messages.Count; length++)
            {
                ChatMessage[] history = [.. conversation.Messages.Take(length)];
                window = reduce(history);
                if (length >= minimum)
                {
                    tally.Add(history, window);
                }
            }

            tally.AddSession(window);
        }

        return tally;
    }

    private static string[] Row(Tally tally, Tally all)
    {
        static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
        static string Percent(double part, double whole) => (100 * part / whole).ToString("F1", CultureInfo.InvariantCulture) + " %";
        string Part(long part, long whole) => part == 0 ? "0" : $"{Number(part)} ({Percent(part, whole)})";
        static string Less(double now, double before) => (100 * (before - now) / before).ToString("F0", CultureInfo.InvariantCulture) + " %";
        return
        [
            tally.Policy.Name,
            tally.Policy.IsBounded ? Part(tally.Over, tally.Requests) : "",
            Number(tally.Most),
            Part(tally.NewestMissing, tally.Requests),
            Part(tally.SystemMissing, tally.Requests),
            Part(tally.Orphans, tally.LongWindows),
            Part(tally.OpenCalls, tally.LongWindows),
            Number((double)tally.RequestBytes / tally.Requests),
            Less((double)tally.RequestBytes / tally.Requests, (double)all.RequestBytes / all.Requests),
            Number((double)tally.SessionBytes / tally.Sessions),
            Less((double)tally.SessionBytes / tally.Sessions, (double)all.SessionBytes / all.Sessions),
            Number((double)tally.TextBytes / tally.Requests),
            Less((double)tally.TextBytes / tally.Requests, (double)all.TextBytes / all.Requests),
        ];
    }
}
