namespace BoundedMemory;

/// <summary>How long a text may be, and what becomes of one that is longer.</summary>
/// <param name="MaxLength">The greatest length, the marker included. 0 to <see cref="int.MaxValue"/>.</param>
/// <param name="Unit">What the length is counted in.</param>
/// <param name="Position">Where it is cut.</param>
/// <param name="Marker">What stands where something was cut; part of the length. Left out where it alone would be too long. May be empty, not null.</param>
public readonly record struct TextTruncation(
    int MaxLength,
    TruncationUnit Unit = TruncationUnit.Char,
    TruncationPosition Position = TruncationPosition.End,
    string Marker = "…");
