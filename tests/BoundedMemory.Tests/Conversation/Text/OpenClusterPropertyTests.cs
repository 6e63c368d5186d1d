using FsCheck.Fluent;

namespace BoundedMemory.Tests.Conversation.Text;

public class OpenClusterPropertyTests
{
    /// <summary>What stands for the beginning of a text tells where clusters of the rest begin, wherever the text was cut and in whatever pieces it came.</summary>
    [Fact]
    public void Pass_AnyBeginning_RestHasTheBoundariesOfTheWhole()
    {
        var cases =
            from text in Texts.Any
            from at in Gen.Choose(0, 1000)
            from pieces in Gen.Choose(1, 200).NonEmptyListOf()
            select (text, at, pieces);
        Texts.Check(cases, c =>
        {
            int length = (int)((long)c.text.Length * c.at / 1000);
            var open = new OpenCluster();
            for (int from = 0, i = 0; from < length; i++)
            {
                int piece = Math.Min(length - from, c.pieces[i % c.pieces.Count]);
                open.Pass(c.text.AsSpan(from, piece));
                from += piece;
            }

            RequireSameRest(c.text, length, open);
        }, 3000);
    }

    [Theory]
    [InlineData("\u0600", "\U0001F1E9\U0001F1E9\U0001F1E9\U0001F1E9\U0001F1E9")]
    [InlineData("\U000110BD", "\U0001F469\u200D\U0001F469\u0301\u200D\U0001F469")]
    [InlineData("\U0001F469\u200D", "\U0001F469\u0903\u200D\U0001F469")]
    [InlineData("\u1100", "\u1161\u11A8\u11A8\u1161")]
    public void Pass_LongClusterThenAnother_RestHasTheBoundariesOfTheWhole(string piece, string after)
    {
        string text = string.Concat(Enumerable.Repeat(piece, 50)) + after;
        for (int length = 0; length <= text.Length; length++)
        {
            var open = new OpenCluster();
            foreach (char c in text.AsSpan(0, length))
            {
                open.Pass([c]);
            }

            RequireSameRest(text, length, open);
        }
    }

    [Fact]
    public void SafeBoundary_AnyText_IsABoundaryWhateverStandsBefore()
    {
        var cases = from before in Texts.Any from text in Texts.Any from places in Gen.Choose(0, 1000).ArrayOf(20) select (before, text, places);
        Texts.Check(cases, c =>
        {
            foreach (string whole in (string[])[c.text, c.before + c.text])
            {
                HashSet<int> boundaries = NaiveTruncator.ClusterBoundaries(whole);
                int shift = whole.Length - c.text.Length;
                int[] runes = [.. NaiveTruncator.RuneBoundaries(c.text).Order()];
                foreach (int at in c.places.Select(place => runes[(int)((runes.Length - 1L) * place / 1000)]))
                {
                    int safe = Graphemes.SafeBoundary(c.text, at);
                    Assert.InRange(safe, 0, at);
                    Assert.True(safe == 0 || (safe == 1 && char.IsLowSurrogate(c.text[0])) || boundaries.Contains(shift + safe));
                }
            }
        });
    }

    private static void RequireSameRest(string text, int length, OpenCluster open)
    {
        string before = open.Text.ToString();
        Assert.InRange(before.Length, 0, OpenCluster.MostChars);
        int[] expected = [.. NaiveTruncator.ClusterBoundaries(text).Where(b => b >= length).Select(b => b - length).Order()];
        int[] actual = [.. NaiveTruncator.ClusterBoundaries(before + text[length..]).Where(b => b >= before.Length).Select(b => b - before.Length).Order()];
        Assert.Equal(expected, actual);
    }
}
