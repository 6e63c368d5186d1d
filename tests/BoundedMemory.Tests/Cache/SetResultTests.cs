using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

public class SetResultTests
{
    private static readonly CacheEntryOptions Huge = new() { ValueBytes = 1_000_000 };

    [Theory]
    [InlineData(EvictionPolicy.ScanResistant)]
    [InlineData(EvictionPolicy.Lru)]
    public void Set_ValueThatAloneExceedsTheBytes_IsTooLargeAndEvictsNothing(EvictionPolicy policy)
    {
        var rejected = new Log<RejectedEntry<int, string>>();
        using var cache = new BoundedCache<int, string>(new() { MaxBytes = 100_000, Policy = policy, Rejected = rejected.Add });
        for (int i = 0; i < 1000; i++)
        {
            cache.Set(i, "x", new CacheEntryOptions { ValueBytes = 1000 });
        }

        CacheStatistics before = cache.Statistics;
        Assert.Equal(SetResult.TooLarge, cache.Set(5000, "too large", Huge));
        Assert.Equal(before with { RejectedTooLarge = 1 }, cache.Statistics);
        RejectedEntry<int, string> entry = Assert.Single(rejected.Items);
        Assert.Equal((5000, "too large", SetResult.TooLarge, null), (entry.Key, entry.Value, entry.Reason, entry.Detail));
        Assert.Equal(1_000_000 + EntrySizes<int, string>.Plain, entry.Bytes);
        cache.Verify();
    }

    [Fact]
    public void Set_EntryAsLargeAsAllThatIsThere_IsStoredAndAByteMoreIsNot()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxBytes = 100_000 });
        for (int i = 0; i < 10; i++)
        {
            cache.Set(i, "x");
        }

        long room = 100_000 - cache.Statistics.OverheadBytes - EntrySizes<int, string>.Plain;
        Assert.Equal(SetResult.TooLarge, cache.Set(100, "x", new CacheEntryOptions { ValueBytes = room + 1 }));
        Assert.Equal(10, cache.Count);
        Assert.Equal(SetResult.Added, cache.Set(100, "x", new CacheEntryOptions { ValueBytes = room }));
        Assert.Equal((1, 100_000, 10), (cache.Count, cache.Bytes, cache.Statistics.Evicted));
        Assert.Equal(SetResult.Replaced, cache.Set(100, "y", new CacheEntryOptions { ValueBytes = room }));
        Assert.Equal(SetResult.Added, cache.Set(1, "x"));
        Assert.Equal("x", Assert.Single(cache).Value);
        cache.Verify();
    }

    [Fact]
    public void Set_RefusedReplacement_LeavesTheFormerValueItsLeaseAndItsDeadline()
    {
        var clock = new ManualTimeProvider();
        var left = new Log<RemovedEntry<int, Tracked>>();
        using var cache = new BoundedCache<int, Tracked>(new()
        {
            MaxBytes = 100_000,
            TimeToLive = TimeSpan.FromSeconds(10),
            TimeProvider = clock,
            DisposeValues = true,
            Removed = left.Add,
        });
        var former = new Tracked();
        var refused = new Tracked();
        cache.Set(1, former);
        Assert.True(cache.TryAcquire(1, out Lease<Tracked>? lease));
        clock.Advance(TimeSpan.FromSeconds(9));
        long bytes = cache.Bytes;

        Assert.Equal(SetResult.TooLarge, cache.Set(1, refused, Huge));
        Assert.Equal((bytes, 1, 1), (cache.Bytes, cache.Count, cache.Statistics.Leases));
        Assert.Empty(left.Items);
        Assert.False(refused.IsDisposed, "A refused value stays its caller's.");
        Assert.Same(former, lease.Value);
        Assert.True(cache.TryGet(1, out Tracked? found));
        Assert.Same(former, found);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(cache.ContainsKey(1), "The refused value moved the deadline.");
        lease.Dispose();
        cache.Verify();
    }

    [Fact]
    public void Set_ReplacementLargerThanWhatIsFree_EvictsOthersAndNotMoreThanItTakes()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxBytes = 100_000, Policy = EvictionPolicy.Lru, ConcurrencyLevel = 1 });
        long entry = EntrySizes<int, string>.Plain;
        long value = ((100_000 - cache.Bytes) / 10) - entry;
        value -= value % 8;
        for (int i = 0; i < 10; i++)
        {
            cache.Set(i, "x", new CacheEntryOptions { ValueBytes = value });
        }

        Assert.Equal(10, cache.Count);
        Assert.Equal(SetResult.Replaced, cache.Set(9, "y", new CacheEntryOptions { ValueBytes = (3 * (value + entry)) - entry }));
        Assert.Equal((2, 1, 8), (cache.Statistics.Evicted, cache.Statistics.Replaced, cache.Count));
        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 9], cache.Coldest(10).Select(e => e.Key));
        cache.Verify();
    }

    [Fact]
    public void Set_LeasesFillTheBytes_IsOverBudgetAndEvictsNothing()
    {
        var rejected = new Log<RejectedEntry<int, string>>();
        using var cache = new BoundedCache<int, string>(new() { MaxBytes = 100_000, Rejected = rejected.Add });
        cache.Set(1, "leased", new CacheEntryOptions { ValueBytes = 60_000 });
        cache.Set(2, "free", new CacheEntryOptions { ValueBytes = 10_000 });
        using Lease<string> lease = cache.AcquireOrAdd(1, _ => "");
        Assert.Equal(SetResult.OverBudget, cache.Set(2, "too much", new CacheEntryOptions { ValueBytes = 50_000 }));
        Assert.Equal(SetResult.OverBudget, cache.Set(3, "too much", new CacheEntryOptions { ValueBytes = 50_000 }));
        Assert.Equal((2, 2, 0), (cache.Count, cache.Statistics.RejectedOverBudget, cache.Statistics.Evicted));
        Assert.Equal([SetResult.OverBudget, SetResult.OverBudget], rejected.Items.Select(e => e.Reason));
        Assert.True(cache.TryGet(2, out string? value));
        Assert.Equal("free", value);
        Assert.Equal(SetResult.Added, cache.Set(3, "fits", new CacheEntryOptions { ValueBytes = 25_000 }));
        cache.Verify();
    }

    [Fact]
    public void Set_LeasesFillTheWeight_IsOverBudgetAndLeavesTheFormerValue()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxWeight = 100, Weigher = (_, value) => value.Length });
        cache.Set(1, new string('l', 60));
        cache.Set(2, new string('f', 30));
        using Lease<string> lease = cache.AcquireOrAdd(1, _ => "");
        Assert.Equal(SetResult.OverBudget, cache.Set(2, new string('n', 90)));
        Assert.True(cache.TryGet(2, out string? value), "A refused value destroyed the former one.");
        Assert.Equal(new string('f', 30), value);
        cache.Verify();
    }

    [Fact]
    public void Set_LeasesFillTheWeightOfManyShards_LeavesTheFormerValue()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxWeight = 20_000, Weigher = (_, value) => value.Length, ConcurrencyLevel = 16 });
        for (int i = 0; i < 10_000; i++)
        {
            cache.Set(i, "1");
        }

        for (int key = 10_000; key < 10_010; key++)
        {
            cache.Set(key, new string('l', 900));
        }

        Lease<string>[] leases = [.. Enumerable.Range(10_000, 10).Select(key => cache.AcquireOrAdd(key, _ => ""))];
        for (int key = 0; key < 10; key++)
        {
            cache.Set(key, "former");
            Assert.Equal(SetResult.OverBudget, cache.Set(key, new string('n', 15_000)));
            Assert.True(cache.TryGet(key, out string? value), "A refused value destroyed the former one.");
            Assert.Equal("former", value);
        }

        Assert.All(leases, lease => lease.Dispose());
        cache.Verify();
    }

    [Fact]
    public void Set_LeasesFillTheBytesOfATier_IsOverBudgetAndLeavesTheFormerValue()
    {
        using var cache = new BoundedCache<int, string>(new()
        {
            MaxBytes = 1_000_000,
            DefaultTier = "hot",
            Tiers = { new("hot", TimeSpan.FromMinutes(1), MaxBytes: 100_000) },
        });
        cache.Set(1, "leased", new CacheEntryOptions { ValueBytes = 60_000 });
        cache.Set(2, "former", new CacheEntryOptions { ValueBytes = 30_000 });
        using Lease<string> lease = cache.AcquireOrAdd(1, _ => "");
        Assert.Equal(SetResult.OverBudget, cache.Set(2, "new", new CacheEntryOptions { ValueBytes = 90_000 }));
        Assert.True(cache.TryGet(2, out string? value), "A refused value destroyed the former one.");
        Assert.Equal("former", value);
        cache.Verify();
    }

    [Fact]
    public void Set_LeasesFillTheCount_IsOverBudget()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 3 });
        Lease<string>[] leases = [.. Enumerable.Range(0, 3).Select(i => cache.AcquireOrAdd(i, _ => "x"))];
        Assert.Equal(SetResult.OverBudget, cache.Set(9, "y"));
        Assert.Equal(SetResult.Replaced, cache.Set(1, "y"));
        Assert.Equal((3, 1), (cache.Count, cache.Statistics.RejectedOverBudget));
        leases[0].Dispose();
        Assert.Equal(SetResult.Added, cache.Set(9, "y"));
        Assert.Equal(3, cache.Count);
        cache.Verify();
        leases[1].Dispose();
        leases[2].Dispose();
        cache.Verify();
    }

    [Fact]
    public void Set_WeightThatAloneExceedsTheLimit_IsTooLarge()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxWeight = 100, Weigher = (_, value) => value.Length });
        cache.Set(1, "former");
        Assert.Equal(SetResult.TooLarge, cache.Set(1, new string('x', 101)));
        Assert.Equal(SetResult.TooLarge, cache.Set(2, "x", new CacheEntryOptions { Weight = long.MaxValue }));
        Assert.Equal("former", Assert.Single(cache).Value);
        Assert.Equal(SetResult.Replaced, cache.Set(1, new string('x', 100)));
        Assert.Equal((100, 2), (cache.Weight, cache.Statistics.RejectedTooLarge));
        cache.Verify();
    }

    [Fact]
    public void Set_ValueLargerThanItsTier_IsTooLarge()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxBytes = 1_000_000, Tiers = { new("hot", TimeSpan.FromMinutes(1), MaxBytes: 1000) } });
        Assert.Equal(SetResult.TooLarge, cache.Set(1, "x", new CacheEntryOptions { Tier = "hot", ValueBytes = 1000 }));
        Assert.Equal(SetResult.Added, cache.Set(1, "x", new CacheEntryOptions { ValueBytes = 1000 }));
        Assert.Equal(SetResult.TooLarge, cache.Set(1, "x", new CacheEntryOptions { Tier = "hot", ValueBytes = 1000 }));
        Assert.Equal(1, cache.Count);
        cache.Verify();
    }

    [Fact]
    public void Set_GraphBeyondTheCap_IsSizeUnknownWithTypeAndPath()
    {
        var rejected = new Log<RejectedEntry<int, Node>>();
        using var cache = new BoundedCache<int, Node>(new() { MaxBytes = 10_000_000, Rejected = rejected.Add });
        var former = new Node();
        cache.Set(1, former);
        Node endless = Enumerable.Range(0, 20_000).Aggregate(new Node(), (next, _) => new Node { Next = next });
        Assert.Equal(SetResult.SizeUnknown, cache.Set(1, endless));
        RejectedEntry<int, Node> entry = Assert.Single(rejected.Items);
        Assert.Equal(SetResult.SizeUnknown, entry.Reason);
        Assert.Contains(nameof(Node), entry.Detail, StringComparison.Ordinal);
        Assert.Contains(nameof(Node.Next), entry.Detail, StringComparison.Ordinal);
        Assert.InRange(entry.Bytes, 1000, 10_000_000);
        Assert.Same(former, Assert.Single(cache).Value);
        Assert.Equal(1, cache.Statistics.RejectedSizeUnknown);
        cache.Verify();

        Assert.Equal(SetResult.Replaced, cache.Set(1, endless, new CacheEntryOptions { ValueBytes = 480_000 }));
        Assert.Same(endless, cache.GetOrAdd(1, _ => throw new InvalidOperationException()));
    }

    [Fact]
    public void Set_SizeTheUserTakesToBeInfinite_IsTooLarge()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxBytes = 100_000, ValueSizer = Sizer.Create<string>(_ => long.MaxValue) });
        Assert.Equal(SetResult.TooLarge, cache.Set(1, "x"));
        using var keys = new BoundedCache<string, string>(new()
        {
            MaxBytes = 100_000,
            KeySizer = Sizer.Create<string>(_ => long.MaxValue),
            ValueSizer = Sizer.Create<string>(_ => long.MaxValue),
        });
        Assert.Equal(SetResult.TooLarge, keys.Set("x", "x"));
    }

    [Fact]
    public void Set_ValueOfMoreThan32GigabytesThatDoesNotFit_IsTooLarge()
    {
        const long Gigabyte = 1L << 30;
        using var cache = new BoundedCache<int, string>(new() { MaxBytes = 40 * Gigabyte });
        Assert.Equal(SetResult.TooLarge, cache.Set(1, "x", new CacheEntryOptions { ValueBytes = 50 * Gigabyte }));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void RefreshCharge_ValueThatHasGrownBeyond32Gigabytes_IsTooLarge()
    {
        long bytes = 100;
        using var cache = new BoundedCache<int, string>(new() { MaxBytes = long.MaxValue, ValueSizer = Sizer.Create<string>(_ => bytes) });
        long empty = cache.Bytes;
        cache.Set(1, "x");
        bytes = 50L << 30;
        Assert.Equal(SetResult.TooLarge, cache.RefreshCharge(1));
        Assert.Equal(SetResult.TooLarge, cache.Set(1, "x"));
        Assert.Equal((0, empty), (cache.Count, cache.Bytes));
        cache.Verify();
    }

    [Fact]
    public void Set_ThreeBoundsAtOnce_HoldTogether()
    {
        var random = new Random(1);
        using var cache = new BoundedCache<int, byte[]>(new() { MaxBytes = 200_000, MaxCount = 50, MaxWeight = 500, Weigher = (_, value) => value.Length % 40 });
        long[] full = new long[3];
        for (int i = 0; i < 20_000; i++)
        {
            int size = (i / 1000 % 3) switch { 0 => 39 + (40 * random.Next(10)), 1 => 40 * random.Next(8), _ => 40 * random.Next(800) };
            Assert.True(cache.Set(random.Next(200), new byte[size]).IsStored());
            Assert.True(cache.Bytes <= 200_000 && cache.Count <= 50 && cache.Weight <= 500);
            full[0] += cache.Bytes > 160_000 ? 1 : 0;
            full[1] += cache.Count == 50 ? 1 : 0;
            full[2] += cache.Weight > 460 ? 1 : 0;
        }

        Assert.All(full, times => Assert.True(times > 1000));
        Assert.Equal(cache.Sum(e => e.Value.Length % 40), cache.Weight);
        cache.Verify();
    }

    private sealed class Node
    {
        public Node? Next { get; init; }
    }
}
