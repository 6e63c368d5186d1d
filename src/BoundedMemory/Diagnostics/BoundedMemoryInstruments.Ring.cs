namespace BoundedMemory;

/// <content>Of rings.</content>
public static partial class BoundedMemoryInstruments
{
    /// <summary>Items added, <c>{item}</c>, by <see cref="RingName"/>. Counter.</summary>
    public const string RingAdditions = "bounded_memory.ring.additions";

    /// <summary>Items that were dropped, <c>{item}</c>, by <see cref="RingName"/> and <see cref="Cause"/>; not those that were archived. Counter.</summary>
    public const string RingDrops = "bounded_memory.ring.drops";

    /// <summary>Items refused, <c>{item}</c>, by <see cref="RingName"/> and <see cref="Reason"/>. Counter.</summary>
    public const string RingRejections = "bounded_memory.ring.rejections";

    /// <summary>Exceptions of callbacks and of the disposal of items, <c>{failure}</c>, by <see cref="RingName"/>. Counter.</summary>
    public const string RingCallbackFailures = "bounded_memory.ring.callback.failures";

    /// <summary>Items held, <c>{item}</c>, by <see cref="RingName"/>; not those that wait for the archive. UpDownCounter.</summary>
    public const string RingItemCount = "bounded_memory.ring.item.count";

    /// <summary>Limit in items, <c>{item}</c>, by <see cref="RingName"/>; absent without one. UpDownCounter.</summary>
    public const string RingItemLimit = "bounded_memory.ring.item.limit";

    /// <summary>Bytes in use, <c>By</c>, by <see cref="RingName"/>; absent where they are not counted. UpDownCounter.</summary>
    public const string RingUsage = "bounded_memory.ring.usage";

    /// <summary>Limit in bytes, <c>By</c>, by <see cref="RingName"/>; absent without one. UpDownCounter.</summary>
    public const string RingLimit = "bounded_memory.ring.limit";

    /// <summary>Items the archive has taken, <c>{item}</c>, by <see cref="RingName"/>. Counter.</summary>
    public const string RingArchiveWrites = "bounded_memory.ring.archive.writes";

    /// <summary>Items the archive has refused for good, <c>{item}</c>, by <see cref="RingName"/>. Counter.</summary>
    public const string RingArchiveRefusals = "bounded_memory.ring.archive.refusals";

    /// <summary>Failed writes to the archive, <c>{failure}</c>, by <see cref="RingName"/>. Counter.</summary>
    public const string RingArchiveFailures = "bounded_memory.ring.archive.failures";

    /// <summary>Items that wait for the archive, <c>{item}</c>, by <see cref="RingName"/>. UpDownCounter.</summary>
    public const string RingArchiveBacklog = "bounded_memory.ring.archive.backlog";

    /// <summary>Tag: name of the ring.</summary>
    public const string RingName = "ring.name";
}
