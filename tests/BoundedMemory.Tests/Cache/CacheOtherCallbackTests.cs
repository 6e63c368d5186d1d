using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Weighers, sizers, factories, the disposal of values and <c>Rejected</c>: under no lock, and without harm if they throw.</summary>
public class CacheOtherCallbackTests
{
    [Fact]
    public void EveryOtherCallback_CallsBackFromAnotherThread_IsNotUnderALock()
    {
        BoundedCache<int, Calling>? cache = null;
        int calls = 0;
        void Use()
        {
            calls++;
            Patience.OnThread(() =>
            {
                cache!.TryGet(1, out _);
                cache.TryRemove(50);
                _ = cache.Coldest(2);
                cache.Trim(0);
                return cache.Count(_ => true);
            }).Soon().GetAwaiter().GetResult();
        }

        cache = new BoundedCache<int, Calling>(new()
        {
            MaxBytes = 100_000,
            MaxWeight = 1000,
            ConcurrencyLevel = 1,
            DisposeValues = true,
            Weigher = (_, _) => Called(1),
            KeySizer = Sizer.Create<int>(_ => Called(0)),
            ValueSizer = Sizer.Create<Calling>(value => Called(value.Bytes)),
            Rejected = _ => Called(0),
        });
        long Called(long result)
        {
            Use();
            return result;
        }

        Assert.Equal(SetResult.Added, cache.Set(1, new Calling(Use)));
        Assert.Equal(3, calls);
        Assert.Equal(SetResult.TooLarge, cache.Set(2, new Calling(Use, 200_000)));
        Assert.Equal(7, calls);
        cache.GetOrAdd(3, _ => new Calling(Use, Called(1)));
        Assert.Equal(11, calls);
        cache.TryRemove(3);
        Assert.Equal(12, calls);
        Assert.Equal(SetResult.Replaced, cache.RefreshCharge(1));
        Assert.Equal(14, calls);
        Assert.Equal(0, cache.Statistics.CallbackFailures);
        cache.Clear();
        Assert.Equal(15, calls);
        cache.Dispose();
    }

    [Fact]
    public void OtherCallbacks_Throw_AreCountedAndChangeNothing()
    {
        using var cache = new BoundedCache<int, Calling>(new()
        {
            MaxBytes = 100_000,
            DisposeValues = true,
            ValueSizer = Sizer.Create<Calling>(value => value.Bytes),
            Rejected = _ => throw new TimeoutException(),
        });
        static void Throw() => throw new TimeoutException();
        Assert.Equal(SetResult.TooLarge, cache.Set(1, new Calling(Throw, 200_000)));
        Assert.Equal(1, cache.Statistics.CallbackFailures);
        cache.Set(1, new Calling(Throw));
        cache.Set(2, new Calling(Throw));
        cache.Set(2, new Calling(Throw));
        Lease<Calling> lease = cache.AcquireOrAdd(1, _ => new Calling(Throw));
        cache.Clear();
        Assert.Equal(3, cache.Statistics.CallbackFailures);
        lease.Dispose();
        Assert.Equal(4, cache.Statistics.CallbackFailures);
        cache.Verify();
    }

    [Fact]
    public void Sizer_ThrowsInTheAuditOfAnotherEntry_IsCountedAndTheStoreSucceeds()
    {
        bool throws = false;
        using var cache = new BoundedCache<int, Calling>(new()
        {
            MaxBytes = 100_000,
            AuditInterval = 1,
            ConcurrencyLevel = 1,
            ValueSizer = Sizer.Create<Calling>(value => throws && value.Bytes == 8 ? throw new TimeoutException() : value.Bytes),
        });
        cache.Set(1, new Calling(() => { }, 8));
        throws = true;
        for (int i = 2; i < 100; i++)
        {
            Assert.Equal(SetResult.Added, cache.Set(i, new Calling(() => { }, 16)));
            cache.TryRemove(i);
        }

        Assert.NotEqual(0, cache.Statistics.CallbackFailures);
        Assert.Equal(1, cache.Count);
        cache.Verify();
    }

    [Fact]
    public void Removed_IsCalledBeforeTheValueIsDisposed()
    {
        var seen = new Log<bool>();
        using var cache = new BoundedCache<int, Tracked>(new() { MaxCount = 1, DisposeValues = true, Removed = e => seen.Add(e.Value.IsDisposed) });
        cache.Set(1, new Tracked());
        cache.Set(2, new Tracked());
        cache.TryRemove(2);
        Assert.Equal([false, false], seen.Items);
    }

    private sealed class Calling(Action disposed, long bytes = 8) : IDisposable
    {
        public long Bytes { get; } = bytes;

        public void Dispose() => disposed();
    }
}
