using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Keys whose hashes are equal, by accident or by intent.</summary>
public class CacheFloodingTests
{
    private const int MostInAChain = 64;

    public static TheoryData<EvictionPolicy> Policies => [EvictionPolicy.ScanResistant, EvictionPolicy.Lru];

    [Theory]
    [MemberData(nameof(Policies))]
    public void KeysOfOneHash_EveryOperation_ComparesABoundedNumberOfKeys(EvictionPolicy policy)
    {
        const int Keys = 5000;
        var comparer = new Hashing<int>(_ => 7);
        var left = new Log<RemovedEntry<int, int>>();
        using var cache = new BoundedCache<int, int>(new() { MaxBytes = 10_000_000, Policy = policy, KeyComparer = comparer, Removed = left.Add });
        for (int i = 0; i < Keys; i++)
        {
            int key = i;
            Assert.InRange(comparer.Of(() => Assert.Equal(SetResult.Added, cache.Set(key, key))), 0, MostInAChain);
            Assert.InRange(comparer.Of(() => Assert.True(cache.TryGet(key, out _), $"{key} was stored and is not there.")), 1, MostInAChain);
        }

        Assert.InRange(comparer.Of(() => Assert.False(cache.TryGet(-1, out _))), 1, MostInAChain);
        Assert.InRange(comparer.Of(() => Assert.False(cache.TryRemove(-1))), 1, MostInAChain);
        Assert.InRange(comparer.Of(() => Assert.False(cache.ContainsKey(-1))), 1, MostInAChain);
        Assert.Equal(MostInAChain, cache.Count);
        CacheStatistics s = cache.Statistics;
        Assert.Equal((Keys - MostInAChain, Keys - MostInAChain), (s.Evicted, s.EvictedByCollision));
        Assert.Equal(Enumerable.Range(0, Keys).Except(cache.Select(e => e.Key)).Order(), left.Items.Select(e => e.Key).Order());
        Assert.All(left.Items, e => Assert.Equal(RemovalCause.Evicted, e.Cause));
        cache.Verify();

        foreach ((int key, int value) in cache.ToArray())
        {
            Assert.Equal(key, value);
            Assert.Equal(SetResult.Replaced, cache.Set(key, -key));
        }

        Assert.Equal(Keys - MostInAChain, cache.Statistics.EvictedByCollision);
        Assert.All(cache.ToArray(), e => Assert.True(cache.TryRemove(e.Key)));
        Assert.Equal((0, cache.Statistics.OverheadBytes), (cache.Count, cache.Bytes));
        cache.Verify();
    }

    [Fact]
    public void Chain_WhileTheCacheFills_IsInTheOrderOfArrival()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 3, KeyComparer = new Hashing<int>(_ => 7) });
        Array.ForEach([1, 2, 3], key => cache.Set(key, ""));
        Assert.Equal([1, 2, 3], cache.ChainOf(0));
    }

    /// <summary>An old entry that points to a new object is searched by the collector.</summary>
    [Theory]
    [MemberData(nameof(Policies))]
    public void Chain_ANewEntryInAFullCache_ComesFirst(EvictionPolicy policy)
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 3, Policy = policy, KeyComparer = new Hashing<int>(_ => 7) });
        for (int key = 1; key <= 6; key++)
        {
            cache.Set(key, "");
        }

        Assert.Equal(6, cache.ChainOf(0)[0]);
    }

    [Fact]
    public void Chain_AnEntryThatIsUsedAgain_ComesLast()
    {
        using var cache = new BoundedCache<long, string>(new() { MaxCount = 3 });

        // Of one chain, however many buckets a table of so few entries has.
        long[] keys = [.. Enumerable.Range(0, int.MaxValue).Select(i => (long)i).Where(key => KeyHash.Of((ulong)key) % 4096 == 7).Take(6)];
        foreach (long key in keys)
        {
            cache.Set(key, "");
        }

        Assert.Equal(3, cache.ChainOf(keys[0]).Count);
        Assert.Equal(keys[^1], cache.ChainOf(keys[0])[^1]);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void KeysOfOneHash_NoneInUse_TheOldestLeaves(EvictionPolicy policy)
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 100_000, Policy = policy, KeyComparer = new Hashing<int>(_ => 7) });
        for (int i = 0; i < MostInAChain + 10; i++)
        {
            cache.Set(i, i);
        }

        Assert.Equal(Enumerable.Range(10, MostInAChain), cache.Select(e => e.Key).Order());
    }

    [Fact]
    public void KeysOfOneHash_AllLeased_DoNotMakeALookupAScan()
    {
        var comparer = new Hashing<int>(_ => 0);
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 100_000, KeyComparer = comparer });
        Lease<int>[] leases = [.. Enumerable.Range(0, 500).Select(i => cache.AcquireOrAdd(i, key => key))];
        Assert.Equal(500 - cache.Count, cache.Statistics.RejectedOverBudget);
        Assert.InRange(comparer.Of(() => cache.TryGet(-1, out _)), 1, 64);
        Array.ForEach(leases, lease => lease.Dispose());
        cache.Verify();
    }

    [Fact]
    public void KeyInUse_OfLru_IsNotTheOneThatLeavesForACollision()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 100_000, Policy = EvictionPolicy.Lru, KeyComparer = new Hashing<int>(_ => 0) });
        for (int i = 0; i < 1000; i++)
        {
            cache.Set(i, i);
            Assert.True(cache.TryGet(0, out _), $"It was evicted for {i}.");
        }
    }

    [Fact]
    public void KeysWhoseOwnHashesCollide_AmongOthers_LeaveTheOthersAlone()
    {
        using var cache = new BoundedCache<Colliding, int>(new() { MaxCount = 100_000 });
        for (int i = 0; i < 3000; i++)
        {
            cache.Set(new Colliding(i, HashCode: 42), i);
            cache.Set(new Colliding(-1 - i, HashCode: 1000 + i), i);
        }

        // Those that happen to be in the bucket of the others may leave with them, a few at each size of the table.
        Assert.InRange(cache.Count(e => e.Key.Id < 0), 2900, 3000);
        Assert.InRange(cache.Count(e => e.Key.Id >= 0), MostInAChain / 2, MostInAChain);
        Assert.Equal(cache.Statistics.Evicted, cache.Statistics.EvictedByCollision);
        Assert.Equal(6000, cache.Count + cache.Statistics.EvictedByCollision);
        Assert.All(cache, e => Assert.Equal(e.Key.Id < 0 ? -1 - e.Key.Id : e.Key.Id, e.Value));
        cache.Verify();
    }

    [Fact]
    public void KeyInUse_IsNotTheOneThatLeavesForACollision()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 100_000, KeyComparer = new Hashing<int>(_ => 0) });
        for (int i = 0; i < 1000; i++)
        {
            cache.Set(i, i);
            Assert.True(cache.TryGet(0, out _), $"It was evicted for {i}.");
        }

        Assert.Equal(MostInAChain, cache.Count);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void LeasedKey_IsNotTheOneThatLeavesForACollision(EvictionPolicy policy)
    {
        using var cache = new BoundedCache<int, Tracked>(new() { MaxCount = 100_000, Policy = policy, KeyComparer = new Hashing<int>(_ => 0), DisposeValues = true });
        Lease<Tracked>[] leases = [.. Enumerable.Range(0, 30).Select(i => cache.AcquireOrAdd(i, key => new Tracked(key)))];
        for (int i = 100; i < 1000; i++)
        {
            cache.Set(i, new Tracked(i));
        }

        Assert.All(leases, lease => Assert.False(lease.Value.IsDisposed));
        Assert.All(leases, lease => Assert.True(cache.ContainsKey(lease.Value.Id)));
        Assert.Equal(MostInAChain, cache.Count);
        Array.ForEach(leases, lease => lease.Dispose());
        cache.Verify();
    }

    [Fact]
    public void KeysOfOneHash_EightThreads_StayBoundedAndRight()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxBytes = 1_000_000, ConcurrencyLevel = 8, KeyComparer = new Hashing<int>(key => key % 2) });
        Threaded.Run(8, worker =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 4000; i++)
            {
                int key = random.Next(1000);
                switch (random.Next(4))
                {
                    case 0:
                        cache.Set(key, key);
                        break;
                    case 1:
                        Assert.Equal(key, cache.GetOrAdd(key, k => k));
                        break;
                    case 2:
                        cache.TryRemove(key);
                        break;
                    default:
                        Assert.True(!cache.TryGet(key, out int value) || value == key);
                        break;
                }
            }
        });
        Assert.InRange(cache.Count, 1, 2 * MostInAChain);
        Assert.NotEqual(0, cache.Statistics.EvictedByCollision);
        cache.Verify();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StringsThatCollideUnderAKnownHash_DoNotCollideUnlessTheComparerUsesIt(bool usesIt)
    {
        // "Aa" and "BB" have equal hashes under h * 31 + c; so have all texts that are made of twelve of them.
        string[] keys = [.. Enumerable.Range(0, 4096).Select(i => string.Concat(Enumerable.Range(0, 12).Select(bit => ((i >> bit) & 1) == 0 ? "Aa" : "BB")))];
        static int KnownHash(string text) => text.Aggregate(0, (hash, c) => (hash * 31) + c);
        Assert.Single(keys.Select(KnownHash).Distinct());
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 100_000, KeyComparer = usesIt ? new Hashing<string>(KnownHash) : null });
        foreach (string key in keys)
        {
            cache.Set(key, 1);
        }

        Assert.Equal(usesIt ? (MostInAChain, 4096 - MostInAChain) : (4096, 0), (cache.Count, cache.Statistics.EvictedByCollision));
    }

    [Fact]
    public async Task HashesOfStringsAndNumbers_DifferFromProcessToProcess()
    {
        (_, string first) = await TestHostProcess.RunAsync("key-hashes");
        (_, string second) = await TestHostProcess.RunAsync("key-hashes");
        string[][] hashes = [first.Trim().Split('\n'), second.Trim().Split('\n')];
        Assert.True(hashes[0].Length == 20 && hashes[1].Length == 20, first + second);
        Assert.Equal(20, hashes[0].Distinct().Count());
        Assert.Empty(hashes[0].Intersect(hashes[1]));
    }
}
