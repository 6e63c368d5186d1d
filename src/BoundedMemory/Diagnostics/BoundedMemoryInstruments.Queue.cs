namespace BoundedMemory;

/// <content>The instruments of <see cref="DropOldestQueue{T}"/>.</content>
public static partial class BoundedMemoryInstruments
{
    /// <summary>Items added, <c>{item}</c>, by <see cref="QueueName"/>. Counter.</summary>
    public const string QueueEnqueued = "bounded_memory.queue.enqueued";

    /// <summary>Items handed to readers, <c>{item}</c>, by <see cref="QueueName"/>. Counter.</summary>
    public const string QueueDequeued = "bounded_memory.queue.dequeued";

    /// <summary>Items that left otherwise than to a reader, <c>{item}</c>, by <see cref="QueueName"/> and <see cref="Cause"/>. Counter.</summary>
    public const string QueueDropped = "bounded_memory.queue.dropped";

    /// <summary>Items refused, <c>{item}</c>, by <see cref="QueueName"/> and <see cref="Reason"/>, which may also be <c>completed</c>. Counter.</summary>
    public const string QueueRejections = "bounded_memory.queue.rejections";

    /// <summary>Exceptions of callbacks and of the disposal of items, <c>{failure}</c>, by <see cref="QueueName"/>. Counter.</summary>
    public const string QueueCallbackFailures = "bounded_memory.queue.callback.failures";

    /// <summary>Items held: how far readers lag behind, <c>{item}</c>, by <see cref="QueueName"/>. UpDownCounter.</summary>
    public const string QueueItemCount = "bounded_memory.queue.item.count";

    /// <summary>Limit in items, <c>{item}</c>, by <see cref="QueueName"/>; absent without one. UpDownCounter.</summary>
    public const string QueueItemLimit = "bounded_memory.queue.item.limit";

    /// <summary>Readers that wait, <c>{reader}</c>, by <see cref="QueueName"/>. UpDownCounter.</summary>
    public const string QueueReaderWaiting = "bounded_memory.queue.reader.waiting";

    /// <summary>Bytes in use, <c>By</c>, by <see cref="QueueName"/>; absent where they are not counted. UpDownCounter.</summary>
    public const string QueueUsage = "bounded_memory.queue.usage";

    /// <summary>Limit in bytes, <c>By</c>, by <see cref="QueueName"/>; absent without one. UpDownCounter.</summary>
    public const string QueueLimit = "bounded_memory.queue.limit";

    /// <summary>How full the fullest limit is, <c>1</c>, from 0 to 1, by <see cref="QueueName"/>. Gauge.</summary>
    public const string QueueUtilization = "bounded_memory.queue.utilization";

    /// <summary>Tag: name of the queue.</summary>
    public const string QueueName = "queue.name";
}
