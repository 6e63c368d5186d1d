using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace BoundedMemory;

/// <summary>Where in a grapheme cluster a text stops of which no more is there: a short text that goes on as it does.</summary>
/// <remarks>A cluster in progress is kept as it is while it is short. Of a long one a text of a rune or two is kept to which the same may be joined: what UAX #29 asks for is the
/// last rune, whether it is the first or second regional indicator, and behind marks whether a pictogram with a joiner waits for another.</remarks>
internal struct OpenCluster
{
    /// <summary>Chars of a cluster that is kept as it is.</summary>
    private const int MostKept = 32;

    private const int PieceChars = 64;

    private const string Joiner = "\u200D";

    private Kept _kept;

    private int _length;

    /// <summary>At most <see cref="MostChars"/>; begins at a boundary. The last may be the first half of a surrogate pair, whose second half is not known.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<char> Text => ((ReadOnlySpan<char>)_kept)[.._length];

    /// <summary>A cluster, and half of a pair.</summary>
    public const int MostChars = MostKept + 1;

    /// <summary>Goes on to the end of a text. Looks at no more of it than what follows the last boundary that is certain.</summary>
    public void Pass(ReadOnlySpan<char> text)
    {
        text = FromSafeBoundary(text, out bool isBoundary);
        if (isBoundary)
        {
            _length = 0;
        }

        Span<char> work = stackalloc char[MostChars + PieceChars];
        while (!text.IsEmpty)
        {
            int taken = Math.Min(text.Length, PieceChars);
            Text.CopyTo(work);
            text[..taken].CopyTo(work[_length..]);
            Keep(work[..(_length + taken)]);
            text = text[taken..];
        }
    }

    /// <summary>What follows the last boundary that is one whatever was before the text; all of it if there is none.</summary>
    private static ReadOnlySpan<char> FromSafeBoundary(ReadOnlySpan<char> text, out bool isBoundary)
    {
        // A first char that may belong to a rune that began before, and a last one whose rune is not complete, tell nothing.
        int from = !text.IsEmpty && char.IsLowSurrogate(text[0]) ? 1 : 0;
        ReadOnlySpan<char> inner = text[from..];
        int at = 0;
        if (inner.Length >= 3)
        {
            inner = char.IsHighSurrogate(inner[^1]) ? inner[..^1] : inner;
            Rune.DecodeLastFromUtf16(inner, out _, out int last);
            at = Graphemes.SafeBoundary(inner, inner.Length - last);
        }

        isBoundary = at > 0;
        return isBoundary ? text[(from + at)..] : text;
    }

    /// <summary>Keeps what the last cluster of a text is, that begins at a boundary.</summary>
    private void Keep(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> half = char.IsHighSurrogate(text[^1]) ? text[^1..] : default;
        ReadOnlySpan<char> cluster = text[..^half.Length];
        int next;
        while ((next = Graphemes.NextLength(cluster)) < cluster.Length)
        {
            cluster = cluster[next..];
        }

        Span<char> kept = _kept;
        _length = 0;
        if (cluster.Length <= MostKept)
        {
            cluster.CopyTo(kept);
            _length = cluster.Length;
        }
        else
        {
            _length = Shorten(cluster, kept);
        }

        half.CopyTo(kept[_length..]);
        _length += half.Length;
    }

    /// <summary>Writes a short text to which the same may be joined as to a long cluster: no more than its last two runes, or what stands for marks.</summary>
    private static int Shorten(ReadOnlySpan<char> cluster, Span<char> destination)
    {
        Rune.DecodeLastFromUtf16(cluster, out _, out int last);
        if (Graphemes.Extends(cluster[^last..]))
        {
            string same = Joins(cluster, Graphemes.Pictogram) ? Graphemes.Pictogram + Joiner : Joins(cluster, Joiner + Graphemes.Pictogram) ? Graphemes.Pictogram : "a";
            same.CopyTo(destination);
            return same.Length;
        }

        // The former one tells whether a regional indicator is the first or the second.
        Rune.DecodeLastFromUtf16(cluster[..^last], out _, out int former);
        cluster[^(former + last)..].CopyTo(destination);
        return former + last;
    }

    private static bool Joins(ReadOnlySpan<char> cluster, string following)
    {
        Debug.Assert(cluster.Length <= MostChars + PieceChars);
        Span<char> joined = stackalloc char[MostChars + PieceChars + 2];
        cluster.CopyTo(joined);
        following.CopyTo(joined[cluster.Length..]);
        return Graphemes.IsOne(joined[..(cluster.Length + following.Length)]);
    }

    [InlineArray(MostChars)]
    private struct Kept
    {
        private char _first;
    }
}
