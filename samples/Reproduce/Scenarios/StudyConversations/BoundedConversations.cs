using System.Text;
using BoundedMemory;

namespace Reproduce;

/// <summary>One store for all: each conversation a window, all of them under one limit.</summary>
internal sealed class BoundedConversations : IConversations
{
    private readonly ConversationStore<string, ConversationMessage> _store;
    private readonly RequestSizes _requests = new();

    public BoundedConversations(ConversationStoreOptions<string, ConversationMessage> options)
    {
        _store = new ConversationStore<string, ConversationMessage>(options);
        Bounds = [new Bound("bytes", options.MaxBytes!.Value, IsBytes: true, () => _store.Bytes)];
    }

    public long Entries => _store.Statistics.Messages;

    public long? MaxBytes => _store.MaxBytes;

    public IReadOnlyList<Bound> Bounds { get; }

    public Flow Flow
    {
        get
        {
            ConversationStoreStatistics store = _store.Statistics;
            return new Flow(
                store.MessagesAppended,
                store.Messages,
                new Dictionary<string, long> { ["evicted"] = store.MessagesEvicted + store.MessagesOversize, ["left with their conversation"] = store.MessagesLeft },
                store.RejectedTooLarge + store.RejectedOverBudget + store.RejectedSizeUnknown);
        }
    }

    public double BytesPerRequest => _requests.Average;

    public int Conversations => (int)_store.Count;

    public long QuestionsLost { get; private set; }

    public void Exchange(string conversation, string question, string answer)
    {
        using ConversationLease<ConversationMessage> lease = Acquire(conversation);
        bool isTaken = lease.Append(new ConversationMessage(MessageRole.User, question)) == AppendResult.Appended;
        ConversationSnapshot<ConversationMessage> request = lease.Snapshot();
        isTaken &= request.Count > 0 && request[^1].Role == MessageRole.User && question.StartsWith(request[^1].Text.TrimEnd('…'), StringComparison.Ordinal);
        QuestionsLost += isTaken ? 0 : 1;
        _requests.Add(request.Sum(message => (long)Encoding.UTF8.GetByteCount(message.Text)));
        lease.Append(new ConversationMessage(MessageRole.Assistant, answer));
    }

    public void Dispose() => _store.Dispose();

    /// <summary>Without a source there is nothing to wait for.</summary>
    private ConversationLease<ConversationMessage> Acquire(string conversation) => _store.AcquireAsync(conversation, CancellationToken.None).AsTask().GetAwaiter().GetResult();
}
