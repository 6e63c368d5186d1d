using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BoundedMemory.Comparison;

/// <summary>The hit path: look-ups of keys that are all there, in uniformly random order. Strings are looked up by other instances than the stored.</summary>
internal sealed class Hits : CacheArea
{
    public override string Name => "hits";

    public override IReadOnlyList<Metric> Metrics => Metric.Timed;

    public override (string? MemoryCache, string? ConcurrentDictionary) Baselines => (CacheSubject.MemoryCache.Name, CacheSubject.ConcurrentDictionary.Name);

    protected override IReadOnlyList<CacheCase> Cases =>
        [new("10k-long", KeyKind.Long, 10_000), new("10k-string", KeyKind.String, 10_000), new("1m-long", KeyKind.Long, 1_000_000)];

    protected override IReadOnlyList<CacheSubject> Subjects => CacheSubject.Timed;

    protected override ICacheWorkload<TKey> Create<TKey>(CacheCase @case, Func<long, TKey> keyOf, Plan plan) =>
        new OfKeys<TKey>(@case.Entries > 10_000 ? plan.Scaled(@case.Entries) : @case.Entries, keyOf, plan);

    private sealed class OfKeys<TKey>(int entries, Func<long, TKey> keyOf, Plan plan) : ICacheWorkload<TKey>
        where TKey : notnull
    {
        public IMeasured Prepare<TCache>(Func<int, TCache> create)
            where TCache : struct, ICache<TKey>
        {
            TCache cache = create(entries + (entries / 4));
            TKey[] lookups = new TKey[entries];
            foreach (int i in Randomness.Shuffled(entries))
            {
                cache.Set(keyOf(i));
                lookups[i] = keyOf(i);
            }

            // More than a branch predictor can learn by heart.
            var random = new Randomness(seed: 1);
            TKey[] requests = new TKey[1 << 20];
            for (int i = 0; i < requests.Length; i++)
            {
                requests[i] = lookups[random.Below(entries)];
            }

            var run = new Measured<TKey, TCache>(cache, requests, plan);
            run.WarmUp();
            return run;
        }
    }

    private sealed class Measured<TKey, TCache>(TCache cache, TKey[] requests, Plan plan) : TimedRun(plan)
        where TKey : notnull
        where TCache : struct, ICache<TKey>
    {
        private const int ChunkLength = 4096;

        public override void Dispose()
        {
            cache.Dispose();
            base.Dispose();
        }

        protected override long Work(int thread, int threads)
        {
            int at = requests.Length / threads * thread / ChunkLength * ChunkLength;
            long operations = 0;
            long found = 0;
            long started = Stopwatch.GetTimestamp();
            do
            {
                found += Chunk(cache, requests.AsSpan(at, ChunkLength));
                operations += ChunkLength;
                at = (at + ChunkLength) % requests.Length;
            }
            while (Stopwatch.GetElapsedTime(started) < Duration);

            return found == operations ? operations : throw new InvalidOperationException($"Of {operations} look-ups only {found} found what was stored.");
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static int Chunk(TCache cache, ReadOnlySpan<TKey> requests)
        {
            int found = 0;
            foreach (TKey key in requests)
            {
                if (ReferenceEquals(cache.TryGet(key), Value.Shared))
                {
                    found++;
                }
            }

            return found;
        }
    }
}
