namespace BoundedMemory;

/// <summary>What is known of a message without its content: enough to decide which contents to load.</summary>
/// <param name="Sequence">Its number in the conversation: at least 0, greater than that of every message before it.</param>
/// <param name="Description">Role, kind, calls, whether it is pinned.</param>
/// <param name="Timestamp">When it was appended.</param>
/// <param name="ContentBytes">Bytes its content retained on the heap when it was whole; at least 0. For placeholders and reports: what is charged is always measured.</param>
/// <param name="HasContent">Whether the window keeps its content; false: metadata only, its content was dropped and is not to be loaded.</param>
/// <param name="IsTruncated">Whether the window has truncated its content: then it is truncated again when it is loaded, though there might be room for all of it.</param>
public readonly record struct MessageMetadata(
    long Sequence, MessageDescription Description, DateTimeOffset Timestamp, long ContentBytes = 0, bool HasContent = true, bool IsTruncated = false);
