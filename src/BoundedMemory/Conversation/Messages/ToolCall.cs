namespace BoundedMemory;

/// <summary>A call a message makes, or answers.</summary>
/// <param name="Id">Its id; pairs a call with its result within one group only, because ids are used again. Null where the provider gives none: then
/// results are paired in order.</param>
/// <param name="Name">Name of the tool; null for a result.</param>
public readonly record struct ToolCall(string? Id, string? Name = null);
