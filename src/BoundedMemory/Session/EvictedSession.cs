namespace BoundedMemory;

/// <summary>A session that has left a store.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Cause">Why it left: never <see cref="RemovalCause.Replaced"/>.</param>
/// <param name="EntryCount">Entries that left with it.</param>
/// <param name="Bytes">Bytes it retained, without its id.</param>
public readonly record struct EvictedSession(string Id, RemovalCause Cause, int EntryCount, long Bytes);
