using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class DisposedCacheTests
{
    private static readonly Dictionary<string, Func<BoundedCache<string, string>, Task>> Members = new()
    {
        ["TryGet"] = Sync(cache => cache.TryGet("a", out _)),
        ["ContainsKey"] = Sync(cache => cache.ContainsKey("a")),
        ["Set"] = Sync(cache => cache.Set("a", "")),
        ["Set with options"] = Sync(cache => cache.Set("a", "", new CacheEntryOptions { TimeToLive = TimeSpan.FromSeconds(1) })),
        ["TryRemove"] = Sync(cache => cache.TryRemove("a")),
        ["TryRemove with value"] = Sync(cache => cache.TryRemove("a", out _)),
        ["Clear"] = Sync(cache => cache.Clear()),
        ["TryAcquire"] = Sync(cache => cache.TryAcquire("a", out _)),
        ["AcquireOrAdd"] = Sync(cache => cache.AcquireOrAdd("a", key => key)),
        ["AcquireOrAddAsync"] = cache => cache.AcquireOrAddAsync("a", (key, _) => new(key)).AsTask(),
        ["GetOrAdd"] = Sync(cache => cache.GetOrAdd("a", key => key)),
        ["GetOrAdd with argument"] = Sync(cache => cache.GetOrAdd("a", (key, _) => key, 1)),
        ["GetOrAdd with context"] = Sync(cache => cache.GetOrAdd("a", (key, _, _) => key, 1)),
        ["GetOrAddAsync"] = cache => cache.GetOrAddAsync("a", (key, _) => new(key)).AsTask(),
        ["GetOrAddAsync with argument"] = cache => cache.GetOrAddAsync("a", (key, _, _) => new ValueTask<string>(key), 1).AsTask(),
        ["GetOrAddAsync with context"] = cache => cache.GetOrAddAsync("a", (key, _, _, _) => new ValueTask<string>(key), 1).AsTask(),
        ["GetMany"] = Sync(cache => cache.GetMany(["a"])),
        ["GetOrAddManyAsync"] = cache => cache.GetOrAddManyAsync(["a"], (_, _) => new(new Dictionary<string, string>())).AsTask(),
        ["Trim"] = Sync(cache => cache.Trim(1)),
        ["TryResize"] = Sync(cache => cache.TryResize(maxCount: 5)),
        ["RefreshCharge"] = Sync(cache => cache.RefreshCharge("a")),
        ["Audit"] = Sync(cache => cache.Audit()),
        ["GetEnumerator"] = Sync(cache => cache.GetEnumerator()),
        ["Coldest"] = Sync(cache => cache.Coldest(1)),
        ["Hottest"] = Sync(cache => cache.Hottest(1)),
        ["Lookup.TryGet"] = Sync(cache => cache.GetAlternateLookup<ReadOnlySpan<char>>().TryGet("a", out _)),
        ["Lookup.ContainsKey"] = Sync(cache => cache.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey("a")),
        ["Lookup.Set"] = Sync(cache => cache.GetAlternateLookup<ReadOnlySpan<char>>().Set("a", "")),
        ["Lookup.GetOrAdd"] = Sync(cache => cache.GetAlternateLookup<ReadOnlySpan<char>>().GetOrAdd("a", key => key)),
        ["Lookup.TryRemove"] = Sync(cache => cache.GetAlternateLookup<ReadOnlySpan<char>>().TryRemove("a")),
    };

    public static TheoryData<string> Names => [.. Members.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task EveryMember_AfterDispose_ThrowsAndChangesNothing(string member)
    {
        var clock = new ManualTimeProvider();
        using var budget = new MemoryBudget(1_000_000);
        var cache = new BoundedCache<string, string>(new() { Budget = budget, TimeToLive = TimeSpan.FromMinutes(1), TimeProvider = clock });
        cache.Set("a", "1");
        cache.Dispose();
        CacheStatistics before = cache.Statistics;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Members[member](cache));
        Assert.Equal(before, cache.Statistics);
        Assert.Equal(0, budget.Used);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, clock.Timers);
    }

    [Fact]
    public void Dispose_WithEntries_RemovesThemWithTheirCauseAndGivesEverythingBack()
    {
        var left = new Log<RemovedEntry<int, string>>();
        using var budget = new MemoryBudget(1_000_000);
        var cache = new BoundedCache<int, string>(new() { Name = "c", Budget = budget, MaxBytes = 500_000, MaxCount = 10, Removed = left.Add });
        cache.Set(1, "1");
        cache.Set(2, "2");
        cache.Dispose();
        cache.Dispose();
        Assert.Equal([(1, RemovalCause.Disposed), (2, RemovalCause.Disposed)], left.Items.Select(e => (e.Key, e.Cause)).Order());
        Assert.Equal((0, 0, 2), (cache.Count, cache.Bytes, cache.Statistics.Disposed));
        Assert.Equal((0, "c", 10), (budget.Used, cache.Name, cache.MaxCount));
        Assert.Null(cache.LastAudit);
        cache.Verify();
    }

    [Fact]
    public async Task GetMany_NoKeysAfterDispose_Throws()
    {
        var cache = new BoundedCache<string, string>(new() { MaxCount = 1 });
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.GetMany([]));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => cache.GetOrAddManyAsync([], (_, _) => throw new InvalidOperationException()).AsTask());
    }

    [Fact]
    public void Dispose_InACallbackOfAStoreThatIsDueForAnAudit_LetsTheStoreReturn()
    {
        for (int stores = 0; stores < 40; stores++)
        {
            BoundedCache<int, byte[]>? cache = null;
            int left = stores;
            cache = new BoundedCache<int, byte[]>(new()
            {
                MaxBytes = 100_000,
                AuditInterval = 1,
                Removed = _ =>
                {
                    if (left-- == 0)
                    {
                        cache!.Dispose();
                    }
                },
            });
            for (int i = 0; left >= 0; i++)
            {
                Assert.True(cache.Set(i, new byte[10_000]).IsStored());
            }
        }
    }

    [Fact]
    public void Dispose_BeforeAnythingExpires_LaterSetStartsNoTimer()
    {
        var clock = new ManualTimeProvider();
        var cache = new BoundedCache<int, int>(new() { MaxCount = 10, TimeToLive = TimeSpan.FromMinutes(1), TimeProvider = clock });
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.Set(1, 1));
        Assert.Equal(0, clock.Timers);
    }

    [Fact]
    public void Dispose_WhileEightThreadsUseIt_GivesEverythingBack()
    {
        for (int round = 0; round < 12; round++)
        {
            using var budget = new MemoryBudget(3_000_000);
            var cache = new BoundedCache<int, byte[]>(new() { Budget = budget, ConcurrencyLevel = 8, MaxBytes = 2_000_000 });
            for (int i = 0; i < 500 * (round % 12); i++)
            {
                cache.Set(-i - 1, []);
            }

            using var warm = new CountdownEvent(7);
            Threaded.Run(8, worker =>
            {
                if (worker == 0)
                {
                    Assert.True(warm.Wait(Patience.Limit));
                    cache.Dispose();
                    return;
                }

                try
                {
                    for (int i = 0; ; i++)
                    {
                        if (i == 50)
                        {
                            warm.Signal();
                        }

                        int key = (i * 8) + worker;
                        if (cache.TryAcquire(key - 80, out Lease<byte[]>? lease))
                        {
                            lease.Dispose();
                        }

                        cache.GetOrAdd(key, _ => new byte[50]);
                        cache.TryRemove(key - 800);
                        if (i % 100 == 0)
                        {
                            cache.Trim(1000);
                        }
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            });

            Assert.Equal(0, cache.Count);
            Assert.Equal(0, cache.Bytes);
            Assert.Equal(0, budget.Used);
            CacheStatistics s = cache.Statistics;
            Assert.Equal(s.Stored, s.Evicted + s.Expired + s.Trimmed + s.Replaced + s.Removed + s.Cleared + s.Disposed);
        }
    }

    [Fact]
    public void Dispose_InACallbackWhileTheTableIsResized_GivesEverythingBackOnce()
    {
        // From 4097 entries on the table moves 8 of its 4096 buckets with each store, and some more with what Dispose and Trim remove. In some of
        // these cases it is Trim that moves the last ones, after it has called back and the cache is disposed.
        for (int stores = 465; stores < 485; stores++)
        {
            using var budget = new MemoryBudget(100_000_000);
            BoundedCache<int, byte[]>? cache = null;
            bool disposes = false;
            cache = new BoundedCache<int, byte[]>(new()
            {
                Budget = budget,
                ConcurrencyLevel = 1,
                Removed = _ =>
                {
                    if (disposes)
                    {
                        disposes = false;
                        cache!.Dispose();
                    }
                },
            });
            for (int i = 0; i < 4097 + stores; i++)
            {
                cache.Set(i, []);
            }

            disposes = true;
            cache.Trim(long.MaxValue);
            Assert.Equal((stores, 0, 0), (stores, cache.Bytes, budget.Used));
        }
    }

    private static Func<BoundedCache<string, string>, Task> Sync(Action<BoundedCache<string, string>> member) => cache =>
    {
        member(cache);
        return Task.CompletedTask;
    };
}
