using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Factories that ask for values: allowed, unless they would wait for themselves.</summary>
public sealed class CacheLoadCycleTests : IDisposable
{
    private readonly BoundedCache<int, int> _cache = new(new() { MaxCount = 100 });

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void GetOrAdd_ItsFactoryAsksForTheSameKey_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => _cache.GetOrAdd(1, key => _cache.GetOrAdd(key, _ => 1)));
        AssertUntouched(1);
    }

    [Fact]
    public void AcquireOrAdd_ItsFactoryAsksForTheSameKey_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => _cache.AcquireOrAdd(1, key => _cache.AcquireOrAdd(key, _ => 1).Value));
        Assert.Throws<InvalidOperationException>(() => _cache.AcquireOrAdd(1, key => _cache.GetOrAdd(key, _ => 1)));
        AssertUntouched(1);
    }

    [Fact]
    public void GetOrAdd_FactoriesOfOneThreadInACircle_Throw()
    {
        Assert.Throws<InvalidOperationException>(() => _cache.GetOrAdd(1, _ => _cache.GetOrAdd(2, _ => _cache.GetOrAdd(3, _ => _cache.GetOrAdd(1, _ => 1)))));
        AssertUntouched(1, 2, 3);
    }

    [Fact]
    public void GetOrAdd_FactoryThatHandlesTheError_GoesOn()
    {
        int value = _cache.GetOrAdd(1, key =>
        {
            Assert.Throws<InvalidOperationException>(() => _cache.GetOrAdd(key, _ => 1));
            return 5;
        });
        Assert.Equal((5, 5), (value, Assert.Single(_cache).Value));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task GetOrAdd_FactoriesOfSeveralThreadsInACircle_DoNotWaitForEver(int threads)
    {
        for (int round = 0; round < 30; round++)
        {
            using var all = new Barrier(threads);
            Task<int>[] callers =
            [
                .. Enumerable.Range(0, threads).Select(i => Patience.OnThread(() => _cache.GetOrAdd(i, _ =>
                {
                    Assert.True(all.SignalAndWait(Patience.Limit));
                    return _cache.GetOrAdd((i + 1) % threads, _ => throw new TimeoutException("It is being loaded."));
                }))),
            ];
            foreach (Task<int> caller in callers)
            {
                // One finds the circle; its failure is what the others wait for, one after the other.
                await Assert.ThrowsAsync<InvalidOperationException>(() => caller.Soon());
            }

            AssertUntouched([.. Enumerable.Range(0, threads)]);
            _cache.Clear();
        }
    }

    [Fact]
    public async Task GetOrAdd_FactoriesThatWaitForOneAnotherWithoutACircle_AllSucceed()
    {
        using var started = new ManualResetEventSlim();
        using var open = new ManualResetEventSlim();
        Task<int> last = Patience.OnThread(() => _cache.GetOrAdd(0, _ =>
        {
            started.Set();
            open.Soon();
            return 1;
        }));
        started.Soon();
        Task<int>[] chain = [.. Enumerable.Range(1, 8).Select(i => Patience.OnThread(() => Load(i)))];
        Patience.Until(() => _cache.Statistics.Misses >= 10);
        open.Set();
        await Task.WhenAll([last, .. chain]).Soon();
        Assert.Equal([1, 2, 3, 3, 4, 4, 4, 4, 5], _cache.OrderBy(e => e.Key).Select(e => e.Value));

        int Load(int key) => _cache.GetOrAdd(key, k => Load(k / 2) + 1);
    }

    [Fact]
    public void GetOrAdd_FactoryAsksForOtherKeys_LoadsThem()
    {
        Assert.Equal(55, Fibonacci(10));
        Assert.Equal((11, 11), (_cache.Count, _cache.Statistics.Loads));
        Assert.Equal(2 + 55, _cache.GetOrAdd(100, _ => _cache.AcquireOrAdd(101, _ => 2).Value + Fibonacci(10)));

        int Fibonacci(int n) => _cache.GetOrAdd(n, k => k < 2 ? k : Fibonacci(k - 1) + Fibonacci(k - 2));
    }

    /// <summary>The keys have no values, and can be loaded.</summary>
    private void AssertUntouched(params int[] keys)
    {
        foreach (int key in keys)
        {
            Assert.False(_cache.ContainsKey(key));
            Assert.Equal(key, _cache.GetOrAdd(key, k => k));
        }

        _cache.Verify();
    }
}
