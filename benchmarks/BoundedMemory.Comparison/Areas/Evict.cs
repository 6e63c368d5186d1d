using System.Runtime.CompilerServices;

namespace BoundedMemory.Comparison;

/// <summary>Storing new keys only, into a cache that is full; and how many of them are there afterwards.</summary>
internal sealed class Evict : CacheArea
{
    private static readonly Metric KeptPercent = new("kept_percent", IsBetterIfHigher: true);
    private static readonly Metric KeptPercentOfAll = new("kept_percent_of_all", IsBetterIfHigher: true);

    public override string Name => "evict";

    public override IReadOnlyList<Metric> Metrics => [.. Metric.Timed, KeptPercent, KeptPercentOfAll];

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines =>
        (CacheSubject.MemoryCacheSizeLimit.Name, CacheSubject.ConcurrentDictionary.Name);

    protected override IReadOnlyList<CacheCase> Cases =>
        [new("new-long", KeyKind.Long, 100_000), new("new-string", KeyKind.String, 100_000)];

    protected override IReadOnlyList<CacheSubject> Subjects => CacheSubject.Timed;

    protected override ICacheWorkload<TKey> Create<TKey>(CacheCase @case, Func<long, TKey> keyOf, Plan plan) =>
        new OfKeys<TKey>(@case.Entries, keyOf, plan);

    private sealed class OfKeys<TKey>(int capacity, Func<long, TKey> keyOf, Plan plan) : ICacheWorkload<TKey>
        where TKey : notnull
    {
        public IMeasured Prepare<TCache>(Func<int, TCache> create)
            where TCache : struct, ICache<TKey>
        {
            TKey[] keys = new TKey[capacity + plan.Scaled(1_000_000)];
            for (int i = 0; i < keys.Length; i++)
            {
                keys[i] = keyOf(i);
            }

            var run = new Measured<TKey, TCache>(() => create(capacity), keys, capacity, plan);
            run.WarmUp();
            return run;
        }
    }

    private sealed class Measured<TKey, TCache>(Func<TCache> create, TKey[] keys, int capacity, Plan plan) : TimedRun(plan)
        where TKey : notnull
        where TCache : struct, ICache<TKey>
    {
        private const int ChunkLength = 256;

        private TCache? _cache;

        /// <summary>So many keys are stored in all, the first ones included that fill the cache.</summary>
        private int _end;

        /// <summary>Keys up to here are stored, or one of the threads is storing them.</summary>
        private int _claimed;

        public override void Dispose()
        {
            _cache?.Dispose();
            base.Dispose();
        }

        /// <summary>A new cache each time, filled with the first keys: those that do not evict would otherwise be measured while they replace.</summary>
        protected override void BeforeWork()
        {
            _cache?.Dispose();
            _cache = create();
            Chunk(_cache.Value, keys.AsSpan(0, capacity));
            _claimed = capacity;
            _end = IsWarmUp ? 2 * capacity : keys.Length;
        }

        /// <summary>The threads share the keys out among themselves as they go, so that they end together and the newest keys are the last ones.</summary>
        protected override long Work(int thread, int threads)
        {
            TCache cache = _cache!.Value;
            long operations = 0;
            while (true)
            {
                int end = Interlocked.Add(ref _claimed, ChunkLength);
                int start = end - ChunkLength;
                if (start >= _end)
                {
                    return operations;
                }

                ReadOnlySpan<TKey> chunk = keys.AsSpan(start, Math.Min(ChunkLength, _end - start));
                Chunk(cache, chunk);
                operations += chunk.Length;
            }
        }

        protected override void Add(Dictionary<string, double> values, long operations, int threads)
        {
            values[KeptPercent.Name] = PercentKept(capacity / 20);
            values[KeptPercentOfAll.Name] = PercentKept(capacity);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Chunk(TCache cache, ReadOnlySpan<TKey> keys)
        {
            foreach (TKey key in keys)
            {
                cache.Set(key);
            }
        }

        /// <summary>Of the keys stored last, how many are there.</summary>
        private double PercentKept(int last)
        {
            int found = 0;
            foreach (TKey key in keys.AsSpan(keys.Length - last))
            {
                found += _cache!.Value.TryGet(key) is null ? 0 : 1;
            }

            return 100.0 * found / last;
        }
    }
}
