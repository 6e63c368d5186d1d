using BoundedMemory;

namespace Reproduce;

/// <summary>The conversations of the study backend: whole histories, for every user, for ever.</summary>
internal sealed class StudyConversations : IScenario
{
    private const int Users = 10;
    private const int ConversationsPerUser = 5;

    /// <summary>Questions in a conversation.</summary>
    private const int Exchanges = 125;

    private const long ByteLimit = Units.MB;

    public string Name => "study-conversations";

    public string Origin => "5 study backend";

    public string Workload =>
        "10 users with 5 conversations each, 125 questions and as many answers in each, of 1-3 KB; a request sends the newest messages to the model.";

    public IReadOnlyList<Claim> Claims =>
    [
        new("a request, unbounded", 100, 100, "KB", "Memory Usage Comparison: Conversations", Variant.Unbounded, t => t.Facts[ConversationFacts.BytesPerRequest] / 1000),
        new("a request, bounded", 1, 1, "KB", "Memory Usage Comparison: Conversations", Variant.Bounded, t => t.Facts[ConversationFacts.BytesPerRequest] / 1000),
        new("a conversation, unbounded", 1, 1, "MB", "Phase 4: ~1MB per session saved", Variant.Unbounded, t => t.LiveMegabytes / t.Facts[ConversationFacts.Conversations]),
        new("a conversation, bounded", 0, 0.01, "MB", "Phase 4: 99% reduction", Variant.Bounded, t => t.LiveMegabytes / t.Facts[ConversationFacts.Conversations]),
    ];

    public Trial Run(Variant variant, bool quick)
    {
        int exchanges = quick ? Exchanges / 2 : Exchanges;
        return Trial.Run<IConversations>(
            () => variant == Variant.Unbounded ? new UnboundedConversations() : new BoundedConversations(new()
            {
                Name = "study-conversations",
                MaxBytes = ByteLimit,
                MaxConversations = Users * ConversationsPerUser,
                IdleTimeout = TimeSpan.FromHours(1),
                Window = new ConversationWindowOptions<ConversationMessage> { MaxMessages = 10, FullContentCount = 5, Content = new TextTruncation(200), TruncateNewestGroup = true },
            }),
            warmUp: conversations => Talk(conversations, exchanges / 10),
            work: conversations => Talk(conversations, exchanges),
            facts: conversations => new Dictionary<string, double>
            {
                [ConversationFacts.BytesPerRequest] = conversations.BytesPerRequest,
                [ConversationFacts.Conversations] = conversations.Conversations,
                [ConversationFacts.QuestionsLost] = conversations.QuestionsLost,
            });
    }

    public IEnumerable<Check> Check(IReadOnlyDictionary<Variant, Trial> trials)
    {
        Trial bounded = trials[Variant.Bounded];
        double saved = 1 - (bounded.Facts[ConversationFacts.BytesPerRequest] / trials[Variant.Unbounded].Facts[ConversationFacts.BytesPerRequest]);
        yield return new Check(saved > 0.985, $"bounded: a request is {saved:P1} smaller; the report says 99 %");
        yield return new Check(bounded.Facts[ConversationFacts.QuestionsLost] == 0, "bounded: every request ended with the question that was asked");
        yield return new Check(
            bounded.Facts[ConversationFacts.Conversations] == Users * ConversationsPerUser, "bounded: no conversation had to leave, 50 of them are in 1 MB");
    }

    private static void Talk(IConversations conversations, int exchanges)
    {
        var random = new Random(5);
        for (int exchange = 0; exchange < exchanges; exchange++)
        {
            for (int user = 0; user < Users; user++)
            {
                for (int number = 0; number < ConversationsPerUser; number++)
                {
                    conversations.Exchange($"user-{user}/{number}", NewText(random), NewText(random));
                }
            }
        }
    }

    /// <summary>1,000 to 3,000 characters, 2,000 on average.</summary>
    private static string NewText(Random random) => new((char)('a' + random.Next(26)), 1000 + random.Next(2000));
}
