using FsCheck.Fluent;

namespace BoundedMemory.Tests.Conversation.Text;

public class TextTruncatorPropertyTests
{
    [Fact]
    public void Truncate_AnyText_IsWhatTheRulesSay() => Check((text, truncation) =>
    {
        (string start, string marker, string end) = NaiveTruncator.Cut(text, truncation);
        Assert.Equal(start + marker + end, TextTruncator.Truncate(text, truncation));
    });

    [Fact]
    public void Truncate_AnyText_IsWithinItsLengthAndStaysSo() => Check((text, truncation) =>
    {
        string result = TextTruncator.Truncate(text, truncation);

        Assert.True(NaiveTruncator.Count(result, truncation.Unit) <= truncation.MaxLength);
        Assert.True(truncation.Unit != TruncationUnit.Grapheme || result.Length <= 32L * truncation.MaxLength);
        Assert.Same(result, TextTruncator.Truncate(result, truncation));
        if (NaiveTruncator.Fits(text, truncation.Unit, truncation.MaxLength, 32 * truncation.MaxLength))
        {
            Assert.Same(text, result);
        }
    });

    [Fact]
    public void Truncate_AnyText_KeepsItsEndsUpToBoundaries() => Check((text, truncation) =>
    {
        TextCut cut = TextCut.Of(text, truncation);

        HashSet<int> clusters = NaiveTruncator.ClusterBoundaries(text);
        int room = truncation.MaxLength - (cut.HasMarker ? NaiveTruncator.Count(truncation.Marker, truncation.Unit) : 0);
        int chars = (32 * truncation.MaxLength) - (cut.HasMarker ? truncation.Marker.Length : 0);
        Assert.InRange(cut.Start, 0, cut.End);
        Assert.True(cut.Start == 0 || cut.IsWhole || truncation.Position != TruncationPosition.Start);
        Assert.True(cut.End == text.Length || truncation.Position != TruncationPosition.End);
        foreach (int at in (int[])[cut.Start, cut.End])
        {
            Assert.True(at == 0 || at == text.Length || !char.IsSurrogatePair(text[at - 1], text[at]));
            if (!clusters.Contains(at))
            {
                string cluster = text[clusters.Where(c => c < at).Max()..clusters.Where(c => c > at).Min()];
                Assert.False(NaiveTruncator.Fits(cluster, truncation.Unit, room, chars), $"a cluster of {cluster.Length} chars is cut");
            }
        }

        // What is longer than there is room for is never dropped altogether where a rune of it fits.
        Assert.True(cut.Start > 0 || cut.End < text.Length || text.Length == 0 || room < 4);
    });

    [Fact]
    public void Truncate_WellFormed_StaysSo() => Check((text, truncation) =>
    {
        string wellFormed = string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));

        string result = TextTruncator.Truncate(wellFormed, truncation);

        Assert.Equal(result, string.Concat(result.EnumerateRunes().Select(rune => rune.ToString())));
    });

    [Fact]
    public void TryTruncate_AnyText_WritesTheSameOrNothing() => Check((text, truncation) =>
    {
        string expected = TextTruncator.Truncate(text, truncation);
        char[] destination = new char[expected.Length + 3];

        destination.AsSpan().Fill('#');
        Assert.True(TextTruncator.TryTruncate(text, truncation, destination, out int written));
        Assert.Equal(expected + "###", new string(destination));
        Assert.Equal(expected.Length, written);

        Assert.True(TextTruncator.TryTruncate(text, truncation, destination.AsSpan(0, written), out _));
        if (expected.Length > 0)
        {
            destination.AsSpan().Fill('#');
            Assert.False(TextTruncator.TryTruncate(text, truncation, destination.AsSpan(0, expected.Length - 1), out written));
            Assert.Equal(0, written);
            Assert.All(destination, c => Assert.Equal('#', c));
        }
    });

    [Fact]
    public void TryTruncate_InPlace_WritesTheSame() => Check((text, truncation) =>
    {
        string expected = TextTruncator.Truncate(text, truncation);
        char[] memory = new char[Math.Max(text.Length, expected.Length)];
        text.CopyTo(memory);

        Assert.True(TextTruncator.TryTruncate(memory.AsSpan(0, text.Length), truncation, memory, out int written));

        Assert.Equal(expected, new string(memory, 0, written));
    });

    private static void Check(Action<string, TextTruncation> property)
    {
        var cases = from text in Texts.Any from length in Texts.Lengths from marker in Texts.Markers select (text, length, marker);
        Texts.Check(cases, c =>
        {
            foreach (TextTruncation truncation in Texts.Truncations(c.length, c.marker))
            {
                property(c.text, truncation);
            }
        });
    }
}
