using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>What has expired leaves without being read.</summary>
public class CacheSweepTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Seconds in which every entry is looked at, where they are not in order of deadline.</summary>
    private const int SweepsPerPass = 16;

    private readonly ManualTimeProvider _clock = new();

    [Theory]
    [InlineData(EvictionPolicy.ScanResistant, "living")]
    [InlineData(EvictionPolicy.ScanResistant, "idling")]
    [InlineData(EvictionPolicy.ScanResistant, "own")]
    [InlineData(EvictionPolicy.ScanResistant, "tier")]
    [InlineData(EvictionPolicy.Lru, "living")]
    [InlineData(EvictionPolicy.Lru, "idling")]
    public void Sweep_TimeIsOver_RemovesAndDisposesWithoutARead(EvictionPolicy policy, string kind)
    {
        var left = new Log<RemovedEntry<int, Tracked>>();
        using var cache = new BoundedCache<int, Tracked>(new()
        {
            MaxBytes = 1_000_000,
            Policy = policy,
            TimeToLive = kind == "living" ? 10 * Second : null,
            TimeToIdle = kind == "idling" ? 10 * Second : null,
            Tiers = { new("tier", 10 * Second) },
            DisposeValues = true,
            TimeProvider = _clock,
            Removed = left.Add,
        });
        long empty = cache.Bytes;
        for (int i = 0; i < 200; i++)
        {
            cache.Set(i, new Tracked(i), new CacheEntryOptions { TimeToLive = kind == "own" ? 10 * Second : null, Tier = kind == "tier" ? "tier" : null });
        }

        _clock.Advance(9 * Second);
        Assert.Equal((200, 0), (cache.Count, cache.Statistics.Expired));
        _clock.Advance(2 * Second);
        Assert.Equal((0, 200), (cache.Count, cache.Statistics.Expired));
        Assert.Equal(0, cache.Statistics.Requests);
        Assert.Equal(Enumerable.Range(0, 200), left.Items.Where(e => e.Cause == RemovalCause.Expired).Select(e => e.Key).Order());
        Assert.All(left.Items, e => Assert.Equal(1, e.Value.Disposals));
        Assert.Equal(empty, cache.Bytes - (cache.Statistics.OverheadBytes - empty));
        cache.Verify();
    }

    [Theory]
    [InlineData(EvictionPolicy.ScanResistant)]
    [InlineData(EvictionPolicy.Lru)]
    public void Sweep_SomeAreInUse_RemovesTheOthersOnly(EvictionPolicy policy)
    {
        using BoundedCache<int, int> cache = Create(policy, entries: 3000);
        for (int second = 0; second < 60; second += 5)
        {
            _clock.Advance(5 * Second);
            for (int i = 0; i < 3000; i += 3)
            {
                Assert.True(cache.TryGet(i, out _));
            }
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => 3 * i), cache.Select(e => e.Key).Order());
        Assert.Equal((1000, 2000), (cache.Count, cache.Statistics.Expired));
        cache.Verify();
    }

    [Theory]
    [InlineData(EvictionPolicy.ScanResistant)]
    [InlineData(EvictionPolicy.Lru)]
    public void Sweep_ManyToLookAt_LooksAtAPartOfThemInEachSecond(EvictionPolicy policy)
    {
        const int Entries = 16_000;
        using BoundedCache<int, int> cache = Create(policy, Entries);
        _clock.Advance(10 * Second);
        long before = cache.Count;
        int seconds = 0;
        for (; cache.Count > 0 && seconds < 100; seconds++)
        {
            _clock.Advance(Second);
            Assert.InRange(before - cache.Count, 1, Entries / SweepsPerPass);
            before = cache.Count;
        }

        Assert.InRange(seconds, SweepsPerPass, 2 * SweepsPerPass);
        Assert.Equal(Entries, cache.Statistics.Expired);
        cache.Verify();
    }

    [Theory]
    [InlineData(EvictionPolicy.ScanResistant)]
    [InlineData(EvictionPolicy.Lru)]
    public void Sweep_EntryAtWhichItStoppedIsGone_GoesOnAfterIt(EvictionPolicy policy)
    {
        const int Entries = 5000;
        using BoundedCache<int, int> cache = Create(policy, Entries, idle: 1);
        _clock.Advance(Second);
        while (cache.Count > 300)
        {
            // All have expired, and leave in the order in which they came, because the first sweep has begun with the first.
            int next = Entries - (int)cache.Count;
            Assert.False(cache.TryGet(next, out _));
            Assert.Equal(Entries - next - 1, cache.Count);
            long before = cache.Count;
            _clock.Advance(Second);
            Assert.InRange(before - cache.Count, 256, before);
        }

        cache.Verify();
    }

    [Fact]
    public void Sweep_ManyThatIdledHaveExpired_AreGoneAfterAWholePass()
    {
        var clock = new ManualTimeProvider();
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 100_000, ConcurrencyLevel = 1, TimeToIdle = TimeSpan.FromSeconds(10), TimeProvider = clock });
        for (int i = 0; i < 16_000; i++)
        {
            cache.Set(i, i);
        }

        clock.Advance(TimeSpan.FromSeconds(10 + 33));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Sweep_TwoTiersOfManyThatIdledHaveExpired_NeitherWaitsForTheOther()
    {
        var clock = new ManualTimeProvider();
        var options = new BoundedCacheOptions<int, int> { MaxCount = 100_000, ConcurrencyLevel = 1, TimeToIdle = TimeSpan.FromSeconds(10), TimeProvider = clock };
        options.Tiers.Add(new TtlTier("a", TimeSpan.FromHours(1)));
        options.Tiers.Add(new TtlTier("b", TimeSpan.FromHours(1)));
        using var cache = new BoundedCache<int, int>(options);
        for (int i = 0; i < 16_000; i++)
        {
            cache.Set(i, i, new() { Tier = i % 2 == 0 ? "a" : "b" });
        }

        clock.Advance(TimeSpan.FromSeconds(10 + 33));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Sweep_NothingHasExpired_LooksAtEveryEntryInOnePass()
    {
        using BoundedCache<int, int> cache = Create(EvictionPolicy.ScanResistant, entries: 16_000);
        cache.Set(-1, 0, new CacheEntryOptions { TimeToIdle = Second });
        cache.Set(-2, 0);
        for (int second = 0; second < SweepsPerPass + 2; second++)
        {
            foreach (int key in Enumerable.Range(-2, 16_002).Where(key => key != -1))
            {
                cache.TryGet(key, out _);
            }

            _clock.Advance(Second);
        }

        Assert.Equal((16_001, 1), (cache.Count, cache.Statistics.Expired));
    }

    [Fact]
    public void Sweep_WhileEntriesComeAndGoAndAreUsed_ReachesAllThatHaveExpired()
    {
        foreach (EvictionPolicy policy in Enum.GetValues<EvictionPolicy>())
        {
            var random = new Random(1);
            using BoundedCache<int, int> cache = Create(policy, entries: 2000);
            for (int second = 0; second < 100; second++)
            {
                for (int i = 0; i < 200; i++)
                {
                    int key = 2000 + random.Next(1000);
                    _ = random.Next(3) switch { 0 => cache.TryRemove(key), 1 => cache.TryGet(key, out _), _ => cache.Set(key, second).IsStored() };
                }

                _clock.Advance(Second);
            }

            long untouched = cache.Count(e => e.Key < 2000);
            Assert.Equal(0, untouched);
            Assert.InRange(cache.Statistics.Expired, 2000, long.MaxValue);

            // Nobody reads or writes any more: a pass and what is left go.
            _clock.Advance((10 + (2 * SweepsPerPass)) * Second);
            Assert.Equal(0, cache.Count);
            cache.Verify();
        }
    }

    [Fact]
    public void Sweep_CallbackThrows_GoesOn()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 1000, TimeToLive = Second, TimeProvider = _clock, Removed = _ => throw new TimeoutException() });
        using var other = new BoundedCache<int, int>(new() { MaxCount = 1000, TimeToLive = Second, TimeProvider = _clock });
        for (int i = 0; i < 500; i++)
        {
            cache.Set(i, i);
            other.Set(i, i);
        }

        _clock.Advance(2 * Second);
        Assert.Equal((0, 500, 500), (cache.Count, cache.Statistics.Expired, cache.Statistics.CallbackFailures));
        Assert.Equal(0, other.Count);
    }

    [Fact]
    public void Timer_IsOneForAllCachesOfAClockAndEndsWithTheLast()
    {
        using var neverExpires = new BoundedCache<int, int>(new() { MaxCount = 10, TimeProvider = _clock });
        neverExpires.Set(1, 1);
        BoundedCache<int, int>[] caches = [.. Enumerable.Range(0, 5).Select(_ => new BoundedCache<int, int>(new() { MaxCount = 10, TimeToLive = Second, TimeProvider = _clock }))];
        Assert.Equal(0, _clock.Timers);
        foreach (BoundedCache<int, int> cache in caches)
        {
            cache.Set(1, 1);
            Assert.Equal(1, _clock.Timers);
        }

        foreach (BoundedCache<int, int> cache in caches)
        {
            cache.Dispose();
        }

        _clock.Advance(Second);
        Assert.Equal(0, _clock.Timers);
        using var late = new BoundedCache<int, int>(new() { MaxCount = 10, TimeToLive = Second, TimeProvider = _clock });
        late.Set(1, 1);
        Assert.Equal(1, _clock.Timers);
        _clock.Advance(2 * Second);
        Assert.Equal(0, late.Count);
    }

    [Fact]
    public void Caches_OfDifferentClocks_ExpireByTheirOwn()
    {
        var other = new ManualTimeProvider();
        using var slow = new BoundedCache<int, int>(new() { MaxCount = 10, TimeToLive = Second, TimeProvider = other });
        using var fast = new BoundedCache<int, int>(new() { MaxCount = 10, TimeToLive = Second, TimeProvider = _clock });
        slow.Set(1, 1);
        fast.Set(1, 1);
        _clock.Advance(2 * Second);
        Assert.Equal((1, 0), (slow.Count, fast.Count));
        other.Advance(2 * Second);
        Assert.Equal(0, slow.Count);
    }

    private BoundedCache<int, int> Create(EvictionPolicy policy, int entries, int idle = 10)
    {
        var cache = new BoundedCache<int, int>(new() { MaxCount = 100_000, Policy = policy, ConcurrencyLevel = 1, TimeToIdle = idle * Second, TimeProvider = _clock });
        for (int i = 0; i < entries; i++)
        {
            cache.Set(i, i);
        }

        return cache;
    }
}
