using System.Globalization;
using System.Text;

namespace BoundedMemory.Monitor.Output;

/// <summary>Names as they may be shown. A process chooses its own: newlines, commands to the terminal and marks that turn the direction of the text round become visible.</summary>
internal static class Printable
{
    /// <summary>The name in one line, of characters that do nothing but show.</summary>
    public static string Of(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (rune.Value == '\\')
            {
                text.Append(@"\\");
            }
            else if (IsHarmless(rune))
            {
                text.Append(rune);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
        }

        return text.Length == 0 ? "(no name)" : text.ToString();
    }

    /// <summary>The same, of at most that many characters; what is longer ends with an ellipsis.</summary>
    public static string Of(string name, int length)
    {
        string text = Of(name);
        return text.Length <= length ? text : string.Concat(text.AsSpan(0, length - (char.IsHighSurrogate(text[length - 2]) ? 2 : 1)), "…");
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
