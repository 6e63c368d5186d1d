using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Loads that end in an unusual way leave nothing behind that others would wait for.</summary>
public class LoadEndTests
{
    [Fact]
    public async Task GetOrAddManyAsync_FailsBeforeTheFactoryIsCalled_EndsTheLoadsThatHaveBegun()
    {
        var hashed = new Dictionary<string, int>();
        var comparer = new Hashing<string>(key =>
        {
            lock (hashed)
            {
                int times = hashed[key] = hashed.GetValueOrDefault(key) + 1;
                return key == "b" && times == 2 ? throw new TimeoutException() : 0;
            }
        });
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10, KeyComparer = comparer });
        await Assert.ThrowsAsync<TimeoutException>(() => cache.GetOrAddManyAsync(["a", "b"], (_, _) => throw new InvalidOperationException()).AsTask());
        Assert.Equal(2, hashed["b"]);
        Assert.Equal(1, await cache.GetOrAddAsync("a", (_, _) => new(1)).Soon());
        Assert.Equal(2, await cache.GetOrAddAsync("b", (_, _) => new(2)).Soon());
    }

    [Fact]
    public async Task GetOrAddManyAsync_OneOfTheLoadsItJoinedFails_DoesNotKeepTheOthersGoing()
    {
        using var cache = new BoundedCache<string, int>(new() { MaxCount = 10 });
        using var cancellation = new CancellationTokenSource();
        var first = new TaskCompletionSource<int>();
        var second = new TaskCompletionSource<int>();
        CancellationToken seen = default;
        Task<int> a = cache.GetOrAddAsync("a", (_, _) => new(first.Task)).AsTask();
        Task<int> b = cache.GetOrAddAsync("b", (_, token) =>
        {
            seen = token;
            return new(second.Task);
        }, cancellation.Token).AsTask();
        Task<Dictionary<string, int>> both = cache.GetOrAddManyAsync(["a", "b"], (_, _) => throw new InvalidOperationException()).AsTask();

        first.SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => a.Soon());
        await Assert.ThrowsAsync<TimeoutException>(() => both.Soon());
        Assert.False(seen.IsCancellationRequested);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => b.Soon());
        Assert.True(seen.IsCancellationRequested, "The load goes on though nobody waits for it.");
        second.SetResult(1);
    }

    [Fact]
    public void GetOrAdd_RefreshWhoseValueIsNotStored_IsTriedAgain()
    {
        var clock = new ManualTimeProvider();
        var age = TimeSpan.FromSeconds(10);
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 10, RefreshAfter = age, TimeProvider = clock });
        cache.Set(1, "kept");
        int refreshes = 0;
        Patience.Until(() =>
        {
            clock.Advance(age);
            Assert.Equal("kept", cache.GetOrAdd(1, (_, _, context) =>
            {
                context.DoNotCache = true;
                Interlocked.Increment(ref refreshes);
                return "not stored";
            }, 0));
            return Volatile.Read(ref refreshes) >= 3;
        });
    }
}
