using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>When an entry's time is over, to the millisecond.</summary>
public class CacheExpiryTests
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private readonly ManualTimeProvider _clock = new();

    public static TheoryData<EvictionPolicy> Policies => [EvictionPolicy.ScanResistant, EvictionPolicy.Lru];

    /// <summary>Everything that reads a key; whether it found it.</summary>
    private static readonly Dictionary<string, Func<BoundedCache<string, int>, string, bool>> Reads = new()
    {
        ["TryGet"] = (cache, key) => cache.TryGet(key, out _),
        ["ContainsKey"] = (cache, key) => cache.ContainsKey(key),
        ["TryAcquire"] = (cache, key) => Acquire(cache, key),
        ["GetMany"] = (cache, key) => cache.GetMany([key]).Count == 1,
        ["GetOrAdd"] = (cache, key) => cache.GetOrAdd(key, (_, _, context) => Missing(context), 0) == 1,
        ["GetOrAddAsync"] = (cache, key) => cache.GetOrAddAsync(key, (_, _, context, _) => new(Missing(context)), 0).AsTask().Result == 1,
        ["TryRemove"] = (cache, key) => cache.TryRemove(key),
        ["TryRemove with value"] = (cache, key) => cache.TryRemove(key, out _),
        ["Set"] = (cache, key) => cache.Set(key, 2) == SetResult.Replaced,
        ["Enumeration"] = (cache, _) => cache.Any(),
        ["Coldest"] = (cache, _) => cache.Coldest(1).Count == 1,
        ["Hottest"] = (cache, _) => cache.Hottest(1).Count == 1,
        ["Lookup.TryGet"] = (cache, key) => cache.GetAlternateLookup<ReadOnlySpan<char>>().TryGet(key, out _),
        ["Lookup.ContainsKey"] = (cache, key) => cache.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(key),
    };

    private static readonly string[] Uses = ["TryGet", "TryAcquire", "GetMany", "GetOrAdd", "GetOrAddAsync", "Lookup.TryGet"];

    private static readonly string[] Changes = ["Set", "TryRemove", "TryRemove with value"];

    public static TheoryData<string, EvictionPolicy> ReadsAndPolicies => WithPolicies(Reads.Keys);

    public static TheoryData<string, EvictionPolicy> LooksAndPolicies => WithPolicies(Reads.Keys.Except(Changes));

    [Theory]
    [MemberData(nameof(ReadsAndPolicies))]
    public void TimeToLive_AtTheDeadline_IsOverAndNotBefore(string read, EvictionPolicy policy)
    {
        using BoundedCache<string, int> before = Create(policy, timeToLive: 10);
        using BoundedCache<string, int> at = Create(policy, timeToLive: 10);
        before.Set("a", 1);
        at.Set("a", 1);
        _clock.Advance(Seconds(10) - Instant);
        Assert.True(Reads[read](before, "a"));
        _clock.Advance(Instant);
        Assert.False(Reads[read](at, "a"));
        before.Verify();
        at.Verify();
    }

    [Theory]
    [MemberData(nameof(LooksAndPolicies))]
    public void TimeToIdle_EveryUseMovesTheDeadlineAndNothingElseDoes(string read, EvictionPolicy policy)
    {
        using BoundedCache<string, int> cache = Create(policy, timeToIdle: 10);
        cache.Set("a", 1);
        _clock.Advance(Seconds(9));
        Assert.True(Reads[read](cache, "a"));
        _clock.Advance(Seconds(10) - Instant);
        Assert.Equal(Uses.Contains(read), cache.ContainsKey("a"));
        _clock.Advance(Instant);
        Assert.False(Reads[read](cache, "a"));
        cache.Verify();
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void TimeToIdleAndTimeToLive_WhicheverEndsFirst(EvictionPolicy policy)
    {
        using BoundedCache<string, int> cache = Create(policy, timeToLive: 25, timeToIdle: 10);
        cache.Set("used", 1);
        cache.Set("idle", 1);
        for (int second = 0; second < 24; second += 8)
        {
            _clock.Advance(Seconds(8));
            Assert.True(cache.TryGet("used", out _));
        }

        Assert.False(cache.ContainsKey("idle"));
        _clock.Advance(Seconds(1) - Instant);
        Assert.True(cache.TryGet("used", out _));
        _clock.Advance(Instant);
        Assert.False(cache.TryGet("used", out _));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void TimesOfAnEntry_ReplaceThoseOfTheCache(EvictionPolicy policy)
    {
        using BoundedCache<string, int> cache = Create(policy, timeToLive: 10);
        cache.Set("default", 1);
        cache.Set("shorter", 1, new CacheEntryOptions { TimeToLive = Seconds(5) });
        cache.Set("longer", 1, new CacheEntryOptions { TimeToLive = Seconds(20) });
        cache.Set("idle", 1, new CacheEntryOptions { TimeToIdle = Seconds(3) });
        cache.Set("both", 1, new CacheEntryOptions { TimeToLive = Seconds(8), TimeToIdle = Seconds(6) });
        AssertKeysAfter(3, "both", "default", "longer", "shorter");
        Assert.True(cache.TryGet("both", out _));
        AssertKeysAfter(2, "both", "default", "longer");
        AssertKeysAfter(3, "default", "longer");
        AssertKeysAfter(2, "longer");
        AssertKeysAfter(10);

        void AssertKeysAfter(int seconds, params string[] keys)
        {
            _clock.Advance(Seconds(seconds));
            Assert.Equal(keys, cache.Select(e => e.Key).Order());
            cache.Verify();
        }
    }

    [Fact]
    public void TimesOfAnEntry_InACacheThatHasNone_HoldForThatEntryOnly()
    {
        using BoundedCache<string, int> cache = Create();
        cache.Set("a", 1, new CacheEntryOptions { TimeToLive = Seconds(5) });
        cache.Set("b", 1, new CacheEntryOptions { TimeToIdle = Seconds(5) });
        cache.Set("c", 1);
        cache.Set("d", 1, new CacheEntryOptions { TimeToLive = Seconds(5) });
        cache.Set("d", 1);
        _clock.Advance(Seconds(5));
        Assert.Equal(["c", "d"], cache.Select(e => e.Key).Order());
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["c", "d"], cache.Select(e => e.Key).Order());
    }

    [Fact]
    public void Set_KeyThatIsThere_BeginsItsTimeAnew()
    {
        using BoundedCache<string, int> cache = Create(timeToLive: 10);
        cache.Set("a", 1);
        _clock.Advance(Seconds(9));
        Assert.Equal(SetResult.Replaced, cache.Set("a", 2));
        _clock.Advance(Seconds(10) - Instant);
        Assert.True(cache.TryGet("a", out _));
        _clock.Advance(Instant);
        Assert.False(cache.TryGet("a", out _));
    }

    [Fact]
    public void Set_OverWhatHasExpired_IsAddedAndTheOldOneExpired()
    {
        var left = new Log<RemovedEntry<string, int>>();
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10, TimeToLive = Seconds(10), TimeProvider = new JumpingClock(_clock), Removed = left.Add });
        cache.Set("a", 1);
        _clock.Advance(Seconds(10));
        Assert.Equal(SetResult.Added, cache.Set("a", 2));
        Assert.Equal(("a", 1, RemovalCause.Expired), (left.Items.Single().Key, left.Items.Single().Value, left.Items.Single().Cause));
        Assert.Equal((1, 0), (cache.Statistics.Expired, cache.Statistics.Replaced));
    }

    [Fact]
    public void TryGet_WhatHasExpired_IsOneMissAndOneExpired()
    {
        var left = new Log<RemovedEntry<string, int>>();
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10, TimeToLive = Seconds(10), TimeProvider = new JumpingClock(_clock), Removed = left.Add });
        cache.Set("a", 1);
        _clock.Advance(Seconds(10));
        Assert.Equal(1, cache.Count);
        Assert.False(cache.TryGet("a", out _));
        Assert.False(cache.TryGet("a", out _));
        Assert.Equal((0, 0, 2, 1), (cache.Count, cache.Statistics.Hits, cache.Statistics.Misses, cache.Statistics.Expired));
        Assert.Equal(RemovalCause.Expired, Assert.Single(left.Items).Cause);
    }

    [Fact]
    public void LongestTimes_AreKeptToTheMillisecond()
    {
        TimeSpan longest = TimeSpan.FromDays(36_525);
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10, TimeToLive = longest, TimeToIdle = longest, TimeProvider = new JumpingClock(_clock) });
        cache.Set("a", 1);
        _clock.Advance(longest - Instant);
        Assert.True(cache.TryGet("a", out _));
        _clock.Advance(Instant);
        Assert.False(cache.TryGet("a", out _));
    }

    [Theory]
    [InlineData(1_000, 0)]
    [InlineData(1_000_000_000, -5_000_000_000)]
    [InlineData(3, 1_000_000)]
    public void ClockOfAnotherFrequency_IsReadAsItSays(long frequency, long start)
    {
        var clock = new JumpingClock(_clock, frequency, start);
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10, TimeToLive = Seconds(6), TimeProvider = clock });
        cache.Set("a", 1);
        _clock.Advance(Seconds(5));
        Assert.True(cache.TryGet("a", out _));
        _clock.Advance(Seconds(1));
        Assert.False(cache.TryGet("a", out _));
    }

    [Fact]
    public void SystemClock_TimeIsOver_LeavesUnreadAndIsNotRead()
    {
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10, TimeToLive = TimeSpan.FromMilliseconds(30) });
        cache.Set("read", 1);
        Patience.Until(() => !cache.TryGet("read", out _));
        cache.Set("unread", 1);
        cache.Set("stays", 1, new CacheEntryOptions { TimeToLive = TimeSpan.FromHours(1) });
        Patience.Until(() => cache.Count == 1);
        Assert.Equal((2, "stays"), (cache.Statistics.Expired, cache.Single().Key));
    }

    private static TheoryData<string, EvictionPolicy> WithPolicies(IEnumerable<string> reads)
    {
        var data = new TheoryData<string, EvictionPolicy>();
        foreach (string read in reads)
        {
            data.Add(read, EvictionPolicy.ScanResistant);
            data.Add(read, EvictionPolicy.Lru);
        }

        return data;
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static bool Acquire(BoundedCache<string, int> cache, string key)
    {
        bool isThere = cache.TryAcquire(key, out Lease<int>? lease);
        lease?.Dispose();
        return isThere;
    }

    private static int Missing(CacheLoadContext<int> context)
    {
        context.DoNotCache = true;
        return 0;
    }

    private BoundedCache<string, int> Create(EvictionPolicy policy = EvictionPolicy.ScanResistant, double? timeToLive = null, double? timeToIdle = null) => new(new()
    {
        MaxBytes = 100_000,
        Policy = policy,
        TimeToLive = timeToLive is { } life ? Seconds(life) : null,
        TimeToIdle = timeToIdle is { } idle ? Seconds(idle) : null,
        TimeProvider = new JumpingClock(_clock),
    });
}
