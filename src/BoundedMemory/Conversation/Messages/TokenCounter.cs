namespace BoundedMemory;

/// <summary>Counts the tokens a model would make of a text.</summary>
/// <param name="text">The text.</param>
/// <returns>Tokens; at least 0.</returns>
public delegate int TokenCounter(ReadOnlySpan<char> text);
