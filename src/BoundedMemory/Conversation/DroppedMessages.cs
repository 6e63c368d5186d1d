namespace BoundedMemory;

/// <summary>Why a message has left a window.</summary>
public enum DropCause
{
    /// <summary>It made room: a cap was reached.</summary>
    Evicted = 0,

    /// <summary>Its group did not fit into the window though everything else had left.</summary>
    Oversize = 1,

    /// <summary>Its group was closed while calls had no answer.</summary>
    Incomplete = 2,

    /// <summary>Memory was asked back.</summary>
    Trimmed = 3,

    /// <summary>The window was cleared.</summary>
    Cleared = 4,
}

/// <summary>A message that has left a window, or has lost its content.</summary>
/// <param name="Metadata">What is known of it.</param>
/// <param name="Message">It, as the window held it: texts may have been truncated. Its content has not been handed out before.</param>
/// <param name="Cause">Why.</param>
/// <param name="IsContentOnly">Whether its metadata, with a placeholder, is still in the window.</param>
public readonly record struct DroppedMessage<TMessage>(MessageMetadata Metadata, TMessage Message, DropCause Cause, bool IsContentOnly);
