using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Callbacks are told the truth, under no lock, and do no harm.</summary>
public class CacheCallbackTests
{
    /// <summary>Ends between two sweeps.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(9.5);

    private readonly ManualTimeProvider _clock = new();

    /// <summary>Ways in which the entry of key 1 leaves a cache of 10 entries, and why it does.</summary>
    private static readonly Dictionary<string, (RemovalCause Cause, Action<BoundedCache<int, string>, ManualTimeProvider> Act)> WaysToLeave = new()
    {
        ["evicted for its count"] = (RemovalCause.Evicted, (cache, _) => Fill(cache)),
        ["evicted for its bytes"] = (RemovalCause.Evicted, (cache, _) => cache.Set(2, "", new CacheEntryOptions { ValueBytes = 90_000 })),
        ["evicted for its own growth"] = (RemovalCause.Evicted, (cache, _) => cache.RefreshCharge(1)),
        ["expired and read"] = (RemovalCause.Expired, (cache, clock) =>
        {
            clock.Advance(Life);
            cache.TryGet(1, out _);
        }
        ),
        ["expired and removed"] = (RemovalCause.Expired, (cache, clock) =>
        {
            clock.Advance(Life);
            cache.TryRemove(1);
        }
        ),
        ["expired and written"] = (RemovalCause.Expired, (cache, clock) =>
        {
            clock.Advance(Life);
            cache.Set(1, "");
        }
        ),
        ["expired and swept"] = (RemovalCause.Expired, (_, clock) => clock.Advance(TimeSpan.FromSeconds(12))),
        ["trimmed"] = (RemovalCause.Trimmed, (cache, _) => cache.Trim(1)),
        ["reclaimed"] = (RemovalCause.Trimmed, (cache, _) => ((IMemoryReclaimer)cache).Reclaim(1)),
        ["trimmed by a smaller limit"] = (RemovalCause.Trimmed, (cache, _) =>
        {
            cache.Set(2, "");
            cache.TryResize(maxCount: 1);
        }
        ),
        ["replaced"] = (RemovalCause.Replaced, (cache, _) => cache.Set(1, "")),
        ["removed"] = (RemovalCause.Removed, (cache, _) => cache.TryRemove(1)),
        ["removed and returned"] = (RemovalCause.Removed, (cache, clock) => cache.TryRemove(1, out string? _)),
        ["cleared"] = (RemovalCause.Cleared, (cache, _) => cache.Clear()),
        ["disposed"] = (RemovalCause.Disposed, (cache, _) => cache.Dispose()),
    };

    public static TheoryData<string, EvictionPolicy> Ways
    {
        get
        {
            var data = new TheoryData<string, EvictionPolicy>();
            foreach (string way in WaysToLeave.Keys)
            {
                data.Add(way, EvictionPolicy.ScanResistant);
                data.Add(way, EvictionPolicy.Lru);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Removed_IsToldWhatLeftAndWhy(string way, EvictionPolicy policy)
    {
        var left = new Log<RemovedEntry<int, string>>();
        using BoundedCache<int, string> cache = Create(policy, o => o.Removed = left.Add);
        long before = cache.Bytes;
        SetFirst(cache, way);
        long bytes = cache.Bytes - before;
        WaysToLeave[way].Act(cache, _clock);
        RemovedEntry<int, string> first = Assert.Single(left.Items, e => e.Value == "first");
        Assert.Equal((1, "first", WaysToLeave[way].Cause, bytes), (first.Key, first.Value, first.Cause, first.Bytes));
        Assert.Equal(left.Items.Count, cache.Statistics.Stored - cache.Count);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Removed_CallsBackFromAnotherThread_IsNotUnderALock(string way, EvictionPolicy policy)
    {
        int calls = 0;
        BoundedCache<int, string>? cache = null;
        cache = Create(policy, o => o.Removed = _ =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                UseFromAnotherThread(cache!);
            }
        });
        SetFirst(cache, way);
        WaysToLeave[way].Act(cache, _clock);
        Assert.Equal(0, cache.Statistics.CallbackFailures);
        Assert.True(calls > 0);
        cache.Dispose();
    }

    [Fact]
    public void Removed_OfWhatIsEvictedForALargerTable_IsNotUnderALock()
    {
        BoundedCache<int, string>? cache = null;
        int calls = 0;
        cache = new BoundedCache<int, string>(new()
        {
            MaxBytes = 1_000_000,
            ConcurrencyLevel = 1,
            Removed = _ =>
            {
                if (calls++ % 997 == 0)
                {
                    UseFromAnotherThread(cache!);
                }
            },
        });
        cache.Set(-1, "", new CacheEntryOptions { ValueBytes = 900_000 });
        for (int i = 0; i < 40_000; i++)
        {
            cache.Set(i, "");
        }

        Assert.Equal(0, cache.Statistics.CallbackFailures);
        Assert.True(calls > 20_000);
        cache.Dispose();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Removed_Throws_IsCountedAndChangesNothing(string way, EvictionPolicy policy)
    {
        int calls = 0;
        using BoundedCache<int, string> cache = Create(policy, o => o.Removed = _ =>
        {
            calls++;
            throw new TimeoutException();
        });
        SetFirst(cache, way);
        WaysToLeave[way].Act(cache, _clock);
        Assert.NotEqual(0, calls);
        Assert.Equal(calls, cache.Statistics.CallbackFailures);
        Assert.Equal(calls, cache.Statistics.Stored - cache.Count);
        cache.Verify();
    }

    private static void Fill(BoundedCache<int, string> cache)
    {
        for (int i = 2; i < 1000 && cache.ContainsKey(1); i++)
        {
            cache.Set(i, "");
        }
    }

    private static void SetFirst(BoundedCache<int, string> cache, string way) =>
        cache.Set(1, "first", new CacheEntryOptions { ValueBytes = way == "evicted for its bytes" ? 30_000 : null });

    /// <summary>With everything that takes a lock; there is one shard.</summary>
    private static void UseFromAnotherThread(BoundedCache<int, string> cache) => Patience.OnThread(() =>
    {
        try
        {
            cache.TryGet(1, out _);
            cache.TryRemove(77);
            _ = cache.Coldest(1);
            using Lease<string> lease = cache.AcquireOrAdd(78, _ => "");
            cache.Set(79, "", new CacheEntryOptions { TimeToLive = TimeSpan.FromMinutes(1) });
            cache.Trim(0);
            cache.TryResize(maxBytes: cache.MaxBytes);
            return cache.LongCount(_ => true) + cache.Statistics.Count;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }).Soon().GetAwaiter().GetResult();

    private BoundedCache<int, string> Create(EvictionPolicy policy, Action<BoundedCacheOptions<int, string>> change)
    {
        // The second time that it is measured, a value is too large.
        var measured = new HashSet<string>();
        var options = new BoundedCacheOptions<int, string>
        {
            MaxBytes = 100_000,
            MaxCount = 10,
            Policy = policy,
            ConcurrencyLevel = 1,
            TimeToLive = Life,
            TimeProvider = _clock,
            ValueSizer = Sizer.Create<string>(value => value.Length > 0 && !measured.Add(value) ? 200_000 : 100),
        };
        change(options);
        return new BoundedCache<int, string>(options);
    }
}
