namespace BoundedMemory;

/// <summary>A message that is going to be appended.</summary>
internal struct Incoming<TMessage>
{
    public TMessage Message;
    public MessageMetadata Metadata;

    /// <summary>What it is charged with as it is now: it may be truncated on its way in.</summary>
    public long Bytes;

    /// <summary>What it would have been charged with whole.</summary>
    public long WholeBytes;

    public int Tokens;

    public bool IsTruncated;
}

/// <summary>Where in a window a message belongs.</summary>
/// <param name="Group">Its group: that of the messages it joins, or its own.</param>
/// <param name="Joins">It belongs to the open group.</param>
/// <param name="Closes">It ends the open group.</param>
/// <param name="Waits">After it the group is, or may be, open.</param>
/// <param name="StartsTurn">It is the user's.</param>
/// <param name="IsSystem">It stands apart from turns and groups.</param>
/// <param name="IsPinned">It never leaves; nor does the rest of its group.</param>
internal readonly record struct MessagePlace(long Group, bool Joins, bool Closes, bool Waits, bool StartsTurn, bool IsSystem, bool IsPinned);
