using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace BoundedMemory;

/// <summary>Where grapheme clusters begin and end. <see cref="StringInfo"/> says so; this class asks it about as little text as possible.</summary>
internal static class Graphemes
{
    /// <summary>The first char that joins with, or is joined by, others. Of those below only CR and LF stay together.</summary>
    private const char FirstJoining = '\u0300';

    /// <summary>What a joiner joins to another.</summary>
    public const string Pictogram = "\u00A9";

    /// <summary>A consonant and what joins it to another, where the runtime knows of that.</summary>
    private const string Conjunct = "\u0915\u094D";

    /// <summary>Chars that clusters found on this thread had together: the work done, which tests count. Stays 0 in a release build.</summary>
    [ThreadStatic]
    private static long _work;

    public static long Work => _work;

    /// <summary>Length of the first cluster of a text that begins at a boundary; 0 of an empty one.</summary>
    public static int NextLength(ReadOnlySpan<char> text)
    {
        int length = text.Length >= 2 && text[0] < FirstJoining && text[1] < FirstJoining
            ? text[0] == '\r' && text[1] == '\n' ? 2 : 1
            : StringInfo.GetNextTextElementLength(text);
        CountWork(length);
        return length;
    }

    /// <summary>Whether all of a text, not empty, is one cluster.</summary>
    public static bool IsOne(ReadOnlySpan<char> text) => NextLength(text) == text.Length;

    /// <summary>Whether a rune joins any letter before it.</summary>
    public static bool Extends(ReadOnlySpan<char> rune) => IsOneBehind("a", rune);

    /// <summary>Whether a text would be one cluster with another one before it; both are short.</summary>
    public static bool IsOneBehind(string before, ReadOnlySpan<char> text)
    {
        Span<char> joined = stackalloc char[before.Length + text.Length];
        before.CopyTo(joined);
        text.CopyTo(joined[before.Length..]);
        return IsOne(joined);
    }

    /// <summary>The last boundary, not after <paramref name="at"/>, that is one whatever stands further before it; 0 if none is.</summary>
    /// <remarks>UAX #29 looks further back than the rune before a boundary only between regional indicators (GB12, GB13), which alone are joined, and behind marks and joiners (GB9c,
    /// GB11). So a boundary between two runes alone always is one, unless the first is a mark or a joiner behind which a pictogram, or a consonant of a conjunct, would join the
    /// second.</remarks>
    /// <param name="text">Begins at a boundary.</param>
    /// <param name="at">Not inside of a surrogate pair.</param>
    public static int SafeBoundary(ReadOnlySpan<char> text, int at)
    {
        while (at > 0 && at < text.Length)
        {
            int before = 1;
            if (text[at - 1] < FirstJoining && text[at] < FirstJoining)
            {
                if (text[at - 1] != '\r' || text[at] != '\n')
                {
                    return at;
                }
            }
            else
            {
                Rune.DecodeLastFromUtf16(text[..at], out _, out before);
                Rune.DecodeFromUtf16(text[at..], out _, out int after);
                ReadOnlySpan<char> pair = text.Slice(at - before, before + after);
                if (!IsOne(pair) && !IsOneBehind(Pictogram, pair) && !IsOneBehind(Conjunct, pair))
                {
                    return at;
                }
            }

            at -= before;
        }

        return at;
    }

    /// <summary>The last boundary of a text not after <paramref name="at"/>. Looks no further than the rune there.</summary>
    /// <param name="text">Begins at a boundary.</param>
    /// <param name="at">Not inside of a surrogate pair.</param>
    public static int BoundaryNotAfter(ReadOnlySpan<char> text, int at)
    {
        int boundary = SafeBoundary(text, at);
        if (boundary == at)
        {
            return at;
        }

        Rune.DecodeFromUtf16(text[at..], out _, out int length);
        text = text[..(at + length)];
        while (boundary < at)
        {
            int next = boundary + NextLength(text[boundary..]);
            if (next > at)
            {
                break;
            }

            boundary = next;
        }

        return boundary;
    }

    /// <summary>The first boundary of a text not before <paramref name="at"/>.</summary>
    /// <param name="text">Begins at a boundary.</param>
    /// <param name="at">Not inside of a surrogate pair.</param>
    public static int BoundaryNotBefore(ReadOnlySpan<char> text, int at)
    {
        int boundary = SafeBoundary(text, at);
        while (boundary < at)
        {
            boundary += NextLength(text[boundary..]);
        }

        return boundary;
    }

    [Conditional("DEBUG")]
    private static void CountWork(int chars) => _work += chars;
}
