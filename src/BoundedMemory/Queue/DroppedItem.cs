namespace BoundedMemory;

/// <summary>An item that left a queue otherwise than to a reader.</summary>
/// <param name="Item">The item.</param>
/// <param name="Cause">Why it left.</param>
/// <param name="Bytes">Bytes it was charged with beyond its slot; 0 in a queue that does not count bytes.</param>
/// <typeparam name="T">Type of the items.</typeparam>
public readonly record struct DroppedItem<T>(T Item, RemovalCause Cause, long Bytes);
