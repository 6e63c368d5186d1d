using Microsoft.Extensions.AI;

namespace BoundedMemory.ConversationReplay;

/// <summary>What is sent to the model of a history.</summary>
internal abstract record Policy(string Name)
{
    /// <summary>Messages that may be sent; 0: any number.</summary>
    public const int Cap = 10;

    public static readonly Policy[] All =
    [
        new Unbounded(),
        new NewestMessages(),
        new KernelLikeTruncation(),
        new CountingReduction(),
        new LetterOfTheReport(),
        new Window("window, as reported", () => new() { TruncateNewestGroup = true }),
        new Window("window, as reported, omitting", () => new() { TruncateNewestGroup = true, WithoutContent = WithoutContent.Omit }),
        new Window("window, defaults", () => new()),
    ];

    /// <summary>Whether messages of the system are part of the number that is bounded.</summary>
    public virtual bool CountsSystem => true;

    public virtual bool IsOurs => false;

    public virtual bool IsBounded => true;

    /// <summary>Begins a conversation; what is returned is called with each prefix of it in turn.</summary>
    public abstract Func<IReadOnlyList<ChatMessage>, IReadOnlyList<ChatMessage>> Begin();

    private sealed record Unbounded() : Policy("unbounded")
    {
        public override bool IsBounded => false;

        public override Func<IReadOnlyList<ChatMessage>, IReadOnlyList<ChatMessage>> Begin() => static history => history;
    }

    /// <summary>The newest ten, whatever they are.</summary>
    private sealed record NewestMessages() : Policy("newest 10")
    {
        public override Func<IReadOnlyList<ChatMessage>, IReadOnlyList<ChatMessage>> Begin() => static history => [.. history.TakeLast(Cap)];
    }

    /// <summary>Ours: messages are appended as they come.</summary>
    private sealed record Window(string Name, Func<ConversationWindowOptions<ChatMessage>> Options) : Policy(Name)
    {
        public override bool IsOurs => true;

        public override Func<IReadOnlyList<ChatMessage>, IReadOnlyList<ChatMessage>> Begin()
        {
            ConversationWindowOptions<ChatMessage> options = Options();
            options.Adapter = ChatMessageAdapter.Default;
            var window = new ConversationWindow<ChatMessage>(options);
            return history =>
            {
                AppendResult result = window.Append(history[^1]);
                return result == AppendResult.Appended ? window.Snapshot() : throw new InvalidOperationException($"A message was refused: {result}.");
            };
        }
    }
}
