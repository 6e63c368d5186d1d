using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class CacheStatisticsTests
{
    private static readonly CacheEntryOptions Huge = new() { ValueBytes = 1_000_000_000 };

    /// <summary>A graph of more objects than are counted.</summary>
    private static readonly object Endless = Enumerable.Range(0, 20_000).Aggregate(new object[1], (next, _) => [next]);

    [Theory]
    [InlineData(EvictionPolicy.ScanResistant, 1)]
    [InlineData(EvictionPolicy.ScanResistant, 8)]
    [InlineData(EvictionPolicy.Lru, 8)]
    public void Statistics_RandomHistory_AreWhatTheThreadsCounted(EvictionPolicy policy, int threads)
    {
        var clock = new ManualTimeProvider();
        long[] left = new long[7];
        long refused = 0;
        using var cache = new BoundedCache<int, object>(new()
        {
            Policy = policy,
            MaxBytes = 300_000,
            MaxCount = 500,
            ConcurrencyLevel = 8,
            TimeToLive = TimeSpan.FromSeconds(60),
            TimeProvider = clock,
            Removed = entry => Interlocked.Increment(ref left[(int)entry.Cause]),
            Rejected = _ => Interlocked.Increment(ref refused),
        });
        Tally[] tallies = [.. Enumerable.Range(0, threads).Select(_ => new Tally())];

        Threaded.Run(threads, worker =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 20_000; i++)
            {
                Act(cache, clock, tallies[worker], worker, random);
            }
        });

        cache.Verify();
        cache.Clear(); // Not before: it would keep what the others are loading from being stored.
        CacheStatistics s = cache.Statistics;
        long Sum(Func<Tally, long> count) => tallies.Sum(count);
        Assert.Equal(Sum(t => t.Hits), s.Hits);
        Assert.Equal(Sum(t => t.Misses), s.Misses);
        Assert.Equal(Sum(t => t.Stored), s.Stored);
        Assert.Equal(Sum(t => t.Replaced), s.Replaced);
        Assert.Equal(Sum(t => t.Removed), s.Removed);
        Assert.Equal(Sum(t => t.Loads), s.Loads);
        Assert.Equal(Sum(t => t.LoadFailures), s.LoadFailures);
        Assert.Equal(Sum(t => t.TooLarge), s.RejectedTooLarge);
        Assert.Equal(Sum(t => t.SizeUnknown), s.RejectedSizeUnknown);
        Assert.Equal((refused, 0), (s.RejectedTooLarge + s.RejectedSizeUnknown, s.RejectedOverBudget));
        Assert.Equal<long[]>(left, [s.Evicted, s.Expired, s.Trimmed, s.Replaced, s.Removed, s.Cleared, s.Disposed]);
        Assert.Equal((s.Stored, 0), (left.Sum(), s.Count));
        Assert.Equal((0, 0), (s.Leases, s.CallbackFailures));
        Assert.All([s.Hits, s.Misses, s.Evicted, s.Expired, s.Trimmed, s.Replaced, s.Removed, s.Cleared, s.LoadFailures], count => Assert.NotEqual(0, count));
        cache.Verify();
    }

    [Fact]
    public void Statistics_MoreThreadsThanCounterCells_AreExact()
    {
        const int Threads = 100;
        const int Reads = 2000;
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 10 });
        cache.Set(1, 1);
        Threaded.Run(Threads, _ =>
        {
            for (int i = 0; i < Reads; i++)
            {
                cache.TryGet(i % 3, out int _);
            }
        });
        int hits = Enumerable.Range(0, Reads).Count(i => i % 3 == 1);
        Assert.Equal((Threads * hits, Threads * (Reads - hits)), (cache.Statistics.Hits, cache.Statistics.Misses));
    }

    [Fact]
    public void Statistics_ThreadsThatComeAndGo_LoseNothing()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 10 });
        for (int round = 0; round < 50; round++)
        {
            Threaded.Run(4, _ => cache.TryGet(1, out int _));
            if (round % 10 == 0)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }

        Assert.Equal(200, cache.Statistics.Misses);
    }

    [Fact]
    public void Statistics_OfANewCache_AreZero()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 10 });
        Assert.Equal(new CacheStatistics { MaxCount = 10 }, cache.Statistics);
        Assert.Equal((0.0, 0.0, 0), (cache.Statistics.HitRatio, cache.Statistics.Utilization, cache.Statistics.Requests));
    }

    [Fact]
    public void Utilization_OfSeveralLimits_IsThatOfTheFullest()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxBytes = 1_000_000, MaxCount = 10, MaxWeight = 100, Weigher = (_, weight) => weight });
        cache.Set(1, 30);
        Assert.Equal(0.3, cache.Statistics.Utilization);
        cache.Set(2, 0);
        cache.Set(3, 0);
        cache.Set(4, 0);
        Assert.Equal(0.4, cache.Statistics.Utilization);
        cache.Set(5, 0, new CacheEntryOptions { ValueBytes = 800_000 });
        Assert.Equal(cache.Bytes / 1_000_000.0, cache.Statistics.Utilization);
        Assert.InRange(cache.Statistics.Utilization, 0.8, 0.9);
        cache.TryGet(1, out _);
        cache.TryGet(1, out _);
        cache.TryGet(9, out _);
        Assert.Equal((2, 1, 3, 2.0 / 3), (cache.Statistics.Hits, cache.Statistics.Misses, cache.Statistics.Requests, cache.Statistics.HitRatio));
    }

    /// <summary>One random operation, and what it should have been counted as.</summary>
    private static void Act(BoundedCache<int, object> cache, ManualTimeProvider clock, Tally tally, int worker, Random random)
    {
        int key = random.Next(1500);
        int own = -1 - ((8 * random.Next(100)) + worker);
        switch (random.Next(1000))
        {
            case < 300:
                tally.Read(cache.TryGet(key, out _));
                break;
            case < 400:
                bool isThere = cache.TryAcquire(key, out Lease<object>? lease);
                lease?.Dispose();
                tally.Read(isThere);
                break;
            case < 600:
                tally.Count(cache.Set(key, new byte[random.Next(2000)]));
                break;
            case < 630:
                tally.Count(cache.Set(key, "huge", Huge));
                break;
            case < 631:
                tally.Count(cache.Set(key, Endless));
                break;
            case < 700:
                tally.Removed += cache.TryRemove(key) ? 1 : 0;
                break;
            case 997:
                cache.Trim(5000);
                break;
            case 999 when worker == 0:
                clock.Advance(TimeSpan.FromSeconds(random.Next(40)));
                break;
            default:
                Load(cache, tally, own, fails: random.Next(5) == 0);
                break;
        }
    }

    /// <summary>Reads through, with a key that no other thread asks for, so that nobody else's load is joined.</summary>
    private static void Load(BoundedCache<int, object> cache, Tally tally, int key, bool fails)
    {
        bool ran = false;
        try
        {
            cache.GetOrAdd(key, _ =>
            {
                ran = true;
                return fails ? throw new TimeoutException() : new byte[100];
            });
            tally.Stored += ran ? 1 : 0;
        }
        catch (TimeoutException)
        {
            tally.LoadFailures++;
        }

        tally.Loads += ran ? 1 : 0;
        tally.Read(!ran);
    }

    private sealed class Tally
    {
        public long Hits;
        public long Misses;
        public long Stored;
        public long Replaced;
        public long Removed;
        public long Loads;
        public long LoadFailures;
        public long TooLarge;
        public long SizeUnknown;

        public void Read(bool isHit) => _ = isHit ? Hits++ : Misses++;

        public void Count(SetResult result)
        {
            Stored += result.IsStored() ? 1 : 0;
            Replaced += result == SetResult.Replaced ? 1 : 0;
            TooLarge += result == SetResult.TooLarge ? 1 : 0;
            SizeUnknown += result == SetResult.SizeUnknown ? 1 : 0;
        }
    }
}
