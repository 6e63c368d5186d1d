namespace BoundedMemory;

/// <summary>Why an entry of a cache, or an item of a ring or queue, left.</summary>
public enum RemovalCause
{
    /// <summary>Removed to make room for another.</summary>
    Evicted,

    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>Removed because memory was asked back.</summary>
    Trimmed,

    /// <summary>Another value with its key took its place.</summary>
    Replaced,

    /// <summary>Removed by the user.</summary>
    Removed,

    /// <summary>Everything was removed by the user.</summary>
    Cleared,

    /// <summary>The container was disposed.</summary>
    Disposed,
}
