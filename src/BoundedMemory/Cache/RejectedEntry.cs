namespace BoundedMemory;

/// <summary>A value that a cache refused.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">The value, which stays its caller's.</param>
/// <param name="Reason"><see cref="SetResult.TooLarge"/>, <see cref="SetResult.OverBudget"/> or <see cref="SetResult.SizeUnknown"/>.</param>
/// <param name="Bytes">Bytes it would have been charged with, at most 32 GB; as far as they were counted if its size is unknown.</param>
/// <param name="Detail">Where the size is unknown: the type, and the path of fields that led to it, at which counting stopped. Else null.</param>
public readonly record struct RejectedEntry<TKey, TValue>(TKey Key, TValue Value, SetResult Reason, long Bytes, string? Detail);
