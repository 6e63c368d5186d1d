using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace BoundedMemory.AI.Tests.Support;

/// <summary>A model that answers what it is told to, and remembers what it was asked.</summary>
internal sealed class FakeModel(Func<int, ChatMessage> answer) : IChatClient
{
    public List<ChatMessage[]> Requests { get; } = [];

    public bool IsDisposed { get; private set; }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Requests.Add([.. messages]);
        return Task.FromResult(new ChatResponse(answer(Requests.Count)));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatResponse response = await GetResponseAsync(messages, options, cancellationToken);
        foreach (ChatResponseUpdate update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => IsDisposed = true;
}

/// <summary>Calls functions as long as the model wants it, as the client of Microsoft.Extensions.AI does: each round adds to the history and asks the model again.</summary>
internal sealed class FunctionCallingClient(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatMessage> history = [.. messages];
        while (true)
        {
            ChatResponse response = await base.GetResponseAsync(history, options, cancellationToken);
            history.AddMessages(response);
            FunctionCallContent[] calls = [.. response.Messages.SelectMany(m => m.Contents.OfType<FunctionCallContent>())];
            if (calls.Length == 0)
            {
                return response;
            }

            history.AddRange(calls.Select(call => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, $"the result of {call.Name} is " + new string('x', 500))])));
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        List<ChatMessage> history = [.. messages];
        FunctionCallContent[] calls;
        do
        {
            List<ChatResponseUpdate> updates = await base.GetStreamingResponseAsync(history, options, cancellationToken).ToListAsync(cancellationToken);
            history.AddMessages(updates);
            calls = [.. updates.SelectMany(u => u.Contents.OfType<FunctionCallContent>())];
            history.AddRange(calls.Select(call => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, "a result")])));
            foreach (ChatResponseUpdate update in updates)
            {
                yield return update;
            }
        }
        while (calls.Length > 0);
    }
}
