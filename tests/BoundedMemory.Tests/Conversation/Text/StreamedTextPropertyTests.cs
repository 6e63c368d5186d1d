using FsCheck;
using FsCheck.Fluent;

namespace BoundedMemory.Tests.Conversation.Text;

public class StreamedTextPropertyTests
{
    private static readonly Gen<int[]> Pieces = Gen.Frequency((4, Gen.Choose(0, 3)), (3, Gen.Choose(0, 40)), (2, Gen.Choose(40, 3000))).NonEmptyListOf().Select(l => l.ToArray());

    [Fact]
    public void ToString_AnyPieces_IsTheTruncatedWhole()
    {
        var cases =
            from text in Texts.Any
            from times in Gen.Frequency((4, Gen.Constant(1)), (1, Gen.Choose(1, 5)))
            from length in Texts.Lengths
            from marker in Texts.Markers
            from pieces in Pieces
            from wholeFor in Gen.Frequency((1, Gen.Constant(0)), (2, Gen.Choose(0, 1000)), (1, Gen.Constant(int.MaxValue)))
            select (Text: string.Concat(Enumerable.Repeat(text, times)), length, marker, pieces, wholeFor);
        Texts.Check(cases, c =>
        {
            foreach (TextTruncation truncation in Texts.Truncations(c.length, c.marker))
            {
                Stream(c.Text, truncation, c.pieces, c.wholeFor);
            }
        });
    }

    [Fact]
    public void ToString_NotBounded_IsTheWhole()
    {
        var cases = from text in Texts.Any from pieces in Pieces select (text, pieces);
        Texts.Check(cases, c =>
        {
            var streamed = new StreamedText();
            foreach (string piece in Cut(c.text, c.pieces))
            {
                Append(streamed, piece);
            }

            Assert.True(streamed.IsWhole);
            Assert.Equal(c.text, streamed.ToString());
        });
    }

    private static void Stream(string text, TextTruncation truncation, int[] pieces, int wholeFor)
    {
        var streamed = new StreamedText();
        foreach (string piece in Cut(text, pieces))
        {
            if (!streamed.IsBounded && streamed.Length >= wholeFor)
            {
                Bound(streamed, truncation);
            }

            Append(streamed, piece);
        }

        if (!streamed.IsBounded)
        {
            Bound(streamed, truncation);
        }

        Assert.Equal(text.Length, streamed.Length);
        Assert.Equal(TextTruncator.Truncate(text, truncation), streamed.ToString());
    }

    private static IEnumerable<string> Cut(string text, int[] pieces)
    {
        for (int at = 0, i = 0; at < text.Length; i++)
        {
            // As many pieces of no length as there may be end.
            int length = Math.Min(text.Length - at, Math.Max(pieces[i % pieces.Length], i < pieces.Length ? 0 : 1));
            yield return text.Substring(at, length);
            at += length;
        }
    }

    private static void Bound(StreamedText streamed, in TextTruncation truncation)
    {
        long before = streamed.Bytes;
        streamed.Bound(truncation);
        Assert.InRange(streamed.Bytes, 0, Math.Min(before, StreamedText.MostBytes(truncation)));
    }

    private static void Append(StreamedText streamed, string piece)
    {
        long expected = streamed.Bytes + streamed.BytesToAppend(piece.Length);
        streamed.Append(piece);
        Assert.Equal(expected, streamed.Bytes);
    }
}
