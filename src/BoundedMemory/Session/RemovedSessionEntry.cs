namespace BoundedMemory;

/// <summary>An entry that has left a session.</summary>
/// <param name="SessionId">Id of the session.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value. If the store disposes values, it is disposed after the callback.</param>
/// <param name="Cause">Why it left.</param>
/// <param name="Bytes">Bytes it was charged with: its key and its value.</param>
public readonly record struct RemovedSessionEntry(string SessionId, string Key, object? Value, SessionRemovalCause Cause, long Bytes);
