namespace BoundedMemory;

/// <summary>What a <see cref="BoundedChatClient"/> has done.</summary>
/// <remarks><c>Messages = Sent + Omitted + Evicted + Oversize + Incomplete + Orphans + Refused</c>; messages of requests that failed or were passed through are not
/// counted.</remarks>
public readonly record struct BoundedChatClientStatistics
{
    /// <summary>Requests that were reduced and sent on.</summary>
    public long Requests { get; init; }

    /// <summary>Requests of conversations whose history the provider keeps, sent on as they were.</summary>
    public long PassedThrough { get; init; }

    /// <summary>Requests that were not sent, because a message that may not be left out does not fit.</summary>
    public long Failed { get; init; }

    /// <summary>Messages that came in.</summary>
    public long Messages { get; init; }

    /// <summary>Messages sent on, placeholders included.</summary>
    public long Sent { get; init; }

    /// <summary>Messages left out because their content was not kept (<see cref="WithoutContent.Omit"/>).</summary>
    public long Omitted { get; init; }

    /// <summary>Messages dropped because a cap was reached.</summary>
    public long Evicted { get; init; }

    /// <summary>Messages dropped because their group did not fit.</summary>
    public long Oversize { get; init; }

    /// <summary>Messages dropped because calls had not been answered when the next turn began.</summary>
    public long Incomplete { get; init; }

    /// <summary>Results left out because no call was waiting for them.</summary>
    public long Orphans { get; init; }

    /// <summary>Messages before the newest one that could not be measured or did not fit.</summary>
    public long Refused { get; init; }

    /// <summary>Messages sent on with cut texts, and since then perhaps emptied or dropped.</summary>
    public long Truncated { get; init; }

    /// <summary>Messages that were replaced by placeholders.</summary>
    public long Emptied { get; init; }

    /// <summary>Bytes that the messages that came in retain on the heap, without those of <see cref="Orphans"/> and <see cref="Refused"/>.</summary>
    public long MessageBytes { get; init; }

    /// <summary>Bytes of what was sent on; with placeholders counts what is known of the messages they stand for.</summary>
    public long SentBytes { get; init; }
}
