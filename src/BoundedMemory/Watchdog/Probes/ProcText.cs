using System.Buffers.Text;

namespace BoundedMemory;

/// <summary>Reads the kernel's small texts in place.</summary>
internal static class ProcText
{
    /// <summary>The number a text begins with, after spaces. More than fits counts as <see cref="long.MaxValue"/>: version 1 of control groups writes such limits.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out long number)
    {
        text = text.TrimStart(" \t"u8);
        if (Utf8Parser.TryParse(text, out ulong value, out int length) && length > 0)
        {
            number = (long)Math.Min(value, long.MaxValue);
            return true;
        }

        // Too many digits for the parser are too many bytes for any machine.
        number = long.MaxValue;
        return text.Length > 0 && text[0] is >= (byte)'0' and <= (byte)'9';
    }

    /// <summary>The number after a word at the beginning of a line.</summary>
    public static bool TryNumberAfter(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word, out long number)
    {
        number = 0;
        return TryAfter(text, word, out ReadOnlySpan<byte> rest) && TryNumber(rest, out number);
    }

    /// <summary>What follows a word at the beginning of a line, up to the end of the line.</summary>
    public static bool TryAfter(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word, out ReadOnlySpan<byte> rest)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            if (line.StartsWith(word))
            {
                rest = line[word.Length..];
                return true;
            }

            text = end < 0 ? default : text[(end + 1)..];
        }

        rest = default;
        return false;
    }

    /// <summary>Goes to the field after the next space; empty after the last.</summary>
    public static ReadOnlySpan<byte> NextField(ReadOnlySpan<byte> text)
    {
        int space = text.IndexOf((byte)' ');
        return space < 0 ? default : text[(space + 1)..];
    }
}
