using BoundedMemory;

namespace Reproduce;

/// <summary>A cache that may take what there is, and a watchdog that takes back what the process may not have.</summary>
internal sealed class WatchedCache : ILoopCache
{
    /// <summary>500 MB, even of those of 1,000,000 bytes.</summary>
    public const long ProcessLimit = 500_000_000;

    private readonly BoundedCache<long, byte[]> _cache = new(new() { Name = "loop", MaxBytes = 1L << 40 });
    private readonly MemoryWatchdog _watchdog = new(new() { ProcessLimit = ProcessLimit });

    public WatchedCache()
    {
        _watchdog.Register(_cache);
        _watchdog.Start();
    }

    public long Entries => _cache.Count;

    public long Bytes => _cache.Bytes;

    public Flow Flow => Flow.Of(_cache.Statistics);

    public void Add(long key, byte[] value) => _cache.Set(key, value);

    public void Clear() => _cache.Clear();

    public void Dispose()
    {
        _watchdog.Dispose();
        _cache.Dispose();
    }
}
