namespace BoundedMemory;

/// <summary>Until the core has it.</summary>
internal static class TruncatedResult
{
    public static string Truncate(string text, in TextTruncation truncation) => TextTruncator.Truncate(text, truncation);
}
