namespace BoundedMemory.Tests.Documentation;

internal static partial class Examples
{
    private static void Conversation()
    {
        Message();
        Window();
    }

    private static void Message()
    {
        using var window = new ConversationWindow<ConversationMessage>(new());
        window.Append(new(MessageRole.User, "What is a quorum?"));
        Assert.Equal(1, window.Count);
    }

    private static void Window()
    {
        using var window = new ConversationWindow<ConversationMessage>(new() { MaxMessages = 20, MaxBytes = 100_000 });
        window.Append(new(MessageRole.System, "Answer briefly."));
        window.Append(new(MessageRole.User, "What is a quorum?"));
        ConversationSnapshot<ConversationMessage> request = window.Snapshot();

        Assert.Equal(2, request.Count);

        using MessageBuilder<ConversationMessage> answer = window.BeginMessage(MessageRole.Assistant);
        answer.Append("A quorum is ");
        answer.Append("a majority.");
        answer.Complete(out long sequence);

        Assert.Equal("A quorum is a majority.", window.Snapshot()[(int)sequence].Text);
    }
}
