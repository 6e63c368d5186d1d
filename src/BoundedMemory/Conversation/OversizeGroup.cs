namespace BoundedMemory;

/// <summary>What happens when a message, or calls with their results, do not fit into a window though everything else has left it.</summary>
public enum OversizeGroup
{
    /// <summary>Its texts are truncated, even though it is the newest; if it still does not fit, all of the group goes, the message that is being appended included
    /// (<see cref="AppendResult.TooLarge"/>).</summary>
    TruncateThenDrop = 0,

    /// <summary>The message is refused, the window stays as it was.</summary>
    Reject = 1,
}
