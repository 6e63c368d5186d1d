using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static BoundedMemory.AI.Tests.Support.Chats;

namespace BoundedMemory.AI.Tests;

public class DependencyInjectionTests
{
    [Fact]
    public async Task Reducer_Registered_IsThereByNameAndType()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddConversationWindowChatReducer("short", options => options.MaxMessages = 2)
            .AddConversationWindowChatReducer("long", options => options.MaxMessages = 20)
            .BuildServiceProvider();
        ChatMessage[] history = [.. Enumerable.Range(0, 30).Select(i => User($"{i}"))];

        Assert.Equal(2, (await provider.GetRequiredService<IChatReducer>().ReduceAsync(history, default)).Count());
        Assert.Equal(20, (await provider.GetRequiredKeyedService<IChatReducer>("long").ReduceAsync(history, default)).Count());
        Assert.Same(provider.GetRequiredService<IChatReducer>(), provider.GetRequiredKeyedService<ConversationWindowChatReducer>("short"));
    }

    [Fact]
    public void Reducer_WithAnOptionOutOfItsRange_NamesIt()
    {
        using ServiceProvider provider = new ServiceCollection().AddConversationWindowChatReducer("chat", options => options.MaxBytes = 1).BuildServiceProvider();
        string message = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<ConversationWindowChatReducer>).Message;
        Assert.Contains("MaxBytes", message, StringComparison.Ordinal);
        Assert.Contains("'chat'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reducer_WithAnAdapterOfOnesOwn_UsesIt()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<IMessageAdapter<ChatMessage>>(new ChatMessageAdapter(m => m.Text == "0"))
            .AddConversationWindowChatReducer("chat", options => options.MaxMessages = 2)
            .BuildServiceProvider();
        ChatMessage[] history = [.. Enumerable.Range(0, 30).Select(i => User($"{i}"))];
        Assert.Equal(["0", "29"], (await provider.GetRequiredService<IChatReducer>().ReduceAsync(history, default)).Select(m => m.Text));
    }

    [Fact]
    public async Task Store_Registered_TakesChatMessages()
    {
        await using ServiceProvider provider = new ServiceCollection().AddConversationStore<string>("chats", options => options.MaxBytes = 1_000_000).BuildServiceProvider();
        var store = provider.GetRequiredService<ConversationStore<string, ChatMessage>>();
        using ConversationLease<ChatMessage> chat = await store.AcquireAsync("anna");
        chat.Append(User("hello"));
        Assert.Equal("hello", Assert.Single(chat.Snapshot()).Text);
        Assert.Same(store, provider.GetRequiredKeyedService<ConversationStore<string, ChatMessage>>("chats"));
    }

    [Fact]
    public void BadInput_IsRefusedByName()
    {
        Assert.Equal("services", Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddConversationWindowChatReducer("chat")).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddConversationWindowChatReducer(null!)).ParamName);
        Assert.Equal("services", Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddConversationStore<string>("chats")).ParamName);
        Assert.Equal("name", Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddConversationStore<string>(null!)).ParamName);
    }
}
