namespace BoundedMemory;

/// <summary>Why a conversation has left a store.</summary>
public enum ConversationEvictionCause
{
    /// <summary>Nobody has used it for so long.</summary>
    Idle = 0,

    /// <summary>It made room: it was the least recently used.</summary>
    Capacity = 1,

    /// <summary>Memory was asked back, or a limit was lowered.</summary>
    Trimmed = 2,

    /// <summary>It was removed by its key.</summary>
    Removed = 3,

    /// <summary>The store was cleared.</summary>
    Cleared = 4,

    /// <summary>The store was disposed.</summary>
    Disposed = 5,
}

/// <summary>A conversation that has left a store. Says nothing of what was said in it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Cause">Why.</param>
/// <param name="Messages">Messages that left with it.</param>
/// <param name="UnsavedMessages">Messages that were not saved when it left, which for lack of room, time or memory no conversation does that has any: lost, but for
/// those that the sink was just writing.</param>
/// <param name="Bytes">Bytes it was charged with; 0 in a store that does not count bytes.</param>
public readonly record struct EvictedConversation<TKey>(TKey Key, ConversationEvictionCause Cause, long Messages, long UnsavedMessages, long Bytes)
    where TKey : notnull;
