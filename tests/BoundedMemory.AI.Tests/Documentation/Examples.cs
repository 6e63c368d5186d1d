using BoundedMemory.AI.Tests.Support;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.AI.Tests.Documentation;

/// <summary>What the documentation shows.</summary>
internal static class Examples
{
    public static async Task RunAll()
    {
        await Client();
        await Window();
        await Reducer();
        await Services();
        await Conversations();
    }

    private static async Task Client()
    {
        using var model = new FakeModel(_ => new ChatMessage(ChatRole.Assistant, "done"));
        ChatMessage[] history = [new(ChatRole.User, "work")];
        using var client = new FunctionCallingClient(model.WithBoundedHistory(new() { MaxMessages = 20 }));
        ChatResponse response = await client.GetResponseAsync(history);
        Assert.Equal("done", response.Text);
    }

    private static async Task Window()
    {
        using var client = new FakeModel(_ => new ChatMessage(ChatRole.Assistant, "a majority"));
        using var window = new ConversationWindow<ChatMessage>(new() { Adapter = ChatMessageAdapter.Default, MessageSizer = ChatMessageAdapter.Sizer });
        window.Append(new ChatMessage(ChatRole.User, "What is a quorum?"));
        ChatResponse response = await client.GetResponseAsync(window.Snapshot());
        Assert.Equal("a majority", response.Text);
    }

    private static async Task Reducer()
    {
        CancellationToken cancellationToken = CancellationToken.None;
        ChatMessage[] history = [new(ChatRole.User, "work")];
        var reducer = new ConversationWindowChatReducer(new() { MaxMessages = 20, MaxBytes = 256 * 1024 });
        IEnumerable<ChatMessage> request = await reducer.ReduceAsync(history, cancellationToken);
        Assert.Same(history[0], Assert.Single(request));
    }

    private static async Task Services()
    {
        using var model = new FakeModel(_ => new ChatMessage(ChatRole.Assistant, "done"));
        var services = new ServiceCollection();
        services.AddConversationWindowChatReducer("chat", options => options.MaxMessages = 20);
        services.AddSingleton<IChatClient>(provider => new BoundedChatClient(model, provider.GetRequiredService<ConversationWindowChatReducer>()));
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal("done", (await provider.GetRequiredService<IChatClient>().GetResponseAsync("work")).Text);
    }

    private static async Task Conversations()
    {
        const string userId = "anna";
        const string question = "What is a quorum?";
        var services = new ServiceCollection();
        services.AddSingleton<IChatClient>(new FakeModel(_ => new ChatMessage(ChatRole.Assistant, "a majority")));

        services.AddConversationStore<string>("chats", options => options.MaxBytes = 64_000_000);

        await using ServiceProvider provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();
        var chats = provider.GetRequiredService<ConversationStore<string, ChatMessage>>();

        using ConversationLease<ChatMessage> chat = await chats.AcquireAsync(userId);
        chat.Append(new ChatMessage(ChatRole.User, question));
        using MessageBuilder<ChatMessage> answer = chat.BeginMessage(MessageRole.Assistant);
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(chat.Snapshot()))
        {
            answer.AppendText(update);
        }

        answer.Complete(out _);

        Assert.Equal("a majority", chat.Snapshot()[1].Text);
    }
}
