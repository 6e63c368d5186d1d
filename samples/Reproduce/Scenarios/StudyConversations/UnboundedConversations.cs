using System.Text;
using BoundedMemory;

namespace Reproduce;

/// <summary>As the backend had them: everything that was ever said, for as long as the server runs, and the last 50 messages in every request.</summary>
internal sealed class UnboundedConversations : IConversations
{
    private const int MessagesPerRequest = 50;

    private readonly Dictionary<string, List<ConversationMessage>> _conversations = [];
    private readonly RequestSizes _requests = new();

    public long Entries => _conversations.Values.Sum(messages => messages.Count);

    public Flow Flow => new(Entries, Entries, new Dictionary<string, long>());

    public double BytesPerRequest => _requests.Average;

    public int Conversations => _conversations.Count;

    public long QuestionsLost => 0;

    public void Exchange(string conversation, string question, string answer)
    {
        if (!_conversations.TryGetValue(conversation, out List<ConversationMessage>? messages))
        {
            _conversations.Add(conversation, messages = []);
        }

        messages.Add(new ConversationMessage(MessageRole.User, question));
        _requests.Add(messages.TakeLast(MessagesPerRequest).Sum(message => (long)Encoding.UTF8.GetByteCount(message.Text)));
        messages.Add(new ConversationMessage(MessageRole.Assistant, answer));
    }

    public void Dispose() => _conversations.Clear();
}
