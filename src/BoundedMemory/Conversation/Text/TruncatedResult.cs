using System.Globalization;

namespace BoundedMemory;

/// <summary>What stands for a tool's result that is too long: JSON that is cut is no JSON any more, so a text that says how much of it there is.</summary>
internal static class TruncatedResult
{
    /// <summary>Returns a result, <c>[truncated: 150 of 7000 chars] </c> and a part of it if it is too long: within the truncation as a whole, in its unit. Where even the words do
    /// not fit, it is cut as any text. The same instance if it is not too long; so truncating twice is truncating once.</summary>
    public static string Truncate(string result, in TextTruncation truncation)
    {
        ArgumentNullException.ThrowIfNull(result);
        truncation.Validate(nameof(truncation));
        TextLimit limit = TextLimit.Of(truncation);
        if (limit.Allows(result))
        {
            return result;
        }

        // The number of chars kept has no more digits than the most that may be kept.
        string longest = Label(Math.Min(result.Length, limit.Chars), result.Length);
        if (!limit.Allows(longest))
        {
            return TextTruncator.Truncate(result, truncation);
        }

        TextTruncation rest = truncation with { MaxLength = (int)limit.Without(longest).Units };
        TextCut cut = TextCut.Of(result, rest);
        return string.Concat(
            Label(cut.Start + result.Length - cut.End, result.Length), result.AsSpan(0, cut.Start), cut.HasMarker ? truncation.Marker : default, result.AsSpan(cut.End));
    }

    private static string Label(long kept, int length) => string.Create(CultureInfo.InvariantCulture, $"[truncated: {kept} of {length} chars] ");
}
