using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>One factory for any number of callers, and what becomes of its value.</summary>
public class CacheLoadingTests
{
    private const int Callers = 32;

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    public static TheoryData<int> ShareOfSynchronousCallers => [0, Callers / 2, Callers];

    [Theory]
    [MemberData(nameof(ShareOfSynchronousCallers))]
    public async Task GetOrAdd_ManyCallersAtOnce_RunsOneFactory(int synchronous)
    {
        using var cache = new BoundedCache<int, object>(new() { MaxCount = 10 });
        object[] values = await Task.WhenAll(Ask(cache, synchronous, () => new object())).Soon();
        Assert.Single(values.Distinct());
        Assert.Same(values[0], Assert.Single(cache).Value);
        CacheStatistics s = cache.Statistics;
        Assert.Equal((1, 1, 1, 0, Callers, 0), (_runs, s.Loads, s.Stored, s.Hits, s.Misses, s.LoadFailures));
        cache.Verify();
    }

    [Theory]
    [MemberData(nameof(ShareOfSynchronousCallers))]
    public async Task GetOrAdd_FactoryThrows_ReachesEveryCallerAndLeavesNoTrace(int synchronous)
    {
        using var cache = new BoundedCache<int, object>(new() { MaxBytes = 100_000 });
        long bytes = cache.Bytes;
        foreach (Task<object> caller in Ask(cache, synchronous, () => throw new TimeoutException("factory")))
        {
            Assert.Equal("factory", (await Assert.ThrowsAsync<TimeoutException>(() => caller.Soon())).Message);
        }

        CacheStatistics s = cache.Statistics;
        Assert.Equal((1, 1, 1, 0, 0), (_runs, s.Loads, s.LoadFailures, s.Stored, s.Count));
        Assert.Equal(bytes, cache.Bytes);
        object value = new();
        Assert.Same(value, cache.GetOrAdd(1, _ => value));
        Assert.Same(value, await cache.GetOrAddAsync(1, (_, _) => throw new InvalidOperationException()));
        cache.Verify();
    }

    [Fact]
    public async Task GetOrAddAsync_FactoryThrowsBeforeItsFirstAwait_Fails()
    {
        using var cache = new BoundedCache<int, int>(new() { MaxCount = 10 });
        ValueTask<int> task = cache.GetOrAddAsync(1, (_, _) => throw new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => task.AsTask());
        Assert.Equal(2, await cache.GetOrAddAsync(1, (_, _) => new(2)));
    }

    [Theory]
    [MemberData(nameof(ShareOfSynchronousCallers))]
    public async Task GetOrAdd_ValueThatTheCacheRefuses_IsReturnedToEveryCaller(int synchronous)
    {
        var rejected = new Log<RejectedEntry<int, object>>();
        using var cache = new BoundedCache<int, object>(new() { MaxBytes = 20_000, Rejected = rejected.Add });
        object[] values = await Task.WhenAll(Ask(cache, synchronous, () => new byte[20_000])).Soon();
        Assert.Single(values.Distinct());
        Assert.Equal((1, SetResult.TooLarge), (Assert.Single(rejected.Items).Key, rejected.Items[0].Reason));
        Assert.Equal((1, 0, 1), (_runs, cache.Count, cache.Statistics.RejectedTooLarge));
    }

    [Theory]
    [InlineData("Set", "set")]
    [InlineData("TryRemove", null)]
    [InlineData("TryRemove with value", null)]
    [InlineData("Clear", null)]
    [InlineData("Set refused", "loaded")]
    [InlineData("Set another", "loaded")]
    [InlineData("TryRemove another", "loaded")]
    [InlineData("Trim", "loaded")]
    public async Task GetOrAdd_WhatHappensToTheKeyMeanwhile_IsNewerThanTheValue(string act, string? expected)
    {
        using var cache = new BoundedCache<int, object>(new() { MaxBytes = 20_000 });
        Task<object>[] callers = Ask(cache, Callers / 2, () => "loaded", () => _ = act switch
        {
            "Set" => cache.Set(1, "set").IsStored(),
            "TryRemove" => cache.TryRemove(1),
            "TryRemove with value" => cache.TryRemove(1, out _),
            "Set refused" => cache.Set(1, new byte[20_000]).IsStored(),
            "Set another" => cache.Set(2, "set").IsStored(),
            "TryRemove another" => cache.TryRemove(2),
            "Trim" => cache.Trim(1) > 0,
            _ => Clear(cache),
        });
        Assert.All(await Task.WhenAll(callers).Soon(), value => Assert.Equal("loaded", value));
        Assert.Equal(expected is not null, cache.TryGet(1, out object? value));
        Assert.Equal(expected, value);
        Assert.Equal(act == "Set refused" ? 1 : 0, cache.Statistics.RejectedTooLarge);
        cache.Verify();
    }

    [Fact]
    public async Task GetOrAdd_AfterTheKeyWasRemoved_DoesNotJoinTheOlderLoad()
    {
        using var cache = new BoundedCache<int, string>(new() { MaxCount = 10 });
        var second = new TaskCompletionSource<string>();
        Task<string> older = cache.GetOrAddAsync(1, async (_, _) =>
        {
            await _open.Task;
            return "older";
        }).AsTask();
        cache.TryRemove(1);
        Task<string> newer = cache.GetOrAddAsync(1, (_, _) => new(second.Task)).AsTask();
        Task<string> joined = cache.GetOrAddAsync(1, (_, _) => throw new InvalidOperationException()).AsTask();
        _open.SetResult();
        Assert.Equal("older", await older.Soon());
        Assert.Equal(0, cache.Count);
        second.SetResult("newer");
        Assert.Equal("newer", await newer.Soon());
        Assert.Equal("newer", await joined.Soon());
        Assert.Equal("newer", Assert.Single(cache).Value);
        Assert.Equal(2, cache.Statistics.Loads);
    }

    [Fact]
    public async Task Dispose_WhileLoading_EndsTheLoadAndThrows()
    {
        var made = new TrackedFactory();
        var cache = new BoundedCache<int, Tracked>(new() { MaxCount = 10, DisposeValues = true });
        Task<Tracked> caller = cache.GetOrAddAsync(1, async (key, _) =>
        {
            await _open.Task;
            return made.Make(key);
        }).AsTask();
        cache.Dispose();
        _open.SetResult();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => caller.Soon());
        Assert.Equal(1, Assert.Single(made.Made).Disposals);
        Assert.Equal(0, cache.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Context_DecidesAboutTheEntry(bool isAsync)
    {
        var clock = new ManualTimeProvider();
        using var cache = new BoundedCache<int, string>(new()
        {
            MaxBytes = 100_000,
            MaxWeight = 100,
            Weigher = (_, _) => 1,
            TimeProvider = clock,
            Tiers = { new("hot", TimeSpan.FromMinutes(1)) },
        });
        long before = cache.Bytes;
        await Load(1, (_, context) => context.Entry.Tier = "hot");
        await Load(2, (_, context) => context.Entry.TimeToLive = TimeSpan.FromSeconds(5));
        await Load(3, (_, context) => context.Entry.TimeToIdle = TimeSpan.FromSeconds(5));
        await Load(4, (_, context) => (context.Entry.ValueBytes, context.Entry.Weight) = (10_000, 50));
        await Load(5, (_, context) => context.DoNotCache = true);
        await Load(6, (key, context) => Assert.Equal((6, false, null), (key, context.HasFormerValue, context.FormerValue)));
        Assert.Equal([1, 2, 3, 4, 6], cache.Select(e => e.Key).Order());
        Assert.Equal((1, 54, 0), (cache.UsageOf("hot").Count, cache.Weight, cache.Statistics.RejectedTooLarge));
        Assert.InRange(cache.Bytes - before, 10_000, 11_000);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([1, 4, 6], cache.Select(e => e.Key).Order());
        cache.Verify();

        async Task Load(int key, Action<int, CacheLoadContext<string>> decide)
        {
            string value = isAsync
                ? await cache.GetOrAddAsync(key, async (k, argument, context, _) =>
                {
                    await Task.Yield();
                    decide(k, context);
                    return argument;
                }, "argument")
                : cache.GetOrAdd(key, (k, argument, context) =>
                {
                    decide(k, context);
                    return argument;
                }, "argument");
            Assert.Equal("argument", value);
        }
    }

    [Fact]
    public async Task Context_DoNotCache_HandsTheValueToEveryoneWhoWaits()
    {
        using var cache = new BoundedCache<int, object>(new() { MaxCount = 10 });
        Task<object> first = cache.GetOrAddAsync(1, async (_, open, context, _) =>
        {
            context.DoNotCache = true;
            await open.Task;
            return new object();
        }, _open).AsTask();
        Task<object> second = cache.GetOrAddAsync(1, (_, _) => throw new InvalidOperationException()).AsTask();
        _open.SetResult();
        Assert.Same(await first.Soon(), await second.Soon());
        Assert.Equal((0, 0), (cache.Count, cache.Statistics.Stored));
        Assert.NotSame(await first, cache.GetOrAdd(1, _ => new object()));
    }

    private static bool Clear(BoundedCache<int, object> cache)
    {
        cache.Clear();
        return true;
    }

    /// <summary>Callers who all ask for one key before the factory of the first returns.</summary>
    private Task<object>[] Ask(BoundedCache<int, object> cache, int synchronous, Func<object> factory, Action? meanwhile = null)
    {
        Task<object>[] callers = new Task<object>[Callers];
        for (int i = 0; i < Callers; i++)
        {
            callers[i] = i * synchronous / Callers != (i + 1) * synchronous / Callers // Evenly distributed.
                ? Patience.OnThread(() => cache.GetOrAdd(1, _ =>
                {
                    Interlocked.Increment(ref _runs);
                    _open.Task.Soon().GetAwaiter().GetResult();
                    return factory();
                }))
                : cache.GetOrAddAsync(1, async (_, _) =>
                {
                    Interlocked.Increment(ref _runs);
                    await _open.Task;
                    return factory();
                }).AsTask();
        }

        Patience.Until(() => cache.Statistics.Misses == Callers);
        meanwhile?.Invoke();
        _open.SetResult();
        return callers;
    }
}
