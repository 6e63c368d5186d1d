using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does adding to a full ring cost, and reading it?</summary>
[MemoryDiagnoser]
public class Rings
{
    private const int Capacity = 1000;
    private const string Item = "a line of a log, of a usual length";

    private readonly Queue<string> _queue = new(Enumerable.Repeat(Item, Capacity));
    private readonly RingBuffer<string> _ring = Filled(new());
    private readonly RingBuffer<string> _told = Filled(new() { Evicted = static (_, _) => { } });
    private readonly RingBuffer<string> _bytes = Filled(new() { MaxBytes = 10_000_000 });
    private readonly ConcurrentRingBuffer<string> _shared = new(new() { MaxCount = Capacity });
    private readonly ConcurrentRingBuffer<string> _sharedBytes = new(new() { MaxCount = Capacity, MaxBytes = 10_000_000 });
    private readonly string[] _items = [.. Enumerable.Repeat(Item, 100)];
    private readonly string[] _newest = new string[100];

    public Rings()
    {
        for (int i = 0; i < 2 * Capacity; i++)
        {
            _shared.Add(Item);
            _sharedBytes.Add(Item);
        }
    }

    [Benchmark(Baseline = true)]
    public int Queue()
    {
        _queue.Dequeue();
        _queue.Enqueue(Item);
        return _queue.Count;
    }

    [Benchmark]
    public AddResult Add() => _ring.Add(Item);

    [Benchmark]
    public AddResult AddWithCallback() => _told.Add(Item);

    [Benchmark]
    public AddResult AddMeasured() => _bytes.Add(Item);

    [Benchmark]
    public AddResult AddShared() => _shared.Add(Item);

    [Benchmark]
    public AddResult AddSharedMeasured() => _sharedBytes.Add(Item);

    [Benchmark]
    public int AddRangeOf100() => _ring.AddRange(_items);

    [Benchmark]
    public int Newest100() => _shared.CopyNewestTo(_newest);

    [Benchmark]
    public string[] Snapshot() => _shared.Snapshot();

    [Benchmark]
    public int EnumerateAll()
    {
        int length = 0;
        foreach (string item in _ring)
        {
            length += item.Length;
        }

        return length;
    }

    [Benchmark]
    public int SegmentsAll()
    {
        _ring.GetSegments(out ReadOnlySpan<string> older, out ReadOnlySpan<string> newer);
        int length = 0;
        foreach (string item in older)
        {
            length += item.Length;
        }

        foreach (string item in newer)
        {
            length += item.Length;
        }

        return length;
    }

    private static RingBuffer<string> Filled(RingBufferOptions<string> options)
    {
        options.MaxCount = Capacity;
        var ring = new RingBuffer<string>(options);
        for (int i = 0; i < 2 * Capacity; i++)
        {
            ring.Add(Item);
        }

        return ring;
    }
}
