namespace BoundedMemory;

/// <summary>In which order memory is asked back: lower values give first.</summary>
public enum ReclaimPriority
{
    /// <summary>Can be recomputed at no visible cost.</summary>
    Disposable = 0,

    /// <summary>Can be loaded again: caches.</summary>
    Cache = 1,

    /// <summary>Users notice its loss: conversations, sessions.</summary>
    Conversation = 2,

    /// <summary>Given last, and only to avoid an abort.</summary>
    Essential = 3,
}

/// <summary>Something that holds memory and can give some of it back when asked. Every bounded primitive here is one.</summary>
/// <remarks>Members are called from any thread, never under a lock of the caller, and must not block.</remarks>
public interface IMemoryReclaimer
{
    /// <summary>Name for diagnostics; not unique.</summary>
    string Name { get; }

    /// <summary>In which order it is asked.</summary>
    ReclaimPriority Priority { get; }

    /// <summary>Bytes it holds now.</summary>
    long UsedBytes { get; }

    /// <summary>Bytes it could give back now; less than <see cref="UsedBytes"/> where some are guaranteed to it or in use.</summary>
    long ReclaimableBytes { get; }

    /// <summary>Gives memory back.</summary>
    /// <param name="targetBytes">Bytes wanted; at least 0. It may give more, where its smallest piece is larger, or less, where it has no more.</param>
    /// <returns>Bytes given back.</returns>
    long Reclaim(long targetBytes);
}
