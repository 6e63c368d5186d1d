using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <summary>What the length of a text is counted in.</summary>
public enum TruncationUnit
{
    /// <summary>UTF-16 code units: <see cref="string.Length"/>.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "It is what is counted.")]
    Char = 0,

    /// <summary>Unicode scalar values.</summary>
    Rune = 1,

    /// <summary>Grapheme clusters: what a reader takes for one character; at most 32 chars for each on average, so that a bound holds in memory too.</summary>
    Grapheme = 2,

    /// <summary>Bytes in UTF-8.</summary>
    Utf8Byte = 3,
}
