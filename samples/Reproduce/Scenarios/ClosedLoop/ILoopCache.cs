namespace Reproduce;

/// <summary>What the closed loop fills, with keys that never come again.</summary>
internal interface ILoopCache : ISubject
{
    /// <summary>Bytes held, as far as it knows.</summary>
    long Bytes { get; }

    void Add(long key, byte[] value);

    void Clear();
}

/// <summary>A table without any limit.</summary>
internal sealed class LoopTable : ILoopCache
{
    private readonly Dictionary<long, byte[]> _entries = [];
    private long _cleared;

    public long Entries => _entries.Count;

    public long Bytes => _entries.Values.Sum(value => (long)value.Length);

    public Flow Flow => new(_entries.Count + _cleared, _entries.Count, new Dictionary<string, long> { ["cleared"] = _cleared });

    public void Add(long key, byte[] value) => _entries.Add(key, value);

    public void Clear()
    {
        _cleared += _entries.Count;
        _entries.Clear();
    }

    public void Dispose() => _entries.Clear();
}
