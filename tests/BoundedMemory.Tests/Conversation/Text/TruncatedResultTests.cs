using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Conversation.Text;

public partial class TruncatedResultTests
{
    [Fact]
    public void Truncate_TooLong_SaysHowMuchThereIsOfIt()
    {
        string result = TruncatedResult.Truncate(new string('7', 5000), new(60));

        Assert.Equal("[truncated: 29 of 5000 chars] " + new string('7', 29) + "…", result);
        Assert.Equal(60, result.Length);
    }

    [Fact]
    public void Truncate_NoRoomForTheWords_CutsAsAnyText()
    {
        Assert.Equal("777777777…", TruncatedResult.Truncate(new string('7', 5000), new(10)));
        Assert.Equal("…777777777", TruncatedResult.Truncate(new string('7', 5000), new(10, Position: TruncationPosition.Start)));
        Assert.Equal("", TruncatedResult.Truncate(new string('7', 5000), new(0)));
    }

    [Fact]
    public void Truncate_AnyResult_IsWithinItsLengthSaysTheTruthAndStaysSo()
    {
        var cases = from text in Texts.Any from length in Gen.OneOf(Texts.Lengths, Gen.Choose(25, 50)) from marker in Texts.Markers select (text, length, marker);
        Texts.Check(cases, c =>
        {
            foreach (TextTruncation truncation in Texts.Truncations(c.length, c.marker))
            {
                string result = TruncatedResult.Truncate(c.text, truncation);

                Assert.True(NaiveTruncator.Fits(result, truncation.Unit, c.length, 32 * c.length));
                Assert.Same(result, TruncatedResult.Truncate(result, truncation));
                Assert.Same(result, TextTruncator.Truncate(result, truncation));
                if (NaiveTruncator.Fits(c.text, truncation.Unit, c.length, 32 * c.length))
                {
                    Assert.Same(c.text, result);
                    continue;
                }

                Match label = Label().Match(result);
                if (label.Success)
                {
                    int kept = int.Parse(label.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                    Assert.Equal(c.text.Length, int.Parse(label.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
                    int marker = result.Length - label.Length - kept;
                    Assert.True(marker == 0 || marker == c.marker.Length);
                    Assert.True(truncation.Position != TruncationPosition.End || c.text.StartsWith(result.Substring(label.Length, kept), StringComparison.Ordinal));
                    Assert.True(truncation.Position != TruncationPosition.Start || c.text.EndsWith(result[^kept..], StringComparison.Ordinal));
                }
                else
                {
                    Assert.True(c.length < 40);
                    Assert.Equal(TextTruncator.Truncate(c.text, truncation), result);
                }
            }
        });
    }

    [Fact]
    public void Adapter_ToolResult_BecomesMarkedText()
    {
        IMessageAdapter<ConversationMessage> adapter = ConversationMessage.Adapter;
        var truncation = new TextTruncation(100);
        string json = $"[{new string('7', 500)}]";
        var result = new ConversationMessage(MessageRole.Tool, json) { ToolCalls = [new("call-1")] };
        var answer = new ConversationMessage(MessageRole.Assistant, json);
        var brief = new ConversationMessage(MessageRole.Tool, "{}");

        ConversationMessage truncated = adapter.Truncate(result, truncation);

        Assert.StartsWith("[truncated: ", truncated.Text, StringComparison.Ordinal);
        Assert.Equal(adapter.Describe(result), adapter.Describe(truncated));
        Assert.Same(truncated, adapter.Truncate(truncated, truncation));
        Assert.Same(brief, adapter.Truncate(brief, truncation));
        Assert.Equal(TextTruncator.Truncate(json, truncation), adapter.Truncate(answer, truncation).Text);
        Assert.Equal(json, result.Text);
    }

    [GeneratedRegex(@"^\[truncated: ([0-9]+) of ([0-9]+) chars\] ")]
    private static partial Regex Label();
}
