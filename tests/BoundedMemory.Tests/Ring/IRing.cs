namespace BoundedMemory.Tests.Ring;

/// <summary>What both forms of the ring have in common, so that a test is written once.</summary>
internal interface IRing<T> : IDisposable
{
    int Count { get; }

    long Bytes { get; }

    int? MaxCount { get; }

    long? MaxBytes { get; }

    RingStatistics Statistics { get; }

    T this[int index] { get; }

    AddResult Add(T item);

    int AddRange(ReadOnlySpan<T> items);

    T[] Newest(int count);

    void Clear();

    long Trim(long bytes);

    bool TryResize(long? maxBytes, int? maxCount);
}

internal sealed class ConcurrentRing<T>(RingBufferOptions<T> options) : IRing<T>
{
    private readonly ConcurrentRingBuffer<T> _ring = new(options);

    public int Count => _ring.Count;

    public long Bytes => _ring.Bytes;

    public int? MaxCount => _ring.MaxCount;

    public long? MaxBytes => _ring.MaxBytes;

    public RingStatistics Statistics => _ring.Statistics;

    public T this[int index] => _ring[index];

    public AddResult Add(T item) => _ring.Add(item);

    public int AddRange(ReadOnlySpan<T> items) => _ring.AddRange(items);

    public T[] Newest(int count) => _ring.Newest(count);

    public void Clear() => _ring.Clear();

    public long Trim(long bytes) => _ring.Trim(bytes);

    public bool TryResize(long? maxBytes, int? maxCount) => _ring.TryResize(maxBytes, maxCount);

    public void Dispose() => _ring.Dispose();
}

/// <summary>The form for one thread, which the threads of a test use one at a time; counts are read without waiting.</summary>
internal sealed class OneAtATime<T>(RingBufferOptions<T> options) : IRing<T>
{
    private readonly Lock _turn = new();
    private readonly RingBuffer<T> _ring = new(options);

    public int Count => _ring.Count;

    public long Bytes => _ring.Bytes;

    public int? MaxCount => _ring.MaxCount;

    public long? MaxBytes => _ring.MaxBytes;

    public RingStatistics Statistics => _ring.Statistics;

    public T this[int index]
    {
        get
        {
            lock (_turn)
            {
                return _ring[index];
            }
        }
    }

    public AddResult Add(T item)
    {
        lock (_turn)
        {
            return _ring.Add(item);
        }
    }

    public int AddRange(ReadOnlySpan<T> items)
    {
        lock (_turn)
        {
            return _ring.AddRange(items);
        }
    }

    public T[] Newest(int count)
    {
        lock (_turn)
        {
            return _ring.Newest(count);
        }
    }

    public void Clear()
    {
        lock (_turn)
        {
            _ring.Clear();
        }
    }

    public long Trim(long bytes)
    {
        lock (_turn)
        {
            return _ring.Trim(bytes);
        }
    }

    public bool TryResize(long? maxBytes, int? maxCount)
    {
        lock (_turn)
        {
            return _ring.TryResize(maxBytes, maxCount);
        }
    }

    public void Dispose() => _ring.Dispose();
}
