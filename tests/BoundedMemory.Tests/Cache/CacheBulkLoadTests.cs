using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Loading several values in one call.</summary>
public sealed class CacheBulkLoadTests : IDisposable
{
    private readonly BoundedCache<string, string> _cache = new(new() { MaxBytes = 100_000, KeyComparer = StringComparer.OrdinalIgnoreCase });
    private readonly Log<string> _asked = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancel = new();

    public void Dispose()
    {
        _cache.Dispose();
        _cancel.Dispose();
    }

    [Fact]
    public async Task SomeArePresent_TheOthersAreLoadedInOneCall()
    {
        _cache.Set("a", "present");
        Dictionary<string, string> found = await _cache.GetOrAddManyAsync(["a", "b", "B", "c", "A", "b"], LoadAsync);
        Assert.Equal(["b,c"], _asked.Items);
        Assert.Equal([("a", "present"), ("b", "b!"), ("c", "c!")], found.Select(e => (e.Key, e.Value)).Order());
        Assert.Equal("c!", found["C"]);
        Assert.Equal((3, 1, 2, 3), (_cache.Count, _cache.Statistics.Hits, _cache.Statistics.Misses, _cache.Statistics.Stored));
        Assert.Equal(3, (await _cache.GetOrAddManyAsync(["a", "b", "c"], LoadAsync)).Count);
        Assert.Empty(await _cache.GetOrAddManyAsync([], LoadAsync));
        Assert.Single(_asked.Items);
        _cache.Verify();
    }

    [Fact]
    public async Task KeyIsBeingLoadedByAnother_IsWaitedForAndNotAskedAgain()
    {
        Task<string> single = _cache.GetOrAddAsync("a", async (_, _) =>
        {
            await _open.Task;
            return "single";
        }).AsTask();
        Task<Dictionary<string, string>> bulk = _cache.GetOrAddManyAsync(["a", "b"], LoadAsync).AsTask();
        Assert.Equal(["b"], _asked.Items);
        Assert.False(bulk.IsCompleted);
        _open.SetResult();
        Dictionary<string, string> found = await bulk.Soon();
        Assert.Equal((await single, "single", "b!"), (found["a"], found["a"], found["b"]));
    }

    [Fact]
    public async Task KeyOfABulkLoadUnderWay_IsWaitedForByOthers()
    {
        Task<Dictionary<string, string>> bulk = _cache.GetOrAddManyAsync(["a", "b"], WhenOpen(LoadAsync)).AsTask();
        Task<string> single = _cache.GetOrAddAsync("B", (_, _) => throw new InvalidOperationException()).AsTask();
        Task<string> sync = Patience.OnThread(() => _cache.GetOrAdd("a", _ => throw new InvalidOperationException()));
        Task<Dictionary<string, string>> other = _cache.GetOrAddManyAsync(["b", "c", "a"], WhenOpen(LoadAsync)).AsTask();
        Patience.Until(() => _cache.Statistics.Misses == 7);
        _open.SetResult();
        Assert.Equal(("b!", "a!"), (await single.Soon(), await sync.Soon()));
        Assert.Equal((2, 3), ((await bulk.Soon()).Count, (await other.Soon()).Count));
        Assert.Equal(["a,b", "c"], _asked.Items.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task KeysThatTheFactoryLeavesOut_AreLeftOutAndNotStored()
    {
        Dictionary<string, string> found = await _cache.GetOrAddManyAsync(["a", "b", "c"], Only("b"));
        Assert.Equal("b", Assert.Single(found).Key);
        Assert.Equal("b", Assert.Single(_cache).Key);
        Assert.Equal("own", _cache.GetOrAdd("a", _ => "own"));
        Assert.Equal(0, _cache.Statistics.LoadFailures);
        _cache.Verify();
    }

    [Fact]
    public async Task KeysThatAnothersFactoryLeavesOut_AreLoadedByThoseWhoWaitForThem()
    {
        Task<Dictionary<string, string>> bulk = _cache.GetOrAddManyAsync(["a", "b"], WhenOpen(Only("b"))).AsTask();
        Task<string> single = _cache.GetOrAddAsync("a", (_, _) => new("own")).AsTask();
        Task<Dictionary<string, string>> other = _cache.GetOrAddManyAsync(["a", "b"], LoadAsync).AsTask();
        _open.SetResult();
        Assert.Equal("b", Assert.Single(await bulk.Soon()).Key);
        string a = await single.Soon();
        Assert.True(a is "own" or "a!", a);
        Dictionary<string, string> found = await other.Soon();
        Assert.Equal((a, "b!"), (found["a"], found["b"]));
        Assert.Equal(5, _cache.Statistics.Misses);
    }

    [Fact]
    public async Task FactoryReturnsKeysThatWereNotAskedFor_AreIgnored()
    {
        Dictionary<string, string> found = await _cache.GetOrAddManyAsync(["a"], (_, _) => new(new Dictionary<string, string> { ["a"] = "1", ["z"] = "2" }));
        Assert.Equal(("a", "1"), (Assert.Single(found).Key, found["a"]));
        Assert.Equal("a", Assert.Single(_cache).Key);
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("throws at once")]
    [InlineData("null")]
    public async Task FactoryFails_ReachesEveryoneAndLeavesNoTrace(string how)
    {
        _cache.Set("z", "present");
        Task<Dictionary<string, string>> bulk = _cache.GetOrAddManyAsync(["a", "b", "z"], how switch
        {
            "throws" => WhenOpen((_, _) => throw new InvalidOperationException("factory")),
            "throws at once" => (_, _) => throw new InvalidOperationException("factory"),
            _ => WhenOpen((_, _) => new((IReadOnlyDictionary<string, string>)null!)),
        }).AsTask();
        Task<string>? single = how == "throws at once" ? null : _cache.GetOrAddAsync("a", (_, _) => new("own")).AsTask();
        _open.SetResult();
        Exception error = await Assert.ThrowsAsync<InvalidOperationException>(() => bulk.Soon());
        Assert.Contains(how == "null" ? "null" : "factory", error.Message, StringComparison.Ordinal);
        if (single is not null)
        {
            Assert.Equal(error.Message, (await Assert.ThrowsAsync<InvalidOperationException>(() => single.Soon())).Message);
        }

        Assert.Equal(("z", 2), (Assert.Single(_cache).Key, _cache.Statistics.LoadFailures));
        Assert.Equal(3, (await _cache.GetOrAddManyAsync(["a", "b", "z"], LoadAsync)).Count);
        _cache.Verify();
    }

    [Fact]
    public async Task LoadOfAnotherFails_ThrowsAndKeepsWhatWasLoaded()
    {
        Task<string> single = _cache.GetOrAddAsync("a", async (_, _) =>
        {
            await _open.Task;
            throw new TimeoutException();
        }).AsTask();
        Task<Dictionary<string, string>> bulk = _cache.GetOrAddManyAsync(["a", "b"], LoadAsync).AsTask();
        _open.SetResult();
        await Assert.ThrowsAsync<TimeoutException>(() => single.Soon());
        await Assert.ThrowsAsync<TimeoutException>(() => bulk.Soon());
        Assert.Equal("b", Assert.Single(_cache).Key);
    }

    [Fact]
    public async Task LoadOfAnotherFails_NoLongerWaitsForTheRest()
    {
        CancellationToken seen = default;
        Task<string> failing = _cache.GetOrAddAsync("a", async (_, _) =>
        {
            await _open.Task;
            throw new TimeoutException();
        }).AsTask();
        Task<string> slow = _cache.GetOrAddAsync("b", async (_, token) =>
        {
            seen = token;
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return "";
        }, _cancel.Token).AsTask();
        Task<Dictionary<string, string>> bulk = _cache.GetOrAddManyAsync(["a", "b"], LoadAsync).AsTask();
        _open.SetResult();
        await Assert.ThrowsAsync<TimeoutException>(() => bulk.Soon());
        await Assert.ThrowsAsync<TimeoutException>(() => failing.Soon());
        _cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow.Soon());
        Assert.True(seen.IsCancellationRequested, "The bulk load, which has failed, is still taken to wait for it.");
    }

    [Fact]
    public async Task ComparerThrows_WhatWasBegunIsGivenUp()
    {
        int untilThrown = 6;
        var comparer = new Hashing<int>(key => --untilThrown == 0 ? throw new TimeoutException() : key);
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 10, KeyComparer = comparer });
        await Assert.ThrowsAsync<TimeoutException>(() => cache.GetOrAddManyAsync([1, 2, 3], (_, _) => throw new InvalidOperationException()).AsTask());
        Assert.Equal((0, 2), (untilThrown, cache.Statistics.Loads));
        foreach (int key in new[] { 1, 2, 3 })
        {
            Assert.Equal(key, await cache.GetOrAddAsync(key, (k, _) => new(k)).Soon());
        }
    }

    [Fact]
    public async Task CallerCancels_TheFactoryIsCancelledWhenNobodyWaitsForAnyOfItsValues()
    {
        CancellationToken seen = default;
        using var second = new CancellationTokenSource();
        Task<Dictionary<string, string>> bulk = _cache.GetOrAddManyAsync(["a", "b"], async (_, token) =>
        {
            seen = token;
            await _open.Task.WaitAsync(token);
            return new Dictionary<string, string>();
        }, _cancel.Token).AsTask();
        Task<string> single = _cache.GetOrAddAsync("b", (_, _) => throw new InvalidOperationException(), second.Token).AsTask();
        _cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bulk.Soon());
        Assert.False(seen.IsCancellationRequested);
        second.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => single.Soon());
        Assert.True(seen.IsCancellationRequested);
        Assert.Equal(2, (await _cache.GetOrAddManyAsync(["a", "b"], LoadAsync)).Count);
    }

    [Fact]
    public async Task CallerCancels_OthersStillGetTheirValues()
    {
        Task<Dictionary<string, string>> bulk = _cache.GetOrAddManyAsync(["a", "b"], WhenOpen(LoadAsync), _cancel.Token).AsTask();
        Task<string> single = _cache.GetOrAddAsync("b", (_, _) => throw new InvalidOperationException()).AsTask();
        _cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bulk.Soon());
        _open.SetResult();
        Assert.Equal("b!", await single.Soon());
        Patience.Until(() => _cache.Statistics.Stored == 1);
        Assert.Equal("b", Assert.Single(_cache).Key);
    }

    private ValueTask<IReadOnlyDictionary<string, string>> LoadAsync(IReadOnlyList<string> keys, CancellationToken token)
    {
        _asked.Add(string.Join(",", keys));
        return new(keys.ToDictionary(key => key, key => key + "!", StringComparer.OrdinalIgnoreCase));
    }

    private static Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, string>>> Only(string key) =>
        (_, _) => new(new Dictionary<string, string> { [key] = key + "!" });

    private Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, string>>> WhenOpen(
        Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, string>>> factory) => async (keys, token) =>
    {
        await _open.Task;
        return await factory(keys, token);
    };
}
