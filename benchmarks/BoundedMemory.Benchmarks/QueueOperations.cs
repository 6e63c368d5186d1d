using System.Threading.Channels;
using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does an item cost in a queue that drops the oldest?</summary>
[MemoryDiagnoser]
public class QueueOperations
{
    private static readonly object Item = new();

    private readonly DropOldestQueue<object> _count = Filled(new() { MaxCount = Numbers.Count });
    private readonly DropOldestQueue<object> _bytes = Filled(new() { MaxCount = Numbers.Count, MaxBytes = 10_000_000 });
    private readonly DropOldestQueue<object> _age = Filled(new() { MaxCount = Numbers.Count, MaxAge = TimeSpan.FromHours(1) });
    private readonly DropOldestQueue<object> _keys = Filled(new() { MaxCount = Numbers.Count, ConflateBy = Conflation.By((object item) => item) });
    private readonly Channel<object> _channel = Channel.CreateBounded<object>(new BoundedChannelOptions(Numbers.Count) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly object[] _batch = new object[16];

    [GlobalSetup]
    public void Fill()
    {
        while (_channel.Reader.Count < Numbers.Count)
        {
            _channel.Writer.TryWrite(Item);
        }
    }

    [Benchmark(Baseline = true)]
    public bool WriteFullChannel() => _channel.Writer.TryWrite(Item);

    [Benchmark]
    public EnqueueResult EnqueueFull() => _count.Enqueue(Item);

    [Benchmark]
    public EnqueueResult EnqueueFullMeasured() => _bytes.Enqueue(Item);

    [Benchmark]
    public EnqueueResult EnqueueFullWithAge() => _age.Enqueue(Item);

    [Benchmark]
    public EnqueueResult EnqueueSameKey() => _keys.Enqueue(Item);

    [Benchmark]
    public bool EnqueueAndDequeue()
    {
        _count.Enqueue(Item);
        return _count.TryDequeue(out _);
    }

    [Benchmark(OperationsPerInvoke = 16)]
    public int EnqueueAndDequeueInBatches()
    {
        for (int i = 0; i < 16; i++)
        {
            _count.Enqueue(Item);
        }

        return _count.DequeueBatch(_batch);
    }

    private static DropOldestQueue<object> Filled(DropOldestQueueOptions<object> options)
    {
        var queue = new DropOldestQueue<object>(options);
        for (int i = 0; i < Numbers.Count; i++)
        {
            queue.Enqueue(new object());
        }

        return queue;
    }
}
