using System.Text;

namespace BoundedMemory;

/// <summary>How much text there may be: so many units, and so many chars.</summary>
/// <remarks>The limit in chars makes the one in units a bound of memory, whatever the text. It follows from the one in units except for graphemes, of which each may be as long as
/// it likes.</remarks>
/// <param name="Unit">What is counted.</param>
/// <param name="Units">How many there may be; at least 0.</param>
/// <param name="Chars">How many chars they may have together; at least 0.</param>
internal readonly record struct TextLimit(TruncationUnit Unit, long Units, long Chars)
{
    /// <summary>Chars that a grapheme may have on average. The longest emoji have 19; in text in stream-safe format (UAX #15) a letter has 30 marks at most.</summary>
    public const int CharsPerGrapheme = 32;

    /// <summary>In pieces so long bytes are counted: far below where their number would not be an int.</summary>
    private const int PieceChars = 1 << 20;

    public static TextLimit Of(in TextTruncation truncation) => new(truncation.Unit, truncation.MaxLength, truncation.MaxLength * truncation.Unit switch
    {
        TruncationUnit.Rune => 2L,
        TruncationUnit.Grapheme => CharsPerGrapheme,
        _ => 1L,
    });

    /// <summary>What the first of two parts may have; the greater half.</summary>
    public TextLimit GreaterHalf => this with { Units = Units - (Units / 2), Chars = Chars - (Chars / 2) };

    /// <summary>Whether a text is within the limit. Looks at no more of it than <see cref="Chars"/>.</summary>
    public bool Allows(ReadOnlySpan<char> text)
    {
        if (text.Length > Chars)
        {
            return false;
        }

        long most = Unit == TruncationUnit.Utf8Byte ? 3L * text.Length : text.Length;
        return most <= Units || CountUpTo(text, Units) <= Units;
    }

    /// <summary>What is left beside a text that is within the limit.</summary>
    public TextLimit Without(ReadOnlySpan<char> text) => this with { Units = Units - CountUpTo(text, long.MaxValue), Chars = Chars - text.Length };

    /// <summary>Length of the longest beginning of a text, cut between runes, that is within the limit; of graphemes that are one cluster's.</summary>
    public int LongestStart(ReadOnlySpan<char> text) => Unit switch
    {
        TruncationUnit.Char => StartOfChars(text, Units),
        TruncationUnit.Rune => StartOfRunes(text, Units),
        TruncationUnit.Grapheme => Units == 0 ? 0 : StartOfChars(text, Chars),
        _ => StartOfBytes(text, Units),
    };

    /// <summary>Where the longest end of a text begins, cut between runes, that is within the limit; of graphemes that are one cluster's.</summary>
    public int LongestEnd(ReadOnlySpan<char> text) => Unit switch
    {
        TruncationUnit.Char => EndOfChars(text, Units),
        TruncationUnit.Rune => EndOfRunes(text, Units),
        TruncationUnit.Grapheme => Units == 0 ? text.Length : EndOfChars(text, Chars),
        _ => EndOfBytes(text, Units),
    };

    /// <summary>Where the last so many chars of a text begin, or one less, not inside of a surrogate pair.</summary>
    public static int EndOfChars(ReadOnlySpan<char> text, long chars)
    {
        int at = text.Length - (int)Math.Min(text.Length, chars);
        return IsInsidePair(text, at) ? at + 1 : at;
    }

    private static int StartOfChars(ReadOnlySpan<char> text, long chars)
    {
        int at = (int)Math.Min(text.Length, chars);
        return IsInsidePair(text, at) ? at - 1 : at;
    }

    private static bool IsInsidePair(ReadOnlySpan<char> text, int at) =>
        at > 0 && at < text.Length && char.IsSurrogatePair(text[at - 1], text[at]);

    private static int StartOfRunes(ReadOnlySpan<char> text, long runes)
    {
        int at = 0;
        for (; runes > 0 && at < text.Length; runes--)
        {
            at += IsInsidePair(text, at + 1) ? 2 : 1;
        }

        return at;
    }

    private static int EndOfRunes(ReadOnlySpan<char> text, long runes)
    {
        int at = text.Length;
        for (; runes > 0 && at > 0; runes--)
        {
            at -= IsInsidePair(text, at - 1) ? 2 : 1;
        }

        return at;
    }

    private static int StartOfBytes(ReadOnlySpan<char> text, long bytes)
    {
        int at = 0;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out Rune rune, out int chars);
            bytes -= rune.Utf8SequenceLength;
            if (bytes < 0)
            {
                break;
            }

            at += chars;
        }

        return at;
    }

    private static int EndOfBytes(ReadOnlySpan<char> text, long bytes)
    {
        int at = text.Length;
        while (at > 0)
        {
            Rune.DecodeLastFromUtf16(text[..at], out Rune rune, out int chars);
            bytes -= rune.Utf8SequenceLength;
            if (bytes < 0)
            {
                break;
            }

            at -= chars;
        }

        return at;
    }

    /// <summary>Units of a text; any number above <paramref name="most"/> where there are more than that.</summary>
    private long CountUpTo(ReadOnlySpan<char> text, long most)
    {
        if (Unit == TruncationUnit.Char)
        {
            return text.Length;
        }

        long units = 0;
        while (!text.IsEmpty && units <= most)
        {
            int length = Unit == TruncationUnit.Grapheme ? Graphemes.NextLength(text) : StartOfChars(text, PieceChars);
            units += Unit switch
            {
                TruncationUnit.Rune => CountRunes(text[..length]),
                TruncationUnit.Utf8Byte => Encoding.UTF8.GetByteCount(text[..length]),
                _ => 1,
            };
            text = text[length..];
        }

        return units;
    }

    private static int CountRunes(ReadOnlySpan<char> text)
    {
        int runes = text.Length;
        for (int at = 1; at < text.Length; at++)
        {
            runes -= IsInsidePair(text, at) ? 1 : 0;
        }

        return runes;
    }
}
