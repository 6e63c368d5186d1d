using System.Globalization;
using Microsoft.Extensions.AI;

namespace BoundedMemory.ConversationReplay;

/// <summary>Conversations of user and assistant by turns, ending with the user.</summary>
internal static class Synthetic
{
    private static readonly string[] Words = ["quorum", "replica", "the", "a", "of", "commits", "elects", "leader", "term", "and", "log", "follows", "because", "entry"];

    public static Conversation Create(int seed, int messages, int characters)
    {
        var random = new Random(seed);
        return new Conversation([.. Enumerable.Range(1, messages).Select(i =>
            new ChatMessage((messages - i) % 2 == 0 ? ChatRole.User : ChatRole.Assistant, Text(random, characters)) { MessageId = i.ToString(CultureInfo.InvariantCulture) })]);
    }

    private static string Text(Random random, int characters)
    {
        var text = new System.Text.StringBuilder();
        while (text.Length < characters)
        {
            text.Append(Words[random.Next(Words.Length)]).Append(' ');
        }

        return text.ToString(0, characters);
    }
}
