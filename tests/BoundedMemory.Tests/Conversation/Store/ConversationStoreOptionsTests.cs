using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Store;

public class ConversationStoreOptionsTests
{
    public static TheoryData<string, Action<ConversationStoreOptions<string, ConversationMessage>>, string> Invalid => new()
    {
        { "Name", o => o.Name = " ", "Name must not be empty nor contain '/'; it is  ." },
        { "Name", o => o.Name = "a/b", "Name must not be empty nor contain '/'; it is a/b." },
        { "MaxBytes", o => o.MaxBytes = null, "MaxBytes or MaxConversations or Budget must be set: a store needs a bound; it is null." },
        { "MaxBytes", o => (o.MaxBytes, o.Window.MaxBytes) = (32_767, 4096), "MaxBytes must be from 32768 to 9223372036854775807; it is 32767." },
        { "MaxConversations", o => o.MaxConversations = 0, "MaxConversations must be from 1 to 9223372036854775807; it is 0." },
        { "IdleTimeout", o => o.IdleTimeout = TimeSpan.Zero, "IdleTimeout must be from 00:00:00.0010000 to 36525.00:00:00; it is 00:00:00." },
        { "IdleTimeout", o => o.IdleTimeout = TimeSpan.FromDays(36_526), "IdleTimeout must be from 00:00:00.0010000 to 36525.00:00:00; it is 36526.00:00:00." },
        { "Window", o => o.Window = null!, "Window must be set; it is null." },
        { "Window.Budget", o => o.Window.Budget = new MemoryBudget(1, "b"), "Window.Budget must be null: Budget is that of all conversations; it is b." },
        { "Window.Dropped", o => o.Window.Dropped = _ => { }, "Window.Dropped must be null: Dropped says whose the messages are; it is set." },
        { "Window.MaxBytes", o => o.MaxBytes = 131_070, "Window.MaxBytes must be at most half of MaxBytes, which is 131070; it is 65536." },
        { "Window.MaxMessages", o => o.Window.MaxMessages = 0, "Window.MaxMessages must be from 1 to 1000000; it is 0." },
        { "MaxPendingMessages", o => o.MaxPendingMessages = 0, "MaxPendingMessages must be from 1 to 1000000; it is 0." },
        { "MaxPendingMessages", o => o.MaxPendingMessages = 1_000_001, "MaxPendingMessages must be from 1 to 1000000; it is 1000001." },
        { "SinkRetryDelay", o => o.SinkRetryDelay = TimeSpan.Zero, "SinkRetryDelay must be from 00:00:00.0010000 to 1.00:00:00; it is 00:00:00." },
        { "SinkRetryDelay", o => o.SinkRetryDelay = TimeSpan.FromDays(2), "SinkRetryDelay must be from 00:00:00.0010000 to 1.00:00:00; it is 2.00:00:00." },
        { "TimeProvider", o => o.TimeProvider = null!, "TimeProvider must be set; it is null." },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Constructor_InvalidOption_ThrowsWithItsNameValueAndRange(string option, Action<ConversationStoreOptions<string, ConversationMessage>> change, string message)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => Stores.Create(change));
        Assert.Equal(option, error.ParamName);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(message.Contains("must be from", StringComparison.Ordinal), error is ArgumentOutOfRangeException);
    }

    [Fact]
    public void Constructor_NullOptions_Throws() => Assert.Throws<ArgumentNullException>(() => new ConversationStore<int, ConversationMessage>(null!));

    [Fact]
    public void Defaults_AreThoseThatAreDocumented()
    {
        var o = new ConversationStoreOptions<int, ConversationMessage>();
        Assert.Equal(
            ("conversations", (long?)null, (long?)null, (TimeSpan?)null, 1000, TimeSpan.FromSeconds(5)),
            (o.Name, o.MaxBytes, o.MaxConversations, o.IdleTimeout, o.MaxPendingMessages, o.SinkRetryDelay));
        Assert.Null(o.Source);
        Assert.Null(o.Sink);
        Assert.Null(o.Budget);
        Assert.Equal(10, o.Window.MaxMessages);
    }

    [Fact]
    public void Options_ChangedAfterwards_ChangeNothing()
    {
        var options = new ConversationStoreOptions<string, ConversationMessage> { MaxBytes = 1_000_000, TimeProvider = new ManualTimeProvider() };
        options.Window.MaxMessages = 3;
        using var store = new ConversationStore<string, ConversationMessage>(options);
        options.Window.MaxMessages = 100;
        options.Window = new() { MaxMessages = 100 };
        (options.MaxBytes, options.Name) = (2_000_000, "other");

        store.Append("a", "1", "2", "3", "4", "5");

        Assert.Equal(["3", "4", "5"], store.TextsOf("a"));
        Assert.Equal((1_000_000, "conversations"), (store.MaxBytes!.Value, store.Name));
    }

    [Fact]
    public void Bound_AnyOneOfThem_IsEnough()
    {
        using var budget = new MemoryBudget(1_000_000);
        using ConversationStore<string, ConversationMessage> byCount = Stores.Create(o => (o.MaxBytes, o.MaxConversations) = (null, 2));
        using ConversationStore<string, ConversationMessage> byBudget = Stores.Create(o => (o.MaxBytes, o.Budget) = (null, budget));
        foreach (string key in new[] { "a", "b", "c" })
        {
            byCount.Append(key, "text");
            byBudget.Append(key, "text");
        }

        Assert.Equal((2, 0, 3), (byCount.Count, byCount.Bytes, byBudget.Count));
        Assert.True(byBudget.Bytes > 0 && budget.Used >= byBudget.Bytes);
        byBudget.Dispose();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Constructor_BudgetWithoutRoom_ThrowsAndTakesNothing()
    {
        using var budget = new MemoryBudget(5000);
        Assert.Throws<MemoryBudgetExceededException>(() => Stores.Create(o => (o.MaxBytes, o.Budget) = (null, budget)));
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Arguments_OutOfRange_Throw()
    {
        using ConversationStore<string, ConversationMessage> store = Stores.Create();
        Assert.Throws<ArgumentNullException>("key", () => store.TryAcquire(null!, out _));
        Assert.Throws<ArgumentNullException>("key", () => store.AcquireAsync(null!).AsTask().Wait());
        Assert.Throws<ArgumentNullException>("key", () => store.Remove(null!));
        Assert.Throws<ArgumentOutOfRangeException>("bytes", () => store.Trim(-1));
        Assert.Throws<ArgumentOutOfRangeException>("maxBytes", () => store.TryResize(131_071));
        Assert.Throws<ArgumentOutOfRangeException>("maxConversations", () => store.TryResize(null, 0));
        using ConversationLease<ConversationMessage> lease = store.Acquire("a");
        Assert.Throws<ArgumentNullException>("message", () => lease.Append(null!));
        Assert.Throws<ArgumentNullException>("summary", () => lease.SetSummary(null!, 0));
        Assert.Throws<ArgumentOutOfRangeException>("throughSequence", () => lease.MarkSaved(0));
    }
}
