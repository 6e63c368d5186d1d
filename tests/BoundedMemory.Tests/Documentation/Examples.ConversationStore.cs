namespace BoundedMemory.Tests.Documentation;

internal static partial class Examples
{
    private static async Task ConversationStores()
    {
        using var store = new ConversationStore<string, ConversationMessage>(new() { MaxBytes = 64_000_000, IdleTimeout = TimeSpan.FromMinutes(30) });
        using (ConversationLease<ConversationMessage> conversation = await store.AcquireAsync("user 17"))
        {
            conversation.Append(new(MessageRole.User, "What is a quorum?"));
        }

        await GoOn(store);
        Assert.Equal((1, 2), (store.Count, store.Statistics.MessagesAppended));
    }

    private static async Task GoOn(ConversationStore<string, ConversationMessage> store)
    {
        using ConversationLease<ConversationMessage> conversation = await store.AcquireAsync("user 17");
        conversation.Append(new(MessageRole.User, "And what is a lease?"));
        foreach (ConversationMessage message in conversation.Snapshot())
        {
            Console.WriteLine($"{message.Role}: {message.Text}");
        }
    }
}
