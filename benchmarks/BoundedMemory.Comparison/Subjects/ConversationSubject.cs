using Microsoft.Extensions.AI;

namespace BoundedMemory.Comparison;

/// <summary>What keeps the newest messages of a conversation. Structs implement it, so that a workload's loop is compiled for each of them.</summary>
internal interface IConversation : IDisposable
{
    void Append(ChatMessage message);

    /// <summary>What is sent to the model; says how many messages.</summary>
    int Snapshot();
}

/// <summary>A workload, for whatever type of conversation it is given.</summary>
internal interface IConversationWorkload
{
    IMeasured Prepare<TConversation>(Func<TConversation> create)
        where TConversation : struct, IConversation;
}

/// <summary>A kind of conversation that is compared.</summary>
/// <param name="Name">Its name in the CSV.</param>
internal abstract record ConversationSubject(string Name)
{
    public const string TrimmedList = "List trimmed per request";
    public const string WholeList = "List untrimmed";

    public static readonly ConversationSubject[] All =
    [
        new Of<Window>("ConversationWindow", () => new Window(new(new() { Adapter = ChatMessageAdapter.Default }))),
        new Of<Window>("ConversationWindow whole texts", () => new Window(new(new() { Adapter = ChatMessageAdapter.Default, Content = null, FullContentCount = int.MaxValue }))),
        new Of<ListConversation>(TrimmedList, () => new ListConversation([], isTrimmed: true)),
        new Of<ListConversation>(WholeList, () => new ListConversation([], isTrimmed: false)),
        new Of<NoConversation>("(nothing)", () => default),
    ];

    public abstract IMeasured Prepare(IConversationWorkload workload);

    private sealed record Of<TConversation>(string Name, Func<TConversation> Create) : ConversationSubject(Name)
        where TConversation : struct, IConversation
    {
        public override IMeasured Prepare(IConversationWorkload workload) => workload.Prepare(Create);
    }

    private readonly struct Window(ConversationWindow<ChatMessage> window) : IConversation
    {
        public void Append(ChatMessage message)
        {
            if (window.Append(message) != AppendResult.Appended)
            {
                throw new InvalidOperationException("A message was refused.");
            }
        }

        public int Snapshot() => window.Snapshot().Count;

        public void Dispose() => window.Dispose();
    }

    /// <summary>What people write: a list that is cut to the newest ten before each request, of which the request gets a copy.</summary>
    private readonly struct ListConversation(List<ChatMessage> list, bool isTrimmed) : IConversation
    {
        public void Append(ChatMessage message) => list.Add(message);

        public int Snapshot()
        {
            if (isTrimmed && list.Count > Conversations.Kept)
            {
                list.RemoveRange(0, list.Count - Conversations.Kept);
            }

            return list.ToArray().Length;
        }

        public void Dispose()
        {
        }
    }

    private readonly struct NoConversation : IConversation
    {
        public void Append(ChatMessage message)
        {
            if (message.Role == ChatRole.System)
            {
                throw new ArgumentException("There are none of the system.", nameof(message));
            }
        }

        public int Snapshot() => Conversations.Kept;

        public void Dispose()
        {
        }
    }
}
