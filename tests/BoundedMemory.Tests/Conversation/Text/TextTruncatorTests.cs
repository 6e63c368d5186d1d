using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Conversation.Text;

public class TextTruncatorTests
{
    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("abcdef", 1, "…")]
    [InlineData("abcdef", 0, "")]
    [InlineData("", 0, "")]
    [InlineData("ab\U0001F600cd", 4, "ab…")]
    [InlineData("ab\r\ncdef", 4, "ab…")]
    [InlineData("abe\u0301def", 4, "ab…")]
    public void Truncate_End_KeepsTheBeginning(string text, int length, string expected) =>
        Assert.Equal(expected, TextTruncator.Truncate(text, new(length)));

    [Theory]
    [InlineData("abcdef", 5, "…cdef")]
    [InlineData("ab\U0001F600cd", 4, "…cd")]
    [InlineData("\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7\U0001F1EE\U0001F1F9", 7, "…\U0001F1EE\U0001F1F9")]
    [InlineData("a\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7\U0001F1EE", 6, "…\U0001F1EE")]
    public void Truncate_Start_KeepsTheEnd(string text, int length, string expected) =>
        Assert.Equal(expected, TextTruncator.Truncate(text, new(length, Position: TruncationPosition.Start)));

    [Theory]
    [InlineData("0123456789", 6, "012…89")]
    [InlineData("0123456789", 7, "012…789")]
    [InlineData("0123456789", 2, "0…")]
    [InlineData("\U0001F469\u200D\U0001F469\u200D\U0001F467xyz", 10, "…xyz")]
    [InlineData("\U0001F469\u200D\U0001F469\u200D\U0001F467xyz", 7, "\U0001F469\u200D…xyz")]
    public void Truncate_Middle_BeginningHasTheGreaterHalfAndTheEndWhatItLeft(string text, int length, string expected) =>
        Assert.Equal(expected, TextTruncator.Truncate(text, new(length, Position: TruncationPosition.Middle)));

    [Theory]
    [InlineData(TruncationUnit.Char, 5, "ä…")]
    [InlineData(TruncationUnit.Rune, 4, "ä\U0001F600\U0001F600…")]
    [InlineData(TruncationUnit.Grapheme, 4, "ä\U0001F600\U0001F600…")]
    [InlineData(TruncationUnit.Utf8Byte, 9, "ä\U0001F600…")]
    [InlineData(TruncationUnit.Utf8Byte, 8, "ä…")]
    [InlineData(TruncationUnit.Utf8Byte, 3, "…")]
    [InlineData(TruncationUnit.Utf8Byte, 2, "ä")]
    public void Truncate_Unit_IsWhatIsCounted(TruncationUnit unit, int length, string expected)
    {
        string text = "ä" + string.Concat(Enumerable.Repeat(unit == TruncationUnit.Char ? Texts.Flag + Texts.Flag : "\U0001F600", 4));

        Assert.Equal(expected, TextTruncator.Truncate(text, new(length, unit)));
    }

    [Fact]
    public void Truncate_LoneSurrogates_CountAsReplacementCharacters()
    {
        Assert.Equal("\uD83D…", TextTruncator.Truncate("\uD83D\uD83D\uD83D", new(6, TruncationUnit.Utf8Byte)));
        Assert.Equal("\uDE00…", TextTruncator.Truncate("\uDE00\uDE00\uDE00", new(2, TruncationUnit.Rune)));
        Assert.Equal("…\uDE00", TextTruncator.Truncate("\uDE00\uDE00\uDE00", new(2, TruncationUnit.Grapheme, TruncationPosition.Start)));
    }

    [Theory]
    [InlineData(TruncationUnit.Char, 200)]
    [InlineData(TruncationUnit.Rune, 200)]
    [InlineData(TruncationUnit.Utf8Byte, 199)]
    [InlineData(TruncationUnit.Grapheme, 200 * 32)]
    public void Truncate_TenThousandMarks_AreShortenedNotDropped(TruncationUnit unit, int chars)
    {
        foreach (TruncationPosition position in Enum.GetValues<TruncationPosition>())
        {
            string result = TextTruncator.Truncate(Texts.ManyMarks, new(200, unit, position, ""));

            // Marks have two bytes, the letter has one.
            Assert.InRange(unit == TruncationUnit.Utf8Byte ? result.Length * 2 : result.Length, chars - 2, chars + 1);
        }
    }

    [Fact]
    public void Truncate_OneLongGraphemeWithinTheAverage_IsWhole()
    {
        Assert.Same(Texts.ManyMarks, TextTruncator.Truncate(Texts.ManyMarks, new(400, TruncationUnit.Grapheme)));
        Assert.Same(Texts.Family, TextTruncator.Truncate(Texts.Family, new(1, TruncationUnit.Grapheme)));
    }

    [Fact]
    public void Truncate_MarkerTooLong_IsLeftOut()
    {
        Assert.Equal("ab", TextTruncator.Truncate("abcdef", new(2, Marker: "...")));
        Assert.Equal("...", TextTruncator.Truncate("abcdef", new(3, Marker: "...")));
        Assert.Equal("abc", TextTruncator.Truncate("abcdef", new(3, Marker: "")));
    }

    [Fact]
    public void Truncate_BadInput_NamesWhatIsWrong()
    {
        Assert.Equal("text", Assert.Throws<ArgumentNullException>(() => TextTruncator.Truncate(null!, new(1))).ParamName);
        Require<ArgumentOutOfRangeException>(new(-1), "truncation.MaxLength", "from 0 to 2147483647");
        Require<ArgumentOutOfRangeException>(new(1, (TruncationUnit)4), "truncation.Unit", "one of Char, Rune, Grapheme, Utf8Byte");
        Require<ArgumentOutOfRangeException>(new(1, (TruncationUnit)(-1)), "truncation.Unit", "one of");
        Require<ArgumentOutOfRangeException>(new(1, Position: (TruncationPosition)3), "truncation.Position", "one of End, Start, Middle");
        Require<ArgumentException>(new(1, Marker: null!), "truncation.Marker", "must not be null");
        Require<ArgumentException>(default, "truncation.Marker", "must not be null");
    }

    [Fact]
    public void TextTruncation_ErrorsOfAnOption_AreNamedByIt() =>
        Assert.Equal(["Content.MaxLength", "Content.Marker"], new TextTruncation(-1, Marker: null!).FindErrors("Content").Select(error => error.Option));

    [Fact]
    public void TryTruncate_AnyUnitAndPosition_AllocatesNothing()
    {
        string[] texts = ["short", Texts.ManyMarks, string.Concat(Enumerable.Repeat(Texts.Family + "word \r\n", 100)), string.Concat(Enumerable.Repeat(Texts.Flag, 100))];
        char[] destination = new char[texts.Max(t => t.Length)];
        foreach (TextTruncation truncation in Texts.Truncations(50, "…"))
        {
            foreach (string text in texts)
            {
                Assert.Equal(0, Allocations.Of(() => TextTruncator.TryTruncate(text, truncation, destination, out _)));
            }
        }
    }

    [Fact]
    public void Truncate_Fits_AllocatesNothing()
    {
        string text = string.Concat(Enumerable.Repeat("word é " + Texts.Flag, 20));
        foreach (TextTruncation truncation in Texts.Truncations(text.Length * 3, "…").Concat(Texts.Truncations(text.Length, "…").Where(t => t.Unit != TruncationUnit.Utf8Byte)))
        {
            Assert.Equal(0, Allocations.Of(() => Assert.Same(text, TextTruncator.Truncate(text, truncation))));
        }
    }

    [Fact]
    public void Truncate_Cuts_AllocatesTheResultOnly()
    {
        string text = new('x', 10_000);
        foreach (TextTruncation truncation in Texts.Truncations(100, "..."))
        {
            Assert.Equal(24 + 200, Allocations.Of(() => TextTruncator.Truncate(text, truncation)));
        }
    }

#if DEBUG
    [Theory]
    [InlineData("a \U0001F600 word ")]
    [InlineData("\u4E2D\u6587\U00020000")]
    [InlineData("e\u0301")]
    [InlineData("\u0928\u092E\u0938\u094D\u0924\u0947")]
    [InlineData("\U0001F469\u200D\U0001F469\u200D\U0001F467")]
    public void Truncate_OrdinaryText_LooksOnlyAtWhatIsKept(string piece)
    {
        string text = string.Concat(Enumerable.Repeat(piece, 100_000));
        foreach (TextTruncation truncation in Texts.Truncations(100, "…"))
        {
            Assert.InRange(Work(text, truncation), 0, 6000);
        }
    }

    [Theory]
    [InlineData("\u0301")]
    [InlineData("\u200D\U0001F469")]
    [InlineData("\U0001F1E9")]
    [InlineData("\U000110BD")]
    public void Truncate_OneLongCluster_TakesLinearWork(string piece)
    {
        string text = "a" + string.Concat(Enumerable.Repeat(piece, 100_000));
        foreach (int length in (int[])[0, 1, 100, 90_000])
        {
            foreach (TextTruncation truncation in Texts.Truncations(length, "…"))
            {
                long most = truncation.Position == TruncationPosition.End ? 2000 + (32L * Math.Min(length * 32L, text.Length)) : 32L * text.Length;
                Assert.InRange(Work(text, truncation), 0, most);
            }
        }
    }

    private static long Work(string text, TextTruncation truncation)
    {
        long before = Graphemes.Work;
        TextTruncator.Truncate(text, truncation);
        return Graphemes.Work - before;
    }
#endif

    [Fact]
    public void Truncate_EnormousCluster_Ends()
    {
        string text = "a" + new string('\u0301', 5_000_000);
        foreach (TextTruncation truncation in Texts.Truncations(200, "…").Where(t => t is { Unit: TruncationUnit.Char or TruncationUnit.Grapheme, Position: not TruncationPosition.Middle }))
        {
            string result = TextTruncator.Truncate(text, truncation);
            Assert.InRange(NaiveTruncator.Count(result, truncation.Unit), 1, 200);
        }
    }

    [Fact]
    public void Truncate_EndOfALongFamilyToOneGrapheme_IsOneGrapheme()
    {
        for (int marks = 0; marks < 4; marks++)
        {
            string text = string.Concat(Enumerable.Repeat("\U0001F469\u200D", 100)) + new string('\u0301', marks);

            string result = TextTruncator.Truncate(text, new(1, TruncationUnit.Grapheme, TruncationPosition.Start, ""));

            Assert.Equal(1, NaiveTruncator.Count(result, TruncationUnit.Grapheme));
            Assert.InRange(result.Length, 28, 32);
        }
    }

    private static void Require<TException>(TextTruncation truncation, string parameter, string message)
        where TException : ArgumentException
    {
        TException thrown = Assert.Throws<TException>(() => TextTruncator.Truncate("text", truncation));
        Assert.Equal(parameter, thrown.ParamName);
        Assert.Contains(message, thrown.Message, StringComparison.Ordinal);
        Assert.Throws<TException>(() => TextTruncator.TryTruncate("text", truncation, new char[4], out _));
    }
}
