namespace BoundedMemory;

/// <summary>What became of an item that was to be enqueued, and what had to leave for it.</summary>
/// <param name="Result">Whether it was added, or why not; a refused item leaves everything as it was.</param>
/// <param name="Dropped">Items that left for it: evicted to make room, expired, or replaced by it.</param>
/// <param name="DroppedBytes">Bytes that these were charged with beyond their slots; 0 in a queue that does not count bytes.</param>
public readonly record struct EnqueueResult(AddResult Result, int Dropped, long DroppedBytes)
{
    /// <summary>Whether the item is in the queue.</summary>
    public bool IsAdded => Result == AddResult.Added;
}
