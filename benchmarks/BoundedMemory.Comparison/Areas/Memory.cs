namespace BoundedMemory.Comparison;

/// <summary>What an entry takes beyond the objects that are its key and its value: in a full cache, after all entries were evicted once, and after all were
/// removed.</summary>
internal sealed class Memory : CacheArea
{
    private static readonly Metric Full = new("bytes_per_entry", IsBetterIfHigher: false);
    private static readonly Metric Churned = new("bytes_per_entry_after_churn", IsBetterIfHigher: false);
    private static readonly Metric Emptied = new("bytes_per_entry_after_removal", IsBetterIfHigher: false);
    private static readonly Metric Allocated = new("B_allocated_per_insert", IsBetterIfHigher: false);

    public override string Name => "memory";

    public override IReadOnlyList<Metric> Metrics => [Full, Churned, Emptied, Allocated];

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines => (CacheSubject.MemoryCache.Name, CacheSubject.ConcurrentDictionary.Name);

    /// <summary>Nothing is timed, so other processes do not matter.</summary>
    public override bool RunsAlone => false;

    public override int RepetitionsPerProcess => 1;

    protected override IReadOnlyList<CacheCase> Cases =>
        [new("1m-long", KeyKind.Long, 1_000_000), new("1m-string", KeyKind.String, 1_000_000)];

    protected override IReadOnlyList<CacheSubject> Subjects => CacheSubject.Sized;

    protected override bool IsParallel => false;

    protected override ICacheWorkload<TKey> Create<TKey>(CacheCase @case, Func<long, TKey> keyOf, Plan plan) =>
        new OfKeys<TKey>(plan.Scaled(@case.Entries), keyOf);

    private sealed class OfKeys<TKey>(int entries, Func<long, TKey> keyOf) : ICacheWorkload<TKey>
        where TKey : notnull
    {
        public IMeasured Prepare<TCache>(Func<int, TCache> create)
            where TCache : struct, ICache<TKey> => new Measured<TKey, TCache>(create, entries, keyOf);
    }

    private sealed class Measured<TKey, TCache>(Func<int, TCache> create, int entries, Func<long, TKey> keyOf) : IMeasured
        where TKey : notnull
        where TCache : struct, ICache<TKey>
    {
        /// <summary>Made first and kept to the end: whatever happens to them in the cache, they are not what it takes.</summary>
        private readonly TKey[] _keys = [.. Enumerable.Range(0, 2 * entries).Select(i => keyOf(i))];

        public Measurement Run(int threads)
        {
            // Whatever the first cache of a process leaves behind belongs to the process.
            using (TCache first = create(entries))
            {
                Fill(first, _keys.AsSpan(0, 1000));
            }

            var values = new Dictionary<string, double>();
            long before = LiveBytes();
            TCache cache = create(entries);
            long allocated = GC.GetTotalAllocatedBytes(precise: true);
            Fill(cache, _keys.AsSpan(0, entries));
            values[Allocated.Name] = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)entries;
            values[Full.Name] = PerEntry(LiveBytes() - before, cache.Count);
            if (cache.IsBounded)
            {
                Fill(cache, _keys.AsSpan(entries));
                values[Churned.Name] = PerEntry(LiveBytes() - before, cache.Count);
            }

            foreach (TKey key in _keys)
            {
                cache.Remove(key);
            }

            values[Emptied.Name] = cache.Count == 0
                ? PerEntry(LiveBytes() - before, entries)
                : throw new InvalidOperationException($"{cache.Count} entries are left after all keys were removed.");
            cache.Dispose();
            GC.KeepAlive(_keys);
            return new Measurement(values, Disturbance: 0);
        }

        public void Dispose()
        {
        }

        private static void Fill(TCache cache, ReadOnlySpan<TKey> keys)
        {
            foreach (TKey key in keys)
            {
                cache.Set(key);
            }
        }

        private static double PerEntry(long bytes, long entries) => Math.Max(0, bytes) / (double)entries;

        /// <summary>After what goes on in the background has ended.</summary>
        private static long LiveBytes()
        {
            for (int i = 0; i < 2; i++)
            {
                Thread.Sleep(20);
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }

            GC.Collect();
            return GC.GetTotalMemory(forceFullCollection: false);
        }
    }
}
