using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>A caller who cancels ends his waiting; the last one ends the load.</summary>
public sealed class CacheLoadCancellationTests : IDisposable
{
    private readonly TrackedFactory _made = new();
    private readonly BoundedCache<int, Tracked> _cache = new(new() { MaxCount = 10, DisposeValues = true });
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _first = new();
    private readonly CancellationTokenSource _second = new();
    private CancellationToken _seen;

    public void Dispose()
    {
        _cache.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task OnlyCaller_Cancels_CancelsTheFactoryAndLeavesNoTrace()
    {
        Task<Tracked> caller = _cache.GetOrAddAsync(1, (key, token) => LoadAsync(key, token), _first.Token).AsTask();
        _first.Cancel();
        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.Soon());
        Assert.Equal(_first.Token, thrown.CancellationToken);
        Assert.True(_seen.IsCancellationRequested);
        Assert.Equal((0, 0), (_cache.Count, _cache.Statistics.Stored));
        _open.SetResult();
        Assert.Equal(2, (await _cache.GetOrAddAsync(1, (_, _) => new(_made.Make(2)))).Id);
        Patience.Until(() => _cache.Statistics.LoadFailures == 1);
        _cache.Verify();
    }

    [Fact]
    public async Task FirstOfTwoCallers_Cancels_TheOtherGetsTheValue()
    {
        Task<Tracked> first = _cache.GetOrAddAsync(1, (key, token) => LoadAsync(key, token), _first.Token).AsTask();
        Task<Tracked> second = _cache.GetOrAddAsync(1, (_, _) => throw new InvalidOperationException(), _second.Token).AsTask();
        _first.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Soon());
        Assert.False(_seen.IsCancellationRequested);
        _open.SetResult();
        Assert.Same(await second.Soon(), Assert.Single(_cache).Value);
        Assert.False((await second).IsDisposed);
    }

    [Fact]
    public async Task LastOfTwoCallers_Cancels_CancelsTheFactory()
    {
        Task<Tracked> first = _cache.GetOrAddAsync(1, (key, token) => LoadAsync(key, token), _first.Token).AsTask();
        Task<Tracked> second = _cache.GetOrAddAsync(1, (_, _) => throw new InvalidOperationException(), _second.Token).AsTask();
        _second.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Soon());
        Assert.False(_seen.IsCancellationRequested);
        _first.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Soon());
        Assert.True(_seen.IsCancellationRequested);
    }

    [Fact]
    public async Task SynchronousCallerJoined_StarterCancels_TheLoadGoesOn()
    {
        Task<Tracked> first = _cache.GetOrAddAsync(1, (key, token) => LoadAsync(key, token), _first.Token).AsTask();
        Task<Tracked> second = Patience.OnThread(() => _cache.GetOrAdd(1, _ => throw new InvalidOperationException()));
        Patience.Until(() => _cache.Statistics.Misses == 2);
        _first.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Soon());
        Assert.False(_seen.IsCancellationRequested);
        _open.SetResult();
        Assert.Equal(1, (await second.Soon()).Id);
    }

    [Fact]
    public async Task StarterThatCannotCancel_JoinedCallerCancels_EndsItsOwnWaitingOnly()
    {
        Task<Tracked> first = _cache.GetOrAddAsync(1, (key, token) => LoadAsync(key, token)).AsTask();
        Task<Tracked> second = _cache.GetOrAddAsync(1, (_, _) => throw new InvalidOperationException(), _second.Token).AsTask();
        _second.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Soon());
        Assert.False(_seen.CanBeCanceled);
        _open.SetResult();
        Assert.Equal(1, (await first.Soon()).Id);
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public async Task FactoryThatIgnoresItsToken_ValueComesTooLate_IsDisposedAndNotStored()
    {
        Task<Tracked> caller = _cache.GetOrAddAsync(1, (key, token) => LoadAsync(key, token, obeys: false), _first.Token).AsTask();
        _first.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.Soon());
        Tracked other = await _cache.GetOrAddAsync(1, (_, _) => new(_made.Make(2)));
        _open.SetResult();
        Patience.Until(() => _made.Made.Any(value => value.Id == 1 && value.IsDisposed));
        Assert.Equal((other, 0), (Assert.Single(_cache).Value, other.Disposals));
        _cache.Dispose();
        Assert.All(_made.Made, value => Assert.Equal(1, value.Disposals));
    }

    [Fact]
    public async Task LeaseThatIsCancelled_ValueComesTooLate_IsDisposedAndNotStored()
    {
        Task<Lease<Tracked>> caller = _cache.AcquireOrAddAsync(1, (key, token) => LoadAsync(key, token, obeys: false), _first.Token).AsTask();
        _first.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.Soon());
        _open.SetResult();
        Patience.Until(() => _made.Made.Any(value => value.IsDisposed));
        Assert.Equal((0, 0), (_cache.Count, _cache.Statistics.Leases));
    }

    [Fact]
    public async Task CancelledBeforehand_AHitIsReturnedAndAMissIsNotLoaded()
    {
        _first.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.GetOrAddAsync(1, (key, _) => new(_made.Make(key)), _first.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.AcquireOrAddAsync(1, (key, _) => new(_made.Make(key)), _first.Token).AsTask());
        Assert.Empty(_made.Made);
        Assert.Equal(0, _cache.Statistics.Loads);
        var value = new Tracked();
        _cache.Set(1, value);
        Assert.Same(value, await _cache.GetOrAddAsync(1, (key, _) => new(_made.Make(key)), _first.Token));
    }

    [Fact]
    public async Task FactoryThatCancelsItself_IsAFailureForEveryCaller()
    {
        Task<Tracked> first = _cache.GetOrAddAsync(1, async (_, _) =>
        {
            await _open.Task;
            throw new TaskCanceledException("factory");
        }, _first.Token).AsTask();
        Task<Tracked> second = _cache.GetOrAddAsync(1, (_, _) => throw new InvalidOperationException()).AsTask();
        _open.SetResult();
        Assert.Equal("factory", (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Soon())).Message);
        Assert.Equal("factory", (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Soon())).Message);
        Assert.Equal(1, _cache.Statistics.LoadFailures);
    }

    [Fact]
    public async Task CallbackOfTheFactorysToken_Throws_IsCountedAndReachesNobody()
    {
        Task<Tracked> caller = _cache.GetOrAddAsync(1, (key, token) =>
        {
            token.Register(() => throw new TimeoutException());
            return LoadAsync(key, token, obeys: false);
        }, _first.Token).AsTask();
        _first.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.Soon());
        Assert.Equal(1, _cache.Statistics.CallbackFailures);
        _open.SetResult();
    }

    private async ValueTask<Tracked> LoadAsync(int key, CancellationToken token, bool obeys = true)
    {
        _seen = token;
        await (obeys ? _open.Task.WaitAsync(token) : _open.Task);
        return _made.Make(key);
    }
}
