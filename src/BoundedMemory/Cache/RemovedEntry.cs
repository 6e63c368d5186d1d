namespace BoundedMemory;

/// <summary>An entry that has left a cache.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value. If the cache disposes values, it is disposed after the callback, or when its last lease ends.</param>
/// <param name="Cause">Why it left.</param>
/// <param name="Bytes">Bytes it was charged with: itself, its key and its value; 0 in a cache that does not count bytes.</param>
public readonly record struct RemovedEntry<TKey, TValue>(TKey Key, TValue Value, RemovalCause Cause, long Bytes);
