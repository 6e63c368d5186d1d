namespace BoundedMemory.Tests.Support;

/// <summary>A value that counts how often it is disposed.</summary>
internal sealed class Tracked(int id = 0) : IDisposable
{
    private int _disposals;

    public int Id { get; } = id;

    /// <summary>For tests in which it grows.</summary>
    public byte[]? Bytes { get; set; }

    public int Disposals => Volatile.Read(ref _disposals);

    public bool IsDisposed => Disposals > 0;

    public void Dispose() => Interlocked.Increment(ref _disposals);
}

/// <summary>Makes values and remembers them, to ask later what became of each.</summary>
internal sealed class TrackedFactory
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<Tracked> _made = new();

    public IReadOnlyCollection<Tracked> Made => _made;

    public Tracked Make(int id)
    {
        var value = new Tracked(id);
        _made.Enqueue(value);
        return value;
    }
}
