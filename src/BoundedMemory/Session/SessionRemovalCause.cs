namespace BoundedMemory;

/// <summary>Why an entry of a session left.</summary>
public enum SessionRemovalCause
{
    /// <summary>It made room: in its session for another entry, or its session was evicted for others. Or it had grown and no longer fitted.</summary>
    Evicted,

    /// <summary>Its session was idle for too long.</summary>
    Expired,

    /// <summary>Its session was removed because memory was asked back.</summary>
    Trimmed,

    /// <summary>Another value of its key took its place.</summary>
    Replaced,

    /// <summary>It, or its session, was removed by the user.</summary>
    Removed,

    /// <summary>Removed by one of the <c>Clear</c> methods of the session or of the store.</summary>
    Cleared,

    /// <summary>The store was disposed.</summary>
    Disposed,

    /// <summary>It was transient, and the session entered another scope.</summary>
    Scope,
}
