using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Values that are loaded anew in the background while everybody still gets the old one.</summary>
public sealed class CacheRefreshTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _clock = new();
    private readonly ManualResetEventSlim _started = new();
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private readonly TrackedFactory _made = new();
    private readonly BoundedCache<int, Tracked> _cache;
    private int _runs;

    public CacheRefreshTests()
    {
        _cache = new(new()
        {
            MaxBytes = 100_000,
            MaxCount = 10,
            RefreshAfter = 10 * Second,
            TimeToLive = 60 * Second,
            TimeProvider = _clock,
            DisposeValues = true,
        });
    }

    public void Dispose()
    {
        _cache.Dispose();
        _started.Dispose();
        _open.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hit_OfAnOldValue_ReturnsItAndLoadsOnceMeanwhile(bool isAsync)
    {
        Tracked old = await Get(isAsync);
        _clock.Advance(10 * Second - TimeSpan.FromMilliseconds(1));
        Assert.Same(old, await Get(isAsync));
        Assert.Equal(1, _runs);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        _open.Reset();
        for (int i = 0; i < 20; i++)
        {
            Assert.Same(old, await Get(isAsync));
        }

        _started.Soon();
        Assert.Same(old, await Get(isAsync));
        Assert.Equal((2, 0), (_runs, old.Disposals));
        _open.Set();
        Patience.Until(() => _cache.Statistics.Replaced == 1);
        Tracked renewed = await Get(isAsync);
        Assert.Equal(2, renewed.Id);
        Patience.Until(() => old.Disposals == 1);
        CacheStatistics s = _cache.Statistics;
        Assert.Equal((2, 1, 1, 23, 0), (s.Loads, s.Refreshes, s.Misses, s.Hits, s.LoadFailures));
        Assert.Equal(0, renewed.Disposals);
        _cache.Verify();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refresh_FactoryThrows_KeepsTheOldValueAndTriesAgainLater(bool isAsync)
    {
        Tracked old = await Get(isAsync);
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            _clock.Advance(10 * Second);
            Assert.Same(old, await Get(isAsync, fails: true));
            Patience.Until(() => _cache.Statistics.LoadFailures == attempt);
            Assert.Same(old, await Get(isAsync, fails: true));
            Assert.Equal((attempt + 1, attempt), (_runs, _cache.Statistics.LoadFailures));
        }

        Assert.Equal((0, 1, 3), (old.Disposals, _cache.Count, _cache.Statistics.Refreshes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refresh_ValueIsNotToBeCached_KeepsTheOldOneAndTriesAgainLater(bool isAsync)
    {
        Tracked old = await Get(isAsync);
        _clock.Advance(10 * Second);
        Assert.Same(old, await Get(isAsync, decide: context => context.DoNotCache = true));
        Patience.Until(() => _made.Made.Count == 2 && _made.Made.Last().IsDisposed);
        Assert.Same(old, await Get(isAsync));
        Assert.Equal((2, 1), (_runs, _cache.Statistics.Stored));
        _clock.Advance(10 * Second);
        Assert.Same(old, await Get(isAsync));
        Patience.Until(() => _cache.Statistics.Replaced == 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refresh_ValueIsRefused_KeepsTheOldOneAndTriesAgainLater(bool isAsync)
    {
        Tracked old = await Get(isAsync);
        _clock.Advance(10 * Second);
        Assert.Same(old, await Get(isAsync, decide: context => context.Entry.ValueBytes = 200_000));
        Patience.Until(() => _cache.Statistics.RejectedTooLarge == 1);
        Patience.Until(() => _made.Made.Last().IsDisposed);
        _clock.Advance(10 * Second);
        Assert.Same(old, await Get(isAsync));
        Patience.Until(() => _cache.Statistics.Replaced == 1);
        Patience.Until(() => old.Disposals == 1);
    }

    [Fact]
    public async Task Refresh_KeyIsWrittenMeanwhile_LeavesWhatWasWritten()
    {
        await Get(isAsync: false);
        _clock.Advance(10 * Second);
        _open.Reset();
        await Get(isAsync: false);
        _started.Soon();
        var written = new Tracked(100);
        _cache.Set(1, written);
        _open.Set();
        Patience.Until(() => _made.Made.Count == 2 && _made.Made.All(value => value.Disposals == 1));
        Assert.Same(written, await Get(isAsync: true));
        Assert.Equal(0, written.Disposals);
        Assert.Equal(2, _cache.Statistics.Stored);
    }

    [Fact]
    public async Task Refresh_KeyIsRemovedMeanwhile_StoresNothing()
    {
        await Get(isAsync: false);
        _clock.Advance(10 * Second);
        _open.Reset();
        await Get(isAsync: false);
        _started.Soon();
        _cache.TryRemove(1);
        _open.Set();
        Patience.Until(() => _made.Made.Count == 2 && _made.Made.All(value => value.Disposals == 1));
        Assert.Equal(0, _cache.Count);
    }

    [Fact]
    public async Task Refresh_ValueExpiresMeanwhile_IsJoinedByThoseWhoMissIt()
    {
        Tracked old = await Get(isAsync: false);
        _clock.Advance(59 * Second);
        _open.Reset();
        Assert.Same(old, await Get(isAsync: false));
        _started.Soon();
        _clock.Advance(1 * Second);
        Task<Tracked> sync = Patience.OnThread(() => _cache.GetOrAdd(1, _ => throw new InvalidOperationException()));
        Task<Tracked> joined = _cache.GetOrAddAsync(1, (_, _) => throw new InvalidOperationException()).AsTask();
        Patience.Until(() => _cache.Statistics.Misses == 3);
        _open.Set();
        Assert.Equal((2, 2), ((await sync.Soon()).Id, (await joined.Soon()).Id));
        Assert.Equal((2, 1), (_cache.Statistics.Loads, _cache.Statistics.Refreshes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refresh_Context_HasTheFormerValue(bool isAsync)
    {
        var seen = new Log<(bool, Tracked?)>();
        void See(CacheLoadContext<Tracked> context) => seen.Add((context.HasFormerValue, context.FormerValue));
        Tracked old = await Get(isAsync, decide: See);
        _clock.Advance(10 * Second);
        await Get(isAsync, decide: See);
        Patience.Until(() => seen.Items.Count == 2);
        Assert.Equal([(false, null), (true, old)], seen.Items);
        Patience.Until(() => _cache.Statistics.Replaced == 1);
    }

    [Fact]
    public void Refresh_ReturnsTheFormerValueNotToBeCached_DoesNotDisposeIt()
    {
        using var meters = new OwnMeters();
        using var reading = new MeterReading(meters.Factory);
        using var cache = new BoundedCache<int, Tracked>(new() { MaxCount = 10, RefreshAfter = Second, TimeProvider = _clock, DisposeValues = true, MeterFactory = meters.Factory });
        Tracked value = cache.GetOrAdd(1, _ => new Tracked());
        _clock.Advance(Second);
        cache.GetOrAdd(1, (_, _, context) =>
        {
            context.DoNotCache = true;
            return context.FormerValue!;
        }, 0);
        int ended = 0;
        Patience.Until(() => (ended += reading.Take().Count(m => m.Instrument == BoundedMemoryInstruments.CacheLoadDuration)) == 2);
        Assert.Same(value, cache.GetOrAdd(1, _ => throw new InvalidOperationException()));
        Assert.Equal(0, value.Disposals);
    }

    [Fact]
    public void Refresh_ReturnsTheFormerValue_RenewsIt()
    {
        using var cache = new BoundedCache<int, object>(new() { MaxCount = 10, RefreshAfter = 10 * Second, TimeToLive = 15 * Second, TimeProvider = _clock });
        object value = cache.GetOrAdd(1, _ => new object());
        _clock.Advance(10 * Second);
        cache.GetOrAdd(1, (_, _, context) => context.FormerValue!, 0);
        Patience.Until(() => cache.Statistics.Replaced == 1);
        _clock.Advance(14 * Second);
        Assert.True(cache.TryGet(1, out object? renewed));
        Assert.Same(value, renewed);
        _clock.Advance(Second);
        Assert.False(cache.TryGet(1, out _));
    }

    [Fact]
    public async Task ReadsThatCannotLoad_BeginNoRefresh()
    {
        Tracked old = await Get(isAsync: false);
        _clock.Advance(20 * Second);
        Assert.True(_cache.TryGet(1, out Tracked? value) && ReferenceEquals(old, value));
        Assert.Same(old, Assert.Single(_cache.GetMany([1])).Value);
        using Lease<Tracked> lease = _cache.AcquireOrAdd(1, _ => throw new InvalidOperationException());
        Assert.Equal((0, 1), (_cache.Statistics.Refreshes, _runs));
    }

    /// <summary>Reads through; each value has the number of its factory's run.</summary>
    private async Task<Tracked> Get(bool isAsync, bool fails = false, Action<CacheLoadContext<Tracked>>? decide = null)
    {
        return isAsync
            ? await _cache.GetOrAddAsync(1, async (_, _, context, _) =>
            {
                await Task.Yield();
                return Load(context);
            }, 0).Soon()
            : _cache.GetOrAdd(1, (_, _, context) => Load(context), 0);

        Tracked Load(CacheLoadContext<Tracked> context)
        {
            int run = Interlocked.Increment(ref _runs);
            decide?.Invoke(context);
            if (run > 1)
            {
                _started.Set();
                _open.Soon();
            }

            return fails ? throw new TimeoutException() : _made.Make(run);
        }
    }
}
