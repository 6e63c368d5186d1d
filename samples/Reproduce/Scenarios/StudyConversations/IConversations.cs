namespace Reproduce;

/// <summary>The conversations of the study backend.</summary>
internal interface IConversations : ISubject
{
    /// <summary>A user says something; the model is sent what it is to know, and answers.</summary>
    void Exchange(string conversation, string question, string answer);

    /// <summary>Bytes, in UTF-8, of the texts that were sent to the model, a request on average over the last tenth of all.</summary>
    double BytesPerRequest { get; }

    /// <summary>Conversations that are there.</summary>
    int Conversations { get; }

    /// <summary>Requests whose newest question was not in what was sent.</summary>
    long QuestionsLost { get; }
}

/// <summary>Names of what is wanted to be known of them.</summary>
internal static class ConversationFacts
{
    public const string BytesPerRequest = "bytes a request";

    public const string Conversations = "conversations";

    public const string QuestionsLost = "questions lost";
}
