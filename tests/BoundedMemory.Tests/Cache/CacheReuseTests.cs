using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Cache;

/// <summary>Entries that are evicted are used again: no garbage, and nobody sees the value of another key.</summary>
public class CacheReuseTests
{
    private static readonly object Payload = new();

    /// <param name="countsBytes">Or entries.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Set_FullCache_AllocatesNothing(bool countsBytes)
    {
        using var cache = new BoundedCache<string, object>(new()
        {
            MaxBytes = countsBytes ? 200_000 : null,
            MaxCount = countsBytes ? null : 1000,
            ValueSizer = Sizer.Create<object>(static _ => 100),
        });
        string[] keys = [.. Enumerable.Range(0, 20_000).Select(i => $"key {i}")];
        long evicted = 0;
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            evicted = cache.Statistics.Evicted;
            allocated = GC.GetAllocatedBytesForCurrentThread();
            foreach (string key in keys)
            {
                cache.Set(key, Payload);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        Assert.True(cache.Statistics.Evicted - evicted > 18_000);
        Assert.InRange(allocated, 0, keys.Length);
        cache.Verify();
    }

    /// <summary>Somebody is told what leaves, or holds it, and must not see it change.</summary>
    [Fact]
    public void Set_SomebodyIsToldWhatLeaves_EveryEntryLeavesWithItsOwnKeyAndValue()
    {
        var left = new Log<RemovedEntry<long, string>>();
        using var cache = new BoundedCache<long, string>(new() { MaxCount = 100, Removed = left.Add });
        for (long key = 0; key < 5000; key++)
        {
            cache.Set(key, key.ToString());
        }

        Assert.Equal(4900, left.Items.Count);
        Assert.All(left.Items, entry => Assert.Equal(entry.Key.ToString(), entry.Value));
        Assert.Equal(4900, left.Items.Select(entry => entry.Key).Distinct().Count());
    }

    [Fact]
    public void Lease_WhileOthersAreEvicted_KeepsItsEntry()
    {
        using var cache = new BoundedCache<long, string>(new() { MaxCount = 100 });
        cache.Set(1, "one");
        Assert.True(cache.TryAcquire(1, out Lease<string>? lease));
        for (long key = 2; key < 5000; key++)
        {
            cache.Set(key, "other");
        }

        Assert.Equal(("one", true), (lease.Value, cache.TryGet(1, out string? value) && value == "one"));
        lease.Dispose();
        cache.Verify();
    }

    [Fact]
    public void Enumerator_EntriesAreEvictedMeanwhile_PairsBelongTogether()
    {
        using var cache = new BoundedCache<long, string>(new() { MaxCount = 1000 });
        for (long key = 0; key < 1000; key++)
        {
            cache.Set(key, key.ToString());
        }

        long next = 1000;
        foreach ((long key, string value) in cache)
        {
            Assert.Equal(key.ToString(), value);
            for (int i = 0; i < 10; i++, next++)
            {
                cache.Set(next, next.ToString());
            }
        }

        Assert.True(next > 2000);
    }

    /// <summary>A value is two words long, so that one that is read while it is written would not fit together either.</summary>
    [Theory]
    [InlineData(64)]
    [InlineData(5000)]
    public void Reads_WhileEntriesAreUsedAgain_FindOnlyWhatWasStoredUnderTheirKey(int count)
    {
        using var cache = new BoundedCache<long, (long Key, long Inverse)>(new() { MaxCount = count });
        using var done = new CancellationTokenSource(Stress.TimeOr(3));
        int keys = 4 * count;
        long hits = 0;
        long wrong = 0;
        void Read(int worker)
        {
            var random = new Random(worker);
            long found = 0;
            long faults = 0;
            for (int i = 0; i % 64 != 0 || !done.IsCancellationRequested; i++)
            {
                long key = random.Next(keys);
                if (cache.TryGet(key, out (long Key, long Inverse) value))
                {
                    found++;
                    faults += value.Key == key && value.Inverse == ~key ? 0 : 1;
                }
            }

            Interlocked.Add(ref hits, found);
            Interlocked.Add(ref wrong, faults);
        }

        void Write(int worker)
        {
            var random = new Random(worker);
            for (int i = 0; i % 64 != 0 || !done.IsCancellationRequested; i++)
            {
                long key = random.Next(keys);
                (long Key, long Inverse) value = random.Next(2) == 0
                    ? cache.GetOrAdd(key, static key => (key, ~key))
                    : cache.GetOrAddAsync(key, static (key, _) => ValueTask.FromResult((key, ~key))).AsTask().GetAwaiter().GetResult();
                Interlocked.Add(ref wrong, value.Key == key && value.Inverse == ~key ? 0 : 1);
                if (random.Next(16) == 0)
                {
                    cache.Set(key, (key, ~key));
                }
                else if (random.Next(64) == 0)
                {
                    cache.TryRemove(key);
                }
            }
        }

        Threaded.Run(() => Read(0), () => Read(1), () => Write(2), () => Write(3));
        Assert.Equal(0, wrong);
        Assert.True(hits > 10_000 && cache.Statistics.Evicted > 10_000, $"{hits} hits over {cache.Statistics.Evicted} evictions prove nothing.");
        cache.Verify();
    }

    /// <summary>Values that grow are measured again, under no lock, while their entries are evicted and used again for smaller ones.</summary>
    [Fact]
    public void Audits_WhileEntriesAreUsedAgain_ChargeEachWithItsOwn()
    {
        using var cache = new BoundedCache<string, byte[][]>(new() { MaxBytes = 300_000, AuditInterval = 1 });
        string[] keys = [.. Enumerable.Range(0, 2000).Select(i => new string('k', 1 + (i % 50)) + i)];
        using var done = new CancellationTokenSource(Stress.TimeOr(2));
        Threaded.Run([.. Enumerable.Range(0, 4).Select(worker => (Action)(() =>
        {
            var random = new Random(worker);
            for (int i = 0; i % 64 != 0 || !done.IsCancellationRequested; i++)
            {
                string key = keys[random.Next(keys.Length)];
                cache.Set(key, [new byte[random.Next(2000)], new byte[random.Next(2000)]]);
                if (random.Next(8) == 0)
                {
                    cache.RefreshCharge(keys[random.Next(keys.Length)]);
                }
            }
        }))]);

        Assert.True(cache.Statistics.Audited > 1000 && cache.Statistics.Evicted > 1000);
        Assert.Equal(0, cache.Statistics.AuditCorrectedBytes);
        cache.Verify();
    }
}
