using BoundedMemory;

namespace Reproduce;

/// <summary>A cache bounded to three quarters of what the process may take, as is often recommended, and nobody who looks at the process.</summary>
internal sealed class BytesOnlyCache : ILoopCache
{
    private readonly BoundedCache<long, byte[]> _cache = new(new() { Name = "loop", MaxBytes = 375 * Units.MB });

    public long Entries => _cache.Count;

    public long Bytes => _cache.Bytes;

    public long? MaxBytes => _cache.MaxBytes;

    public IReadOnlyList<Bound> Bounds => [new Bound("bytes", 375 * Units.MB, IsBytes: true, () => _cache.Bytes)];

    public Flow Flow => Flow.Of(_cache.Statistics);

    public void Add(long key, byte[] value) => _cache.Set(key, value);

    public void Clear() => _cache.Clear();

    public void Dispose() => _cache.Dispose();
}
