using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Expired values that are handed out for a while if loading them anew fails.</summary>
public sealed class CacheStaleTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private readonly ManualTimeProvider _clock = new();
    private readonly BoundedCache<int, string> _cache;
    private int _runs;

    public CacheStaleTests()
    {
        _cache = Create(new JumpingClock(_clock));
        _cache.Set(1, "old");
    }

    public static TheoryData<bool> SyncAndAsync => [false, true];

    public void Dispose() => _cache.Dispose();

    [Theory]
    [MemberData(nameof(SyncAndAsync))]
    public async Task GetOrAdd_FactoryThrowsWithinTheWindow_ReturnsTheOldValueAndAfterItTheError(bool isAsync)
    {
        _clock.Advance(10 * Second);
        Assert.Equal("old", await Get(isAsync));
        _clock.Advance(5 * Second - Instant);
        Assert.Equal("old", await Get(isAsync));
        Assert.Equal((2, 2, 2, 2, 0), (_runs, _cache.Statistics.StaleServed, _cache.Statistics.LoadFailures, _cache.Statistics.Misses, _cache.Statistics.Hits));
        _clock.Advance(Instant);
        await Assert.ThrowsAsync<TimeoutException>(() => Get(isAsync));
        Assert.Equal((3, 2), (_runs, _cache.Statistics.StaleServed));
        _cache.Verify();
    }

    [Theory]
    [MemberData(nameof(SyncAndAsync))]
    public async Task GetOrAdd_FactorySucceedsWithinTheWindow_ReplacesTheOldValue(bool isAsync)
    {
        _clock.Advance(12 * Second);
        Assert.Equal("new", await Get(isAsync, "new"));
        Assert.Equal("new", await Get(isAsync));
        Assert.Equal((1, 1, 0), (_runs, _cache.Statistics.Expired, _cache.Statistics.StaleServed));
        _cache.Verify();
    }

    [Fact]
    public async Task OtherReads_WithinTheWindow_DoNotReturnTheOldValue()
    {
        _clock.Advance(10 * Second);
        Assert.False(_cache.TryGet(1, out _));
        Assert.False(_cache.ContainsKey(1));
        Assert.False(_cache.TryAcquire(1, out _));
        Assert.Empty(_cache.GetMany([1]));
        Assert.Empty(_cache);
        Assert.Empty(_cache.Coldest(1));
        Assert.Throws<TimeoutException>(() => _cache.AcquireOrAdd(1, _ => throw new TimeoutException()));
        await Assert.ThrowsAsync<TimeoutException>(() => _cache.AcquireOrAddAsync(1, (_, _) => throw new TimeoutException()).AsTask());
        await Assert.ThrowsAsync<TimeoutException>(() => _cache.GetOrAddManyAsync([1], (_, _) => throw new TimeoutException()).AsTask());
        Assert.Equal("old", await Get(isAsync: true));
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public async Task GetOrAdd_SeveralWait_AllGetTheOldValue()
    {
        _clock.Advance(10 * Second);
        var open = new TaskCompletionSource();
        Task<string> first = _cache.GetOrAddAsync(1, async (_, _) =>
        {
            await open.Task;
            throw new TimeoutException();
        }).AsTask();
        Task<string> second = _cache.GetOrAddAsync(1, (_, _) => throw new InvalidOperationException()).AsTask();
        Task<string> third = Patience.OnThread(() => _cache.GetOrAdd(1, _ => throw new InvalidOperationException()));
        Patience.Until(() => _cache.Statistics.Misses == 3);
        open.SetResult();
        Assert.Equal(["old", "old", "old"], await Task.WhenAll(first, second, third).Soon());
        Assert.Equal((1, 3), (_cache.Statistics.LoadFailures, _cache.Statistics.StaleServed));
    }

    [Fact]
    public async Task GetOrAdd_WindowEndsWhileTheFactoryRuns_Throws()
    {
        _clock.Advance(14 * Second);
        var open = new TaskCompletionSource();
        Task<string> caller = _cache.GetOrAddAsync(1, async (_, _) =>
        {
            await open.Task;
            throw new TimeoutException();
        }).AsTask();
        _clock.Advance(Second);
        open.SetResult();
        await Assert.ThrowsAsync<TimeoutException>(() => caller.Soon());
    }

    [Theory]
    [MemberData(nameof(SyncAndAsync))]
    public async Task Context_OfWhatHasExpired_HasTheFormerValue(bool isAsync)
    {
        _clock.Advance(12 * Second);
        string seen = isAsync
            ? await _cache.GetOrAddAsync(1, (_, _, context, _) => new ValueTask<string>($"{context.HasFormerValue} {context.FormerValue}"), 0)
            : _cache.GetOrAdd(1, (_, _, context) => $"{context.HasFormerValue} {context.FormerValue}", 0);
        Assert.Equal("True old", seen);
    }

    [Fact]
    public void TryRemove_WithinTheWindow_FindsNothingAndRemovesIt()
    {
        _clock.Advance(12 * Second);
        Assert.False(_cache.TryRemove(1));
        Assert.Equal((0, 1, 0), (_cache.Count, _cache.Statistics.Expired, _cache.Statistics.Removed));
        Assert.Throws<TimeoutException>(() => _cache.GetOrAdd(1, _ => throw new TimeoutException()));
    }

    [Fact]
    public void Sweep_RemovesWhatHasExpired_AfterTheWindow()
    {
        using BoundedCache<int, string> cache = Create(_clock);
        cache.Set(1, "old");
        _clock.Advance(14 * Second);
        Assert.Equal((1, 0), (cache.Count, cache.Statistics.Expired));
        _clock.Advance(2 * Second);
        Assert.Equal((0, 1), (cache.Count, cache.Statistics.Expired));
    }

    private static BoundedCache<int, string> Create(TimeProvider clock) =>
        new(new() { MaxBytes = 100_000, TimeToLive = 10 * Second, StaleIfError = 5 * Second, TimeProvider = clock });

    private async Task<string> Get(bool isAsync, string? value = null)
    {
        return isAsync
            ? await _cache.GetOrAddAsync(1, async (_, _) =>
            {
                await Task.Yield();
                return Load();
            }).Soon()
            : _cache.GetOrAdd(1, _ => Load());

        string Load()
        {
            _runs++;
            return value ?? throw new TimeoutException();
        }
    }
}
