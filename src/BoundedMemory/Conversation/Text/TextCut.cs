using System.Diagnostics;

namespace BoundedMemory;

/// <summary>What a truncation keeps of a text.</summary>
/// <param name="Start">Chars of its beginning.</param>
/// <param name="End">Where its end begins that is kept; the text's length if none is.</param>
/// <param name="HasMarker">Whether the marker stands between them.</param>
internal readonly record struct TextCut(int Start, int End, bool HasMarker)
{
    /// <summary>Whether nothing is cut.</summary>
    public bool IsWhole => Start == End;

    public static TextCut Of(ReadOnlySpan<char> text, in TextTruncation truncation)
    {
        TextLimit limit = TextLimit.Of(truncation);
        if (limit.Allows(text))
        {
            return new TextCut(text.Length, text.Length, false);
        }

        bool hasMarker = limit.Allows(truncation.Marker);
        TextLimit room = hasMarker ? limit.Without(truncation.Marker) : limit;
        (int start, int end) = (0, text.Length);
        switch (truncation.Position)
        {
            case TruncationPosition.End:
                start = KeepStart(text, room, room);
                break;
            case TruncationPosition.Start:
                end = KeepEnd(text, room, room);
                break;
            default:
                start = KeepStart(text, room.GreaterHalf, room);
                end = KeepEnd(text, room.Without(text[..start]), room);
                break;
        }

        Debug.Assert(start < end, "What is too long is cut.");
        return new TextCut(start, end, hasMarker);
    }

    /// <summary>Length of the longest beginning that stops at a boundary. Of a first cluster that is longer than all there is room for: of its longest part.</summary>
    private static int KeepStart(ReadOnlySpan<char> text, in TextLimit limit, in TextLimit room)
    {
        int reach = limit.LongestStart(text);
        if (reach == 0)
        {
            return 0;
        }

        int start = limit.Unit == TruncationUnit.Grapheme ? GraphemesOfStart(text, limit.Units, reach) : Graphemes.BoundaryNotAfter(text, reach);
        return start == 0 && (limit == room || Graphemes.BoundaryNotAfter(text, room.LongestStart(text)) == 0) ? reach : start;
    }

    /// <summary>Where the longest end begins that starts at a boundary. Of a last cluster that is longer than all there is room for: its longest part.</summary>
    private static int KeepEnd(ReadOnlySpan<char> text, in TextLimit limit, in TextLimit room)
    {
        int reach = limit.LongestEnd(text);
        if (reach == text.Length)
        {
            return reach;
        }

        int end = limit.Unit == TruncationUnit.Grapheme ? GraphemesOfEnd(text, limit) : Graphemes.BoundaryNotBefore(text, reach);
        if (end < text.Length || (limit != room && Graphemes.BoundaryNotBefore(text, room.LongestEnd(text)) < text.Length))
        {
            return end;
        }

        // A part of a cluster that begins with a joiner is two clusters.
        int first = limit is { Unit: TruncationUnit.Grapheme, Units: 1 } ? Graphemes.NextLength(text[reach..]) : text.Length;
        return first < text.Length - reach ? reach + first : reach;
    }

    /// <summary>Length of the first so many clusters that end not after <paramref name="reach"/>.</summary>
    private static int GraphemesOfStart(ReadOnlySpan<char> text, long count, int reach)
    {
        int start = 0;
        int seen = Math.Min(text.Length, reach + 2);
        for (; count > 0 && start < reach; count--)
        {
            int next = start + Graphemes.NextLength(text[start..seen]);
            if (next > reach)
            {
                break;
            }

            start = next;
        }

        return start;
    }

    /// <summary>Where the last so many clusters begin, or as many of them as have no more than the limit's chars.</summary>
    private static int GraphemesOfEnd(ReadOnlySpan<char> text, in TextLimit limit)
    {
        // Most clusters are short: how far back they reach is tried out.
        for (long chars = limit.Units + 16; ; chars *= 4)
        {
            int reach = TextLimit.EndOfChars(text, Math.Min(chars, limit.Chars));
            int first = Graphemes.BoundaryNotBefore(text, reach);
            long count = 0;
            for (int at = first; at < text.Length; at += Graphemes.NextLength(text[at..]))
            {
                count++;
            }

            if (count >= limit.Units || chars >= limit.Chars || reach == 0)
            {
                for (; count > limit.Units; count--)
                {
                    first += Graphemes.NextLength(text[first..]);
                }

                return first;
            }
        }
    }
}
