using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.Tests.Documentation;

/// <summary>The examples of the documentation, with what they need around them. <see cref="ExamplesTests"/> holds the two together.</summary>
internal static partial class Examples
{
    public static async Task RunAll()
    {
        Cache();
        Ring();
        ConcurrentRing();
        await RingWithArchive();
        CacheWithTiers();
        Budget();
        Reservation(new MemoryBudget(20_000_000));
        Size(new Order([new Product("book")]));
        Lease();
        await Readme(new HttpClient(new Pages()) { BaseAddress = new Uri("http://localhost") });
        DependencyInjection(new ServiceCollection());
        await Hub();
        Watchdog();
        await Queue();
        ConflatingQueue();
        Conversation();
        await ConversationStores();
        Sessions();
        Text();
    }

    private static async Task Queue()
    {
        using var lines = new DropOldestQueue<string>(new() { MaxCount = 1000, MaxBytes = 1_000_000 });
        lines.Enqueue("started");
        string line = await lines.DequeueAsync();

        Assert.Equal("started", line);
    }

    private static void ConflatingQueue()
    {
        using var quotes = new DropOldestQueue<Quote>(new() { MaxCount = 1000, ConflateBy = Conflation.By((Quote quote) => quote.Symbol) });

        quotes.Enqueue(new Quote("A", 1));
        quotes.Enqueue(new Quote("A", 2));
        Assert.Equal([new Quote("A", 2)], quotes.Snapshot());
    }

    private static void Cache()
    {
        static byte[] Read(string path) => new byte[path.Length];

        using var cache = new BoundedCache<string, byte[]>(new() { MaxBytes = 10_000_000, TimeToLive = TimeSpan.FromMinutes(5) });
        byte[] page = cache.GetOrAdd("/index.html", path => Read("site" + path));

        Assert.Equal(15, page.Length);
    }

    private static void Ring()
    {
        using var readings = new RingBuffer<double>(new() { MaxCount = 1000 });
        readings.Add(21.5);
        double[] lastHour = readings.Newest(60);

        Assert.Equal([21.5], lastHour);
    }

    private static void ConcurrentRing()
    {
        using var log = new ConcurrentRingBuffer<string>(new() { MaxCount = 1000, MaxBytes = 1_000_000 });
        log.Add("started");
        string[] page = log.Newest(10);

        Assert.Equal(["started"], page);
    }

    private static async Task RingWithArchive()
    {
        string folder = Directory.CreateTempSubdirectory("archive-example").FullName;

        using var archive = new JsonLinesArchive<Trade>(new() { Directory = folder, MaxBytes = 50_000_000 }, TradeJson.Default.Trade);
        using var trades = new RingBuffer<Trade>(new() { MaxCount = 1000, Archive = archive, ArchiveAbove = 500, KeepInMemory = 100 });
        trades.Add(new Trade("ABC", 12.5m));
        trades.Spill();
        await trades.FlushArchiveAsync();
        await foreach (Trade trade in archive.ReadAsync())
            Console.WriteLine(trade);

        Assert.Equal([new Trade("ABC", 12.5m)], archive.Read());
        Directory.Delete(folder, recursive: true);
    }

    private static void CacheWithTiers()
    {
        var options = new BoundedCacheOptions<string, byte[]> { MaxBytes = 10_000_000 };

        options.Tiers.Add(new TtlTier("hot", TimeSpan.FromSeconds(60), MaxCount: 30));
        options.Tiers.Add(new TtlTier("cold", TimeSpan.FromSeconds(300), MaxCount: 20));

        using var cache = new BoundedCache<string, byte[]>(options);
        Assert.Equal((0, 0), cache.UsageOf("hot"));
    }

    private static void Budget()
    {
        var process = new MemoryBudget(400 * 1024 * 1024, "process");
        MemoryBudget reports = process.CreateChild("reports", 100 * 1024 * 1024);
        using MemoryReservation room = reports.Reserve(8 * 1024 * 1024);

        Assert.Equal(8 * 1024 * 1024, reports.Used);
    }

    private static void Reservation(MemoryBudget budget)
    {
        static byte[] Download() => [1];

        using MemoryReservation room = budget.Reserve(16 * 1024 * 1024); // before the load, not after it
        byte[] report = Download();

        Assert.Single(report);
    }

    private static void Size(Order order)
    {
        Sizer<Order> sizer = ObjectSizer.For<Order>();
        SizeResult size = sizer.Measure(order);
        if (size.Quality == SizeQuality.CapHit)
            Console.WriteLine($"An order leads to {size.StoppedAtType} by {size.StoppedAtPath}: mark what it does not own.");

        Assert.Equal(SizeQuality.Exact, size.Quality);
    }

    private static void Lease()
    {
        using var cache = new BoundedCache<string, Bitmap>(new() { MaxCount = 10, DisposeValues = true });
        cache.Set("chart", new Bitmap());
        int drawn = 0;
        void Draw(Bitmap bitmap) => drawn += bitmap.IsDisposed ? 0 : 1;

        if (cache.TryAcquire("chart", out Lease<Bitmap>? lease))
        {
            using (lease)
            {
                Draw(lease.Value);
            }
        }

        Assert.Equal(1, drawn);
    }

    private static async Task Readme(HttpClient http)
    {
        using var cache = new BoundedCache<string, byte[]>(new()
        {
            MaxBytes = 10_000_000,                     // on the heap: entries, keys, values and the table
            TimeToLive = TimeSpan.FromMinutes(5),
            Removed = entry => Console.WriteLine($"{entry.Key} left: {entry.Cause}, {entry.Bytes} bytes"),
        });

        byte[] page = await cache.GetOrAddAsync("/index.html", async (path, cancel) => await http.GetByteArrayAsync(path, cancel));
        Console.WriteLine($"{page.Length} bytes; {cache.Bytes} of {cache.MaxBytes} in use; {cache.Statistics.HitRatio:P0} hits");

        Assert.Equal(4, page.Length);
    }

    private static void DependencyInjection(IServiceCollection services)
    {
        services.AddBoundedCache<string, byte[]>("pages", options => options.MaxBytes = 50_000_000);

        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal("pages", ActivatorUtilities.CreateInstance<CachedPages>(provider).Name);
    }

    private sealed record Order(List<Product> Lines);

    private sealed record Product(string Name);

    internal sealed record Trade(string Symbol, decimal Price);

    private sealed record Table(double[] Cells);

    private sealed class Row(Table table, string name)
    {
        [NotOwned] private readonly Table _table = table; // shared by all rows: whoever caches the table pays for it
        private readonly string _name = name;

        public string Title => $"{_name}, {_table.Cells.Length} cells";
    }

    private sealed class Bitmap : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class CachedPages([FromKeyedServices("pages")] BoundedCache<string, byte[]> cache)
    {
        public string Name => cache.Name;
    }

    private sealed class Pages : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new ByteArrayContent([1, 2, 3, 4]) });
    }
}

[JsonSerializable(typeof(Examples.Trade))]
internal sealed partial class TradeJson : JsonSerializerContext;
