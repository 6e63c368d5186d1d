using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Who disposes a value.</summary>
public class CacheOwnershipTests
{
    [Fact]
    public void Set_TheSameValueAgainWhereValuesAreDisposed_DoesNotDisposeWhatItHolds()
    {
        using var cache = new BoundedCache<int, Tracked>(new() { MaxCount = 10, DisposeValues = true });
        var value = new Tracked();
        cache.Set(1, value);
        cache.Set(1, value);
        Assert.Equal(0, value.Disposals);
        cache.TryRemove(1);
        Assert.Equal(1, value.Disposals);
    }

    [Fact]
    public void Refresh_ReturnsTheFormerValueWhereValuesAreDisposed_RenewsAndDoesNotDisposeIt()
    {
        var clock = new ManualTimeProvider();
        using var cache = new BoundedCache<int, Tracked>(new() { MaxCount = 10, RefreshAfter = TimeSpan.FromSeconds(1), TimeProvider = clock, DisposeValues = true });
        Tracked value = cache.GetOrAdd(1, _ => new Tracked());
        clock.Advance(TimeSpan.FromSeconds(1));
        cache.GetOrAdd(1, (_, _, context) => context.FormerValue!, 0);
        Patience.Until(() => cache.Statistics.Stored == 2);
        Assert.Same(value, cache.GetOrAdd(1, _ => new Tracked()));
        Patience.Until(() => cache.Statistics.Replaced == 1);
        Assert.Equal(0, value.Disposals);
    }

    [Fact]
    public void Set_TheSameValueAgainWhileItIsLeased_IsRefusedAndDisposesNothing()
    {
        using var cache = new BoundedCache<int, Tracked>(new() { MaxCount = 10, DisposeValues = true });
        var value = new Tracked();
        cache.Set(1, value);
        Assert.True(cache.TryAcquire(1, out Lease<Tracked>? lease));
        Assert.Equal(SetResult.OverBudget, cache.Set(1, value));
        lease.Dispose();
        Assert.Equal(0, value.Disposals);
        Assert.Equal(SetResult.Replaced, cache.Set(1, value));
        Assert.Equal(0, value.Disposals);
        cache.Clear();
        Assert.Equal(1, value.Disposals);
    }

    [Fact]
    public void ValuesOfACacheThatDoesNotDisposeThem_AreNotDisposed()
    {
        var made = new TrackedFactory();
        var cache = new BoundedCache<int, Tracked>(new() { MaxCount = 5 });
        for (int i = 0; i < 20; i++)
        {
            cache.Set(i % 7, made.Make(i));
        }

        using (cache.AcquireOrAdd(100, made.Make))
        {
            cache.TryRemove(100);
        }

        cache.Clear();
        cache.Dispose();
        Assert.All(made.Made, value => Assert.False(value.IsDisposed));
    }

    [Fact]
    public void Set_Refused_LeavesTheValueToItsCaller()
    {
        var value = new Tracked();
        using (var cache = new BoundedCache<int, Tracked>(new() { MaxBytes = 20_000, DisposeValues = true }))
        {
            Assert.Equal(SetResult.TooLarge, cache.Set(1, value, new CacheEntryOptions { ValueBytes = 20_000 }));
        }

        Assert.False(value.IsDisposed);
    }

    [Fact]
    public void GetOrAdd_Refused_LeavesTheValueToItsCaller()
    {
        using var cache = new BoundedCache<int, Tracked>(new() { MaxBytes = 20_000, DisposeValues = true });
        Tracked value = cache.GetOrAdd(1, (key, _, context) =>
        {
            context.Entry.ValueBytes = 20_000;
            return new Tracked(key);
        }, 0);
        cache.Clear();
        Assert.False(value.IsDisposed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AcquireOrAdd_Refused_DisposesTheValueWithItsLease(bool isAsync)
    {
        using var cache = new BoundedCache<int, Tracked>(new() { MaxBytes = 20_000, DisposeValues = true, ValueSizer = Sizer.Create<Tracked>(_ => 20_000) });
        Lease<Tracked> lease = isAsync
            ? await cache.AcquireOrAddAsync(1, (key, _) => new(new Tracked(key)))
            : cache.AcquireOrAdd(1, key => new Tracked(key));
        Tracked value = lease.Value;
        Assert.Equal((0, 0), (cache.Count, value.Disposals));
        lease.Dispose();
        lease.Dispose();
        Assert.Equal(1, value.Disposals);
    }

    [Fact]
    public void AcquireOrAdd_NullThatIsRefused_DisposesNothing()
    {
        using var cache = new BoundedCache<int, IDisposable?>(new() { MaxCount = 1, DisposeValues = true });
        using Lease<IDisposable?> first = cache.AcquireOrAdd(1, _ => new Tracked());
        using (Lease<IDisposable?> refused = cache.AcquireOrAdd(2, _ => null))
        {
            Assert.Null(refused.Value);
        }

        Assert.True(cache.ContainsKey(1));
    }

    [Fact]
    public void AcquireOrAdd_KeyIsRemovedWhileItIsLoaded_TheValueIsTheLeases()
    {
        using var cache = new BoundedCache<int, Tracked>(new() { MaxCount = 10, DisposeValues = true });
        Lease<Tracked> lease = cache.AcquireOrAdd(1, key =>
        {
            cache.TryRemove(key);
            return new Tracked(key);
        });
        Tracked value = lease.Value;
        Assert.Equal((0, 0), (cache.Count, value.Disposals));
        lease.Dispose();
        Assert.Equal(1, value.Disposals);
    }

    [Fact]
    public async Task AcquireOrAdd_SeveralAtOnceAndRefused_EachHasAValueOfItsOwn()
    {
        var made = new TrackedFactory();
        using var open = new ManualResetEventSlim();
        using var cache = new BoundedCache<int, Tracked>(new() { MaxBytes = 20_000, DisposeValues = true, ValueSizer = Sizer.Create<Tracked>(_ => 20_000) });
        Task<Lease<Tracked>>[] callers = [.. Enumerable.Range(0, 6).Select(_ => Patience.OnThread(() => cache.AcquireOrAdd(1, key =>
        {
            open.Soon();
            return made.Make(key);
        })))];
        Patience.Until(() => cache.Statistics.Misses == 6);
        open.Set();
        Lease<Tracked>[] leases = await Task.WhenAll(callers).Soon();
        Assert.Equal(6, leases.Select(lease => lease.Value).Distinct().Count());
        Array.ForEach(leases, lease => lease.Dispose());
        Assert.All(made.Made, value => Assert.Equal(1, value.Disposals));
    }

    [Fact]
    public void Lease_OutlivesItsCache()
    {
        using var budget = new MemoryBudget(1_000_000);
        var cache = new BoundedCache<int, Tracked>(new() { Budget = budget, DisposeValues = true });
        Lease<Tracked> lease = cache.AcquireOrAdd(1, key => new Tracked(key));
        Tracked value = lease.Value;
        cache.Dispose();
        Assert.Equal((0, 1), (value.Disposals, cache.Statistics.Leases));
        Assert.InRange(budget.Used, EntrySizes<int, Tracked>.Plain, 1000);
        Assert.Same(value, lease.Value);
        lease.Dispose();
        Assert.Equal((1, 0), (value.Disposals, budget.Used));
    }

    [Fact]
    public void TryRemove_WithValueWhereValuesAreDisposed_Throws()
    {
        using var cache = new BoundedCache<int, Tracked>(new() { Name = "c", MaxCount = 10, DisposeValues = true });
        cache.Set(1, new Tracked());
        Assert.Contains("'c'", Assert.Throws<InvalidOperationException>(() => cache.TryRemove(1, out _)).Message, StringComparison.Ordinal);
        Assert.True(cache.ContainsKey(1));
    }

    [Fact]
    public void Values_WhileEightThreadsDoEverything_AreDisposedOnceAndNeverWhileLeased()
    {
        var made = new TrackedFactory();
        var clock = new ManualTimeProvider();
        using var budget = new MemoryBudget(2_000_000);
        using var cache = new BoundedCache<int, Tracked>(new()
        {
            Budget = budget,
            MaxBytes = 300_000,
            MaxCount = 120,
            ConcurrencyLevel = 8,
            TimeToLive = TimeSpan.FromSeconds(20),
            TimeProvider = clock,
            DisposeValues = true,
        });
        Threaded.Run(8, worker =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 6000; i++)
            {
                int key = random.Next(200);
                switch (random.Next(100))
                {
                    case < 25:
                        Tracked value = made.Make(key);
                        if (!cache.Set(key, value, new CacheEntryOptions { ValueBytes = random.Next(6000) }).IsStored())
                        {
                            value.Dispose();
                        }

                        break;
                    case < 60:
                        using (Lease<Tracked> lease = cache.AcquireOrAdd(key, made.Make))
                        {
                            Assert.False(lease.Value.IsDisposed);
                            using Lease<Tracked> nested = cache.AcquireOrAdd(random.Next(200), made.Make);
                            cache.TryRemove(random.Next(200));
                            Assert.False(lease.Value.IsDisposed || nested.Value.IsDisposed);
                        }

                        break;
                    case < 80:
                        cache.TryAcquire(key, out Lease<Tracked>? maybe);
                        Assert.False(maybe?.Value.IsDisposed ?? false);
                        maybe?.Dispose();
                        break;
                    case < 90:
                        cache.TryRemove(key);
                        break;
                    case < 95:
                        cache.Trim(random.Next(10_000));
                        break;
                    case 98 when worker == 0:
                        clock.Advance(TimeSpan.FromSeconds(random.Next(8)));
                        break;
                    case 99 when random.Next(10) == 0:
                        cache.Clear();
                        break;
                }

                Assert.InRange(cache.Bytes, 0, 300_000);
            }
        });
        Assert.Equal(0, cache.Statistics.Leases);
        cache.Verify();
        Assert.Equal(cache.Count, made.Made.Count(value => !value.IsDisposed));
        cache.Dispose();
        Assert.All(made.Made, value => Assert.Equal(1, value.Disposals));
        Assert.Equal(0, budget.Used);
    }
}
