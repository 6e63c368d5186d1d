using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BoundedMemory.Comparison;

/// <summary>Reading through a cache that keeps a tenth of the keys, whose popularity is Zipf(0.99).</summary>
internal sealed class ReadThrough : CacheArea
{
    private static readonly Metric HitPercent = new("hit_percent", IsBetterIfHigher: true);
    private static readonly Metric ColdHitPercent = new("hit_percent_cold", IsBetterIfHigher: true);

    public override string Name => "readthrough";

    public override IReadOnlyList<Metric> Metrics => [.. Metric.Timed, HitPercent, ColdHitPercent];

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines =>
        (CacheSubject.MemoryCacheSizeLimit.Name, CacheSubject.ConcurrentDictionary.Name);

    protected override IReadOnlyList<CacheCase> Cases =>
        [new("zipf-long", KeyKind.Long, 1_000_000), new("zipf-string", KeyKind.String, 1_000_000)];

    protected override IReadOnlyList<CacheSubject> Subjects => CacheSubject.Timed;

    protected override ICacheWorkload<TKey> Create<TKey>(CacheCase @case, Func<long, TKey> keyOf, Plan plan) =>
        new OfKeys<TKey>(plan.Scaled(@case.Entries), keyOf, plan);

    private sealed class OfKeys<TKey>(int keys, Func<long, TKey> keyOf, Plan plan) : ICacheWorkload<TKey>
        where TKey : notnull
    {
        public IMeasured Prepare<TCache>(Func<int, TCache> create)
            where TCache : struct, ICache<TKey>
        {
            // Popular keys are neighbours neither by value nor in memory.
            TKey[] byPopularity = new TKey[keys];
            foreach (int i in Randomness.Shuffled(keys))
            {
                byPopularity[i] = keyOf(i);
            }

            var zipf = new Zipf(keys, skew: 0.99);
            var random = new Randomness(seed: 2);
            TKey[] requests = new TKey[plan.Scaled(1 << 22)];
            for (int i = 0; i < requests.Length; i++)
            {
                requests[i] = byPopularity[zipf.Next(random)];
            }

            var run = new Measured<TKey, TCache>(create(keys / 10), requests, plan);
            run.ReadAllOnce();
            run.WarmUp();
            return run;
        }
    }

    private sealed class Measured<TKey, TCache>(TCache cache, TKey[] requests, Plan plan) : TimedRun(plan)
        where TKey : notnull
        where TCache : struct, ICache<TKey>
    {
        private const int ChunkLength = 1024;

        /// <summary>Where each thread is in the requests: a repetition goes on where the last one ended.</summary>
        private readonly int[] _positions = new int[Environment.ProcessorCount * 16];

        private double _coldHitPercent;
        private long _misses;

        public override void Dispose()
        {
            cache.Dispose();
            base.Dispose();
        }

        /// <summary>One pass through the empty cache, whose hit ratio depends on nothing but what the cache keeps.</summary>
        public void ReadAllOnce()
        {
            var loader = new Loader();
            for (int at = 0; at < requests.Length; at += ChunkLength)
            {
                Chunk(cache, requests.AsSpan(at, ChunkLength), loader);
            }

            _coldHitPercent = 100 - (100.0 * loader.Loads / requests.Length);
        }

        protected override void BeforeWork() => _misses = 0;

        protected override long Work(int thread, int threads)
        {
            int at = ((requests.Length / threads * thread) + _positions[thread]) / ChunkLength * ChunkLength % requests.Length;
            var loader = new Loader();
            long operations = 0;
            long right = 0;
            long started = Stopwatch.GetTimestamp();
            do
            {
                right += Chunk(cache, requests.AsSpan(at, ChunkLength), loader);
                operations += ChunkLength;
                at = (at + ChunkLength) % requests.Length;
            }
            while (Stopwatch.GetElapsedTime(started) < Duration);

            _positions[thread] = (int)((_positions[thread] + operations) % requests.Length);
            Interlocked.Add(ref _misses, loader.Loads);
            return right == operations ? operations : throw new InvalidOperationException($"Of {operations} requests only {right} were given the value.");
        }

        protected override void Add(Dictionary<string, double> values, long operations, int threads)
        {
            values[HitPercent.Name] = 100 - (100.0 * _misses / operations);
            if (threads == 1)
            {
                values[ColdHitPercent.Name] = _coldHitPercent;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static int Chunk(TCache cache, ReadOnlySpan<TKey> requests, Loader loader)
        {
            int right = 0;
            foreach (TKey key in requests)
            {
                if (ReferenceEquals(cache.GetOrAdd(key, loader), Value.Shared))
                {
                    right++;
                }
            }

            return right;
        }
    }
}
