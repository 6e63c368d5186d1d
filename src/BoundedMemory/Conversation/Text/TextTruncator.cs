namespace BoundedMemory;

/// <summary>Cuts texts that are too long, where a reader would cut them.</summary>
/// <remarks>
/// <para>What is kept is the longest beginning, end or both that fit beside the marker and stop between grapheme clusters, as <see cref="System.Globalization.StringInfo"/> finds them
/// (UAX #29). Only a cluster that alone is longer than all that the marker leaves is cut inside, between Unicode scalar values: a letter with ten thousand marks on it
/// is shortened, not dropped. A surrogate pair is never split; what was well-formed stays so. A lone surrogate stays as it is and counts as U+FFFD would: one
/// <see cref="TruncationUnit.Rune"/>, three <see cref="TruncationUnit.Utf8Byte"/>s.</para>
/// <para>In the <see cref="TruncationPosition.Middle"/> the beginning may take half of the room, the greater half if it is odd, and the end what the beginning left.</para>
/// <para>Truncating twice is truncating once. Thread-safe. Time grows with what is kept, not with what is cut away, except that a cut from the start inside of a long cluster, or a
/// long row of flags, looks for where that begins: linear at worst.</para>
/// </remarks>
/// <example>
/// <code>
/// string line = TextTruncator.Truncate("The quick brown fox", new(10)); // "The quick…"
/// string path = TextTruncator.Truncate("/var/lib/data/2026/log.txt", new(12, Position: TruncationPosition.Middle)); // "/var/l…g.txt"
/// </code>
/// </example>
public static class TextTruncator
{
    /// <summary>Writes a text, cut if it is too long. Allocates nothing.</summary>
    /// <param name="source">The text.</param>
    /// <param name="truncation">How long it may be, and where to cut it.</param>
    /// <param name="destination">Where to write. May begin where <paramref name="source"/> does; must not overlap it otherwise. As long as the source is enough where the
    /// marker is no longer, in chars, than what it stands for.</param>
    /// <param name="written">Chars written; 0 if it does not fit.</param>
    /// <returns>False, and nothing is written, if <paramref name="destination"/> is too small.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number or choice of <paramref name="truncation"/> is out of its range.</exception>
    /// <exception cref="ArgumentException">The marker is null.</exception>
    public static bool TryTruncate(ReadOnlySpan<char> source, in TextTruncation truncation, Span<char> destination, out int written)
    {
        truncation.Validate(nameof(truncation));
        TextCut cut = TextCut.Of(source, truncation);
        ReadOnlySpan<char> marker = cut.HasMarker ? truncation.Marker : default;
        ReadOnlySpan<char> end = source[cut.End..];
        written = 0;
        if (destination.Length < (long)cut.Start + marker.Length + end.Length)
        {
            return false;
        }

        // The end first: in place, the marker may cover where it was.
        end.CopyTo(destination[(cut.Start + marker.Length)..]);
        marker.CopyTo(destination[cut.Start..]);
        source[..cut.Start].CopyTo(destination);
        written = cut.Start + marker.Length + end.Length;
        return true;
    }

    /// <summary>Returns a text, cut if it is too long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="truncation">How long it may be, and where to cut it.</param>
    /// <returns>The same instance if it is not too long.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number or choice of <paramref name="truncation"/> is out of its range.</exception>
    /// <exception cref="ArgumentException">The marker is null.</exception>
    public static string Truncate(string text, in TextTruncation truncation)
    {
        ArgumentNullException.ThrowIfNull(text);
        truncation.Validate(nameof(truncation));
        TextCut cut = TextCut.Of(text, truncation);
        return cut.IsWhole ? text : string.Concat(text.AsSpan(0, cut.Start), cut.HasMarker ? truncation.Marker : default, text.AsSpan(cut.End));
    }
}
