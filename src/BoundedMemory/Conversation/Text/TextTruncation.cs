using System.Diagnostics.CodeAnalysis;

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
    string Marker = "…")
{
    private bool IsValid => MaxLength >= 0 && Marker is not null
        && Unit is >= TruncationUnit.Char and <= TruncationUnit.Utf8Byte
        && Position is >= TruncationPosition.End and <= TruncationPosition.Middle;

    /// <summary>What is wrong with it.</summary>
    /// <param name="name">Of the option, or parameter, that it is the value of.</param>
    internal IEnumerable<OptionError> FindErrors(string name) =>
    [
        .. OptionErrors.Range<int>($"{name}.{nameof(MaxLength)}", MaxLength, 0, int.MaxValue),
        .. OptionErrors.Defined($"{name}.{nameof(Unit)}", Unit),
        .. OptionErrors.Defined($"{name}.{nameof(Position)}", Position),
        .. OptionErrors.When(Marker is null, $"{name}.{nameof(Marker)}", null, "must not be null"),
    ];

    /// <summary>Throws if something is wrong with it; allocates nothing if not.</summary>
    internal void Validate(string name)
    {
        if (!IsValid)
        {
            ThrowInvalid(name);
        }
    }

    [DoesNotReturn]
    private void ThrowInvalid(string name)
    {
        OptionErrors.ThrowFirst(FindErrors(name));
        throw new ArgumentException($"{this} is not valid.", name);
    }
}
