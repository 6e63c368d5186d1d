using System.Diagnostics.Metrics;
using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>
/// Creates, uses and gives up very many caches, and looks for what they have left behind: instruments, sources of metrics, objects, heap.
/// Argument: how many caches of each kind.
/// </summary>
internal static class CacheLeaks
{
    private static readonly MemoryBudget Budget = new(1_000_000_000, "root");

    private static readonly (string Name, Func<BoundedCacheOptions<int, object>> Options)[] Kinds =
    [
        ("plain", () => new() { MaxCount = 10 }),
        ("bytes, named", () => new() { MaxBytes = 100_000, Name = Guid.NewGuid().ToString() }),
        ("expiring", () => new() { MaxCount = 10, TimeToLive = TimeSpan.FromMinutes(1) }),
        ("sharing a budget", () => new() { Budget = Budget, Policy = EvictionPolicy.Lru }),
    ];

    public static int Run(int caches)
    {
        int instruments = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (_, _) => Interlocked.Increment(ref instruments);
        listener.Start();
        bool holds = true;
        foreach ((string name, Func<BoundedCacheOptions<int, object>> options) in Kinds)
        {
            Compare(name, "warm-up", 100, options, OneByOne(dispose: true));
            holds &= Compare(name, "disposed", caches, options, OneByOne(dispose: true));
            holds &= Compare(name, "dropped", caches / 10, options, OneByOne(dispose: false));
            holds &= Compare(name, "disposed together", caches / 10, options, Together);
        }

        return holds ? 0 : 1;

        bool Compare(string name, string way, int count, Func<BoundedCacheOptions<int, object>> options, Action<int, Func<BoundedCacheOptions<int, object>>, List<WeakReference>> use)
        {
            int published = instruments;
            var samples = new List<WeakReference>(count / 100);
            long before = Heap.Bytes();
            use(count, options, samples);
            long left = Heap.Bytes() - before;
            int alive = samples.Count(sample => sample.IsAlive);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"leaks;{name};{way};{count};{left};{alive};{samples.Count};{instruments - published};{Sources()};{Budget.Used}"));
            return alive == 0 && left <= 64 * 1024;
        }
    }

    /// <summary>Caches that the meter still reports.</summary>
    private static int Sources()
    {
        int sources = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == BoundedMemoryInstruments.CacheStores)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => sources++);
        listener.Start();
        listener.RecordObservableInstruments();
        return sources;
    }

    private static Action<int, Func<BoundedCacheOptions<int, object>>, List<WeakReference>> OneByOne(bool dispose) => (count, options, samples) =>
    {
        for (int i = 0; i < count; i++)
        {
            BoundedCache<int, object> cache = Use(options);
            if (i % 100 == 0)
                samples.Add(new WeakReference(cache));
            if (dispose)
                cache.Dispose();
            else if (i % 100 == 0)
                Heap.Collect();
        }
    };

    private static void Together(int count, Func<BoundedCacheOptions<int, object>> options, List<WeakReference> samples)
    {
        BoundedCache<int, object>[] caches = [.. Enumerable.Range(0, count).Select(_ => Use(options))];
        samples.AddRange(caches.Where((_, i) => i % 100 == 0).Select(cache => new WeakReference(cache)));
        foreach (BoundedCache<int, object> cache in caches)
            cache.Dispose();
    }

    private static BoundedCache<int, object> Use(Func<BoundedCacheOptions<int, object>> options)
    {
        var cache = new BoundedCache<int, object>(options());
        cache.Set(1, new byte[100]);
        cache.GetOrAdd(2, key => key);
        return cache;
    }
}
