using BoundedMemory.AI.Tests.Support;
using Microsoft.Extensions.AI;
using static BoundedMemory.AI.Tests.Support.Chats;

namespace BoundedMemory.AI.Tests;

public class BoundedChatClientTests
{
    /// <summary>An agent that calls two functions at a time for 40 rounds: a turn of 120 messages.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_InALoopOfCalls_IsAlwaysBoundedPairedAndHasTheNewest(bool isStreaming)
    {
        using var model = new FakeModel(round => round <= 40 ? Call($"call-{round}", $"other-{round}") : Assistant("done"));
        using BoundedChatClient bounded = model.WithBoundedHistory();
        using var client = new FunctionCallingClient(bounded);
        ChatMessage[] history = [Instructions("be brief"), User("work"), Assistant("at what?"), User("at everything")];

        string text = isStreaming
            ? string.Concat(await client.GetStreamingResponseAsync(history).Select(u => u.Text).ToListAsync())
            : (await client.GetResponseAsync(history)).Text;

        Assert.Equal("done", text);
        Assert.Equal(41, model.Requests.Count);
        for (int round = 1; round <= 41; round++)
        {
            ChatMessage[] request = model.Requests[round - 1];
            Assert.InRange(request.Length, 1, 10);
            (IReadOnlyList<(int, string)> open, IReadOnlyList<string> orphans) = Unpaired(request);
            Assert.Empty(open);
            Assert.Empty(orphans);
            Assert.Equal("be brief", request[0].Text);
            Assert.Equal("user", request[1].Role.Value);
            if (round > 1)
            {
                var newest = (FunctionResultContent)Assert.Single(request[^1].Contents);
                Assert.Equal($"other-{round - 1}", newest.CallId);
                Assert.DoesNotContain("[", (string)newest.Result!, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Statistics_AfterRequests_AddUp()
    {
        using var model = new FakeModel(round => round <= 40 ? Call($"call-{round}") : Assistant("done"));
        using BoundedChatClient bounded = model.WithBoundedHistory();
        using var client = new FunctionCallingClient(bounded);
        await client.GetResponseAsync([Instructions("be brief"), Result("orphan", 1), Call("never"), User("work")]);

        BoundedChatClientStatistics s = bounded.Statistics;
        Assert.Equal(41, s.Requests);
        Assert.Equal(Enumerable.Range(0, 41).Sum(i => 4 + (2 * i)), s.Messages);
        Assert.Equal(model.Requests.Sum(r => r.Length), s.Sent);
        Assert.Equal(s.Messages, s.Sent + s.Omitted + s.Evicted + s.Oversize + s.Incomplete + s.Orphans + s.Refused);
        Assert.Equal((41, 41), (s.Orphans, s.Incomplete));
        Assert.True(s.Evicted > 0 && s.Truncated > 0 && s.Emptied > 0);
        Assert.True(s.SentBytes < s.MessageBytes);
        long sent = model.Requests.SelectMany(r => r).Sum(m => ObjectSizer.For<ChatMessage>().Measure(m).Bytes);
        Assert.InRange(s.SentBytes, sent, sent * 5 / 4);
    }

    /// <summary>The provider has the history; what is sent are results of calls that are not here.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_OfAConversationTheProviderKeeps_IsPassedThrough(bool isStreaming)
    {
        using var model = new FakeModel(_ => Assistant("done"));
        using BoundedChatClient client = model.WithBoundedHistory();
        ChatMessage[] messages = [Result("a", 1), Result("b", 2)];
        var options = new ChatOptions { ConversationId = "conversation" };

        if (isStreaming)
        {
            await client.GetStreamingResponseAsync(messages, options).ToListAsync();
        }
        else
        {
            await client.GetResponseAsync(messages, options);
        }

        Assert.Equal(messages, model.Requests.Single());
        Assert.Equal(new BoundedChatClientStatistics { PassedThrough = 1 }, client.Statistics);
    }

    [Fact]
    public async Task Request_WhoseNewestMessageDoesNotFit_IsNotSent()
    {
        using var model = new FakeModel(_ => Assistant("done"));
        using BoundedChatClient client = model.WithBoundedHistory();
        ChatMessage[] history = [User("what is this?"), new(ChatRole.User, [new DataContent(new byte[100_000], "image/png")])];

        ChatMessageRefusedException e = await Assert.ThrowsAsync<ChatMessageRefusedException>(() => client.GetResponseAsync(history));
        Assert.Equal((ChatRole.User, AppendResult.TooLarge), (e.Role, e.Reason));
        Assert.Contains("65536 bytes", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ChatMessageRefusedException>(async () => await client.GetStreamingResponseAsync(history).ToListAsync());
        await Assert.ThrowsAsync<ChatMessageRefusedException>(() => client.GetResponseAsync([Instructions(new string('x', 100_000)), User("hello")]));

        Assert.Empty(model.Requests);
        Assert.Equal(new BoundedChatClientStatistics { Failed = 3 }, client.Statistics);
        using BoundedChatClient larger = model.WithBoundedHistory(new() { MaxBytes = 1_000_000 });
        await larger.GetResponseAsync(history);
        Assert.Same(history[1], model.Requests.Single()[1]);
    }

    [Fact]
    public async Task Request_Cancelled_IsNotSent()
    {
        using var model = new FakeModel(_ => Assistant("done"));
        using BoundedChatClient client = model.WithBoundedHistory();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync([User("hello")], null, new CancellationToken(canceled: true)));
        Assert.Empty(model.Requests);
    }

    [Fact]
    public async Task BadInput_IsRefusedByName()
    {
        using var model = new FakeModel(_ => Assistant("done"));
        using BoundedChatClient client = model.WithBoundedHistory();
        Assert.Equal("messages", (await Assert.ThrowsAsync<ArgumentNullException>(() => client.GetResponseAsync((IEnumerable<ChatMessage>)null!))).ParamName);
        Assert.Equal("messages", (await Assert.ThrowsAsync<ArgumentNullException>(() => client.GetResponseAsync([null!]))).ParamName);
        Assert.Equal("client", Assert.Throws<ArgumentNullException>(() => ((IChatClient)null!).WithBoundedHistory()).ParamName);
        Assert.Equal("reducer", Assert.Throws<ArgumentNullException>(() => new BoundedChatClient(model, null!)).ParamName);
        Assert.Contains("MaxMessages", Assert.Throws<ArgumentOutOfRangeException>(() => model.WithBoundedHistory(new() { MaxMessages = 0 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_Disposed_DisposesTheInnerOne()
    {
        using var model = new FakeModel(_ => Assistant("done"));
        BoundedChatClient client = model.WithBoundedHistory();
        Assert.Same(client, client.GetService(typeof(BoundedChatClient)));
        Assert.Same(model, client.GetService(typeof(FakeModel)));
        client.Dispose();
        Assert.True(model.IsDisposed);
    }

    [Fact]
    public void StreamedUpdates_ThroughABuilder_AreTheWholeMessage()
    {
        using var window = new ConversationWindow<ChatMessage>(new() { Adapter = ChatMessageAdapter.Default });
        window.Append(User("say something"));
        using (MessageBuilder<ChatMessage> builder = window.BeginMessage(MessageRole.Assistant))
        {
            foreach (string text in (string[])["some", "", "thing \ud83d", "\ude00"])
            {
                Assert.Equal(AppendResult.Appended, builder.AppendText(new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(), new TextContent(text)])));
            }

            Assert.Equal(AppendResult.Appended, builder.Complete(out _));
        }

        Assert.Equal("something \ud83d\ude00", window.Snapshot()[1].Text);
        Assert.Equal(ChatRole.Assistant, window.Snapshot()[1].Role);
    }
}
