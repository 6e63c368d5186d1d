#pragma warning disable CS1591, CA1711, IDE0060 // Skeleton.
namespace BoundedMemory;

/// <summary>Cuts texts that are too long.</summary>
public static class TextTruncator
{
    public static bool TryTruncate(ReadOnlySpan<char> source, in TextTruncation truncation, Span<char> destination, out int written) => throw new NotImplementedException();

    public static string Truncate(string text, in TextTruncation truncation) => throw new NotImplementedException();
}
