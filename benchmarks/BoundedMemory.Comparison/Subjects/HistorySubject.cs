using System.Collections.Concurrent;
using System.Threading.Channels;

namespace BoundedMemory.Comparison;

/// <summary>What keeps the newest <see cref="Ring.Capacity"/> items. Structs implement it, so that a workload's loop is compiled for each of them.</summary>
internal interface IHistory
{
    void Add(string item);

    /// <summary>Copies all items, and says how many.</summary>
    int Snapshot();
}

/// <summary>A workload, for whatever type of history it is given.</summary>
internal interface IHistoryWorkload
{
    IMeasured Prepare<THistory>(THistory history)
        where THistory : struct, IHistory;
}

/// <summary>A kind of history that is compared.</summary>
/// <param name="Name">Its name in the CSV.</param>
/// <param name="IsShared">Several threads may use it at once.</param>
/// <param name="HasSnapshot">It can be looked at without emptying it.</param>
internal abstract record HistorySubject(string Name, bool IsShared, bool HasSnapshot = true)
{
    public const string Channel = "Channel DropOldest";
    public const string ConcurrentQueue = "ConcurrentQueue + trim";

    public static readonly HistorySubject[] All =
    [
        new Of<SingleRing>("RingBuffer", false, () => new SingleRing(new RingBuffer<string>(new() { MaxCount = Ring.Capacity }))),
        new Of<SingleRing>("RingBuffer callback", false, () => new SingleRing(new RingBuffer<string>(new() { MaxCount = Ring.Capacity, Evicted = static (_, _) => { } }))),
        new Of<SingleRing>("RingBuffer bytes", false, () => new SingleRing(new RingBuffer<string>(new() { MaxCount = Ring.Capacity, MaxBytes = 1_000_000 }))),
        new Of<SharedRing>("ConcurrentRingBuffer", true, () => new SharedRing(new ConcurrentRingBuffer<string>(new() { MaxCount = Ring.Capacity }))),
        new Of<SharedRing>("ConcurrentRingBuffer bytes", true, () => new SharedRing(new ConcurrentRingBuffer<string>(new() { MaxCount = Ring.Capacity, MaxBytes = 1_000_000 }))),
        new Of<QueueHistory>("Queue + Dequeue", false, () => new QueueHistory(new Queue<string>())),
        new Of<ListHistory>("List + RemoveAt(0)", false, () => new ListHistory([], 1)),
        new Of<ListHistory>("List + RemoveRange(100)", false, () => new ListHistory([], 100)),
        new Of<ConcurrentQueueHistory>(ConcurrentQueue, true, () => new ConcurrentQueueHistory(new ConcurrentQueue<string>())),
        new Of<ChannelHistory>(Channel, true, () => new ChannelHistory(System.Threading.Channels.Channel.CreateBounded<string>(
            new BoundedChannelOptions(Ring.Capacity) { FullMode = BoundedChannelFullMode.DropOldest }))) { HasSnapshot = false },
        new Of<NoHistory>("(nothing)", true, () => default),
    ];

    public abstract IMeasured Prepare(IHistoryWorkload workload);

    private sealed record Of<THistory>(string Name, bool IsShared, Func<THistory> Create) : HistorySubject(Name, IsShared)
        where THistory : struct, IHistory
    {
        public override IMeasured Prepare(IHistoryWorkload workload) => workload.Prepare(Create());
    }

    private readonly struct SingleRing(RingBuffer<string> ring) : IHistory
    {
        public void Add(string item) => ring.Add(item);

        public int Snapshot() => ring.Snapshot().Length;
    }

    private readonly struct SharedRing(ConcurrentRingBuffer<string> ring) : IHistory
    {
        public void Add(string item) => ring.Add(item);

        public int Snapshot() => ring.Snapshot().Length;
    }

    private readonly struct QueueHistory(Queue<string> queue) : IHistory
    {
        public void Add(string item)
        {
            if (queue.Count >= Ring.Capacity)
            {
                queue.Dequeue();
            }

            queue.Enqueue(item);
        }

        public int Snapshot() => queue.ToArray().Length;
    }

    private readonly struct ListHistory(List<string> list, int step) : IHistory
    {
        public void Add(string item)
        {
            list.Add(item);
            if (list.Count >= Ring.Capacity + step)
            {
                list.RemoveRange(0, step);
            }
        }

        public int Snapshot() => list.ToArray().Length;
    }

    private readonly struct ConcurrentQueueHistory(ConcurrentQueue<string> queue) : IHistory
    {
        public void Add(string item)
        {
            queue.Enqueue(item);
            while (queue.Count > Ring.Capacity && queue.TryDequeue(out _))
            {
            }
        }

        public int Snapshot() => queue.ToArray().Length;
    }

    private readonly struct ChannelHistory(Channel<string> channel) : IHistory
    {
        public void Add(string item) => channel.Writer.TryWrite(item);

        public int Snapshot() => 0;
    }

    private readonly struct NoHistory : IHistory
    {
        public void Add(string item)
        {
            if (item.Length == 0)
            {
                throw new ArgumentException("Items have characters.", nameof(item));
            }
        }

        public int Snapshot() => Ring.Capacity;
    }
}
