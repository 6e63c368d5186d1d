namespace BoundedMemory;

/// <summary>Characters in place of a string that is compared ordinally; hashes as the table hashes strings.</summary>
internal sealed class OrdinalCharacters : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
{
    public static readonly OrdinalCharacters Instance = new();

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public int GetHashCode(string text) => KeyHash.Of(text);

    public bool Equals(ReadOnlySpan<char> alternate, string other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<char> alternate) => KeyHash.Of(alternate);

    public string Create(ReadOnlySpan<char> alternate) => alternate.ToString();
}
