using BoundedMemory.Tests.Conversation.Store;
using BoundedMemory.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BoundedMemory.Tests.DependencyInjection;

public class AddConversationStoreTests
{
    [Fact]
    public async Task AddConversationStore_TwoNames_GivesTwoKeyedSingletonsWithWhatIsRegistered()
    {
        var clock = new ManualTimeProvider();
        var forAll = new RecordingStorage<string, ConversationMessage>();
        var forSecond = new RecordingStorage<string, ConversationMessage>();
        await using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<TimeProvider>(clock)
            .AddMemoryBudget(10_000_000)
            .AddSingleton<IConversationSource<string, ConversationMessage>>(forAll)
            .AddSingleton<IConversationSink<string, ConversationMessage>>(forAll)
            .AddKeyedSingleton<IConversationSink<string, ConversationMessage>>("second", forSecond)
            .AddConversationStore<string, ConversationMessage>("first", o => o.MaxConversations = 1)
            .AddConversationStore<string, ConversationMessage>("second", o => (o.MaxConversations, o.Source) = (o.TimeProvider == clock ? 2 : 3, null))
            .BuildServiceProvider(validateScopes: true);

        var first = provider.GetRequiredKeyedService<ConversationStore<string, ConversationMessage>>("first");
        var second = provider.GetRequiredKeyedService<ConversationStore<string, ConversationMessage>>("second");

        Assert.Equal(("first", 1), (first.Name, first.MaxConversations));
        Assert.Equal(("second", 2), (second.Name, second.MaxConversations));
        Assert.Same(first, provider.GetRequiredService<ConversationStore<string, ConversationMessage>>());
        Assert.True(provider.GetRequiredService<MemoryBudget>().Used >= first.Bytes + second.Bytes && first.Bytes > 0);
        first.Append("a", "1");
        second.Append("b", "1");
        await first.FlushAsync().Soon();
        await second.FlushAsync().Soon();
        Assert.Equal((1, 1, 0), (forAll.MessagesOf("a").Count, forSecond.MessagesOf("b").Count, forAll.MessagesOf("b").Count));
        Assert.Equal((1, 0), (first.Statistics.Loads, second.Statistics.Loads));
    }

    [Fact]
    public void AddConversationStore_MessagesOfAnotherType_TakesTheAdapterThatIsRegistered()
    {
        var adapter = new TextAdapter();
        using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<IMessageAdapter<string>>(adapter)
            .AddConversationStore<int, string>("texts", o => o.MaxBytes = 1_000_000)
            .BuildServiceProvider();
        var store = provider.GetRequiredService<ConversationStore<int, string>>();
        using ConversationLease<string> lease = store.Acquire(1);
        Assert.Equal(AppendResult.Appended, lease.Append("text"));
        Assert.Equal(["text"], lease.Snapshot());
    }

    [Fact]
    public void AddConversationStore_Configuration_BindsWhatTextCanSay()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["MaxBytes"] = "64000000",
            ["MaxConversations"] = "1000",
            ["IdleTimeout"] = "00:30:00",
            ["SinkRetryDelay"] = "00:00:01",
            ["MaxPendingMessages"] = "50",
            ["Window:MaxMessages"] = "20",
            ["Window:RetainRatio"] = "0.5",
        }).Build();
        using ServiceProvider provider = new ServiceCollection()
            .AddConversationStore<string, ConversationMessage>("chat")
            .Configure<ConversationStoreOptions<string, ConversationMessage>>("chat", configuration)
            .BuildServiceProvider();
        ConversationStoreOptions<string, ConversationMessage> o = provider.GetRequiredService<IOptionsMonitor<ConversationStoreOptions<string, ConversationMessage>>>().Get("chat");
        Assert.Equal(
            (64_000_000L, 1000L, TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(1), 50, 20, 0.5),
            (o.MaxBytes, o.MaxConversations, o.IdleTimeout, o.SinkRetryDelay, o.MaxPendingMessages, o.Window.MaxMessages, o.Window.RetainRatio));
        Assert.Equal(1000, provider.GetRequiredService<ConversationStore<string, ConversationMessage>>().MaxConversations);
    }

    [Fact]
    public async Task Host_InvalidOptions_FailsAtStartAndSaysWhatIsWrong()
    {
        using IHost host = Host.CreateDefaultBuilder()
            .ConfigureServices(services => services.AddConversationStore<string, ConversationMessage>("bad", o => (o.MaxConversations, o.Window.MaxMessages) = (0, 0)))
            .Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(
            [
                "Conversation store 'bad': MaxConversations must be from 1 to 9223372036854775807; it is 0.",
                "Conversation store 'bad': Window.MaxMessages must be from 1 to 1000000; it is 0.",
            ],
            error.Failures);
    }

    [Fact]
    public async Task Provider_DisposedAsynchronously_WritesWhatIsUnsaved()
    {
        var storage = new RecordingStorage<string, ConversationMessage>();
        ServiceProvider provider = new ServiceCollection()
            .AddConversationStore<string, ConversationMessage>("chat", o => (o.MaxConversations, o.Sink) = (1, storage))
            .BuildServiceProvider();
        var store = provider.GetRequiredService<ConversationStore<string, ConversationMessage>>();
        store.Append("a", "1");
        await provider.DisposeAsync();
        Assert.Single(storage.MessagesOf("a"));
        Assert.Throws<ObjectDisposedException>(() => store.Remove("a"));
    }

    private sealed class TextAdapter : IMessageAdapter<string>
    {
        public MessageDescription Describe(string message) => new(MessageRole.User);

        public int CountTokens(string message, TokenCounter counter) => counter(message);

        public string Truncate(string message, in TextTruncation truncation) => TextTruncator.Truncate(message, truncation);

        public string CreatePlaceholder(in MessageMetadata metadata) => "";

        public string Create(MessageRole role, string text) => text;
    }
}
