using Microsoft.Extensions.AI;
using static BoundedMemory.AI.Tests.Support.Chats;

namespace BoundedMemory.AI.Tests;

/// <summary>Histories on which other reducers go wrong, given to ours.</summary>
public class PeerBugTests
{
    /// <summary>Microsoft.Extensions.AI, counting: deletes call, text and result, so the model never learns what it asked for (dotnet/extensions#6890, #7756).</summary>
    [Fact]
    public void InTheMiddleOfALoop_CallTextAndResult_AreThere()
    {
        ChatMessage call = Call("a");
        call.Contents.Insert(0, new TextContent("let me look"));
        ChatMessage[] reduced = Reduce([User("what is it?"), call, Result("a", "it is this")], new());
        Assert.Equal(3, reduced.Length);
        Assert.Equal("let me look", reduced[1].Text);
        Assert.Equal("it is this", Assert.IsType<FunctionResultContent>(Assert.Single(reduced[2].Contents)).Result);
    }

    /// <summary>Microsoft.Extensions.AI, counting: makes room for as many messages as it may keep, and is out of memory.</summary>
    [Fact]
    public void TheGreatestLegalNumberOfMessages_TakesNoMemoryBeforehand()
    {
        var options = new ConversationWindowOptions<ChatMessage> { MaxMessages = 1_000_000, MaxBytes = long.MaxValue, FullContentCount = int.MaxValue };
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Single(Reduce([User("hello")], options));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    /// <summary>Microsoft.Extensions.AI, summarising: returns 101 messages of a turn of 101 for a target of 4; Semantic Kernel: 102 for a target of 10.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(10)]
    public void OneTurnOfManyCalls_IsWithinItsCap(int max)
    {
        ChatMessage[] history = [User("go on"), .. Rounds(50)];
        ChatMessage[] reduced = Reduce(history, new() { MaxMessages = max, FullContentCount = int.MaxValue });
        Assert.InRange(reduced.Length, 3, max);
        Assert.Equal("go on", reduced[0].Text);
        Assert.Equal("call-49", Assert.IsType<FunctionResultContent>(Assert.Single(reduced[^1].Contents)).CallId);
        Assert.Empty(Unpaired(reduced).Open);
        Assert.Empty(Unpaired(reduced).Orphans);
    }

    /// <summary>Semantic Kernel: a history of nothing but calls and results is never reduced.</summary>
    [Fact]
    public void NothingButCalls_IsWithinItsCap()
    {
        ChatMessage[] reduced = Reduce(Rounds(60), new() { MaxMessages = 7 });
        Assert.Equal(6, reduced.Length);
        Assert.Empty(Unpaired(reduced).Orphans);
    }

    /// <summary>Semantic Kernel: a target of 1 with a message of the system is an ArgumentOutOfRangeException of a list.</summary>
    [Fact]
    public void ACapOfOne_HoldsTheSystemOrTheNewestMessage()
    {
        Assert.Equal("newest", Assert.Single(Reduce([User("older"), User("newest")], new() { MaxMessages = 1 })).Text);
        Assert.Equal(
            AppendResult.TooLarge, Assert.Throws<ChatMessageRefusedException>(() => Reduce([Instructions("instructions"), User("newest")], new() { MaxMessages = 1 })).Reason);
    }

    /// <summary>Semantic Kernel: a message of the system in what is kept is there twice; the second one, and the developer's, vanish.</summary>
    [Fact]
    public void SeveralSystemMessages_AreThereOnceAndInOrder()
    {
        ChatMessage developer = new(new ChatRole("developer"), "of the developer");
        ChatMessage[] history = [Instructions("first"), .. Enumerable.Range(0, 20).Select(i => User($"{i}")), developer, Instructions("late"), User("newest")];
        ChatMessage[] reduced = Reduce(history, new() { MaxMessages = 6 });
        Assert.Equal(["first", "of the developer", "late"], reduced.Where(m => m.Role != ChatRole.User).Select(m => m.Text));
        Assert.Equal("newest", reduced[^1].Text);
        Assert.Equal(6, reduced.Length);
    }

    /// <summary>Semantic Kernel: keeps the message with which the limit of tokens is exceeded; with calls at the end nothing is left, not even the system's message.</summary>
    [Fact]
    public void Tokens_AreWithinTheirCap()
    {
        static int Count(ReadOnlySpan<char> text) => text.Length;
        ChatMessage[] history = [Instructions("0123456789"), .. Enumerable.Range(0, 9).Select(_ => User(new string('x', 20))), Call("a"), Result("a", new string('y', 20))];
        ChatMessage[] reduced = Reduce(history, new() { MaxTokens = 100, TokenCounter = Count, Content = null, FullContentCount = 100 });
        Assert.InRange(reduced.Sum(m => ChatMessageAdapter.Default.CountTokens(m, Count)), 50, 100);
        Assert.Equal(ChatRole.System, reduced[0].Role);
        Assert.Equal(ChatRole.Tool, reduced[^1].Role);
    }

    /// <summary>Semantic Kernel and Microsoft.Extensions.AI, summarising: what was reduced is summarised again each time, and messages are written to.</summary>
    [Fact]
    public void WhatWasReduced_IsNotReducedAgain()
    {
        ChatMessage[] history = [Instructions("be brief"), .. Enumerable.Range(0, 40).SelectMany(i => new[] { User($"question {i}"), Assistant(new string('x', 300)) })];
        string before = Json(history);
        ChatMessage[] once = Reduce(history, new());
        ChatMessage[] again = Reduce(once, new());
        Assert.Equal(once.Length, again.Length);
        Assert.Equal(Json(once), Json(again));
        Assert.All(once.Zip(again).Where(pair => pair.First.Text != ChatMessageAdapter.Placeholder), pair => Assert.Same(pair.First, pair.Second));
        Assert.Equal(before, Json(history));
    }

    /// <summary>A copy of a message keeps the provider's object, and with it all of the text that was cut.</summary>
    [Fact]
    public void ATextThatWasCut_IsNotKeptAliveByAProvidersObject()
    {
        string large = new('x', 100_000);
        ChatMessage old = new(ChatRole.Assistant, [new TextContent(large) { RawRepresentation = new[] { large }, AdditionalProperties = new() { ["all"] = large } }])
        {
            RawRepresentation = new[] { large },
            AdditionalProperties = new() { ["all"] = large },
        };
        ChatMessage[] reduced = Reduce([User("hello"), old, User("more")], new() { MaxBytes = 1_000_000 });
        Assert.Equal(200, reduced[1].Text.Length);
        Assert.InRange(ObjectSizer.For<ChatMessage>().Measure(reduced[1]).Bytes, 1, 1000);
        Assert.Equal(large, old.Text);
    }

    /// <summary>Real agents use an id again: a dictionary of all ids pairs a result with a call that has left.</summary>
    [Fact]
    public void AnIdUsedAgain_IsPairedWithinItsGroup()
    {
        ChatMessage[] history = [User("one"), Call("x"), Result("x", 1), User("two"), Result("x", 2), Call("x"), Result("x", 3), Result("x", 4)];
        ChatMessage[] reduced = Reduce(history, new() { TruncateNewestGroup = true });
        Assert.Equal([1, 3], reduced.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => (int)r.Result!));
    }

    /// <summary>Several libraries: a cut in the middle of a pair of surrogates, which providers refuse.</summary>
    [Fact]
    public void Emoji_AreNotCutInHalf()
    {
        ChatMessage[] reduced = Reduce([User(string.Concat(Enumerable.Repeat("\ud83d\ude00", 300))), Assistant("well"), User("newest")], new());
        string text = reduced[0].Text;
        Assert.Equal(199, text.Length);
        Assert.True(text.EnumerateRunes().All(rune => rune != System.Text.Rune.ReplacementChar));
    }

    [Fact]
    public void NothingAtAll_IsNothing() => Assert.Empty(Reduce([], new()));
}
