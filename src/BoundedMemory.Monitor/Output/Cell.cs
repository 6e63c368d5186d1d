using BoundedMemory.Monitor.Judging;

namespace BoundedMemory.Monitor.Output;

/// <summary>A cell of a <see cref="Grid"/>: text, never markup, in the verdict's colour if it has one.</summary>
internal readonly record struct Cell(string Text, Verdict? Verdict = null)
{
    public static implicit operator Cell(string text) => new(text);
}
