using BoundedMemory;

const int MB = 1024 * 1024;
bool failed = false;

// 1. Size: how many bytes does this object graph keep alive?
var order = new Order("A-1001", [new Line("apple", 3), new Line("pear", 12)]);
SizeResult size = ObjectSizer.Measure(order);
Show("1 size", $"an order with two lines retains {size.Bytes} bytes in {size.Objects} objects ({size.Quality})");
Check(size is { Quality: SizeQuality.Exact, Bytes: > 0 }, "an object graph is measured exactly");

// 2. Budget: a limit in bytes with a part of it for the reports. What the part uses counts in the whole.
var process = new MemoryBudget(64 * MB, "process");
MemoryBudget reports = process.CreateChild("reports", 16 * MB);
using (MemoryReservation room = reports.Reserve(10 * MB))
{
    bool fits = reports.TryReserve(7 * MB);
    Show("2 budget", $"{reports.Path} has {reports.Used / MB} of {reports.Limit / MB} MB in use; 7 MB more: {(fits ? "reserved" : "refused")}");
    Check(!fits && process.Used >= room.Bytes, "a budget refuses what does not fit, and a parent counts what its child uses");
}

Check(reports.Used == 0, "a reservation that ends gives its bytes back");

// 3. Cache: at most 8 MB, whatever is stored. Keys, values, entries and table are all in it.
using var pages = new BoundedCache<string, byte[]>(new() { Name = "pages", MaxBytes = 8 * MB, Budget = process });
long highest = 0;
for (int i = 0; i < 1000; i++)
{
    byte[] page = pages.GetOrAdd($"/page/{i}", static path => new byte[50_000 + path.Length]);
    highest = Math.Max(highest, pages.Bytes);
    Check(page.Length > 50_000 && pages.TryGet($"/page/{i}", out _), "a new entry is there when you look for it, full or not");
}

Show("3 cache", $"1000 pages of 50 KB: {pages.Count} kept, never more than {highest:N0} of {pages.MaxBytes:N0} bytes");
Check(highest is > 7 * MB and <= 8 * MB, "a cache uses the room it has, and no more");

// 4. Tiers: times to live with limits of their own.
var options = new BoundedCacheOptions<int, string> { Name = "quotes", MaxBytes = MB, DefaultTier = "low" };
options.Tiers.Add(new TtlTier("high", TimeSpan.FromSeconds(60), MaxCount: 30));
options.Tiers.Add(new TtlTier("low", TimeSpan.FromSeconds(300), MaxCount: 20));
using var quotes = new BoundedCache<int, string>(options);
for (int i = 0; i < 100; i++)
{
    quotes.Set(i, $"quote {i}");
    quotes.Set(1000 + i, $"quote {1000 + i}", new() { Tier = "high" });
}

Show("4 tiers", $"100 quotes in each tier: {quotes.UsageOf("high").Count} kept for 60 s, {quotes.UsageOf("low").Count} kept for 300 s");
Check(quotes.UsageOf("high").Count == 30 && quotes.UsageOf("low").Count == 20, "a tier keeps its own limit");

// 5. Lease: a value in use is neither evicted nor disposed.
using var charts = new BoundedCache<string, MemoryStream>(new() { Name = "charts", MaxCount = 2, DisposeValues = true });
MemoryStream today;
using (Lease<MemoryStream> lease = charts.AcquireOrAdd("today", static _ => new MemoryStream(1000)))
{
    today = lease.Value;
    int stored = Enumerable.Range(1, 10).Count(i => charts.Set($"{i} days ago", new MemoryStream(1000)).IsStored());
    bool removed = charts.ContainsKey("today") && charts.TryRemove("today");
    Show("5 lease", $"10 newer charts went through a cache of 2, then today's was removed: still usable: {today.CanRead}");
    Check(stored == 10 && removed && today.CanRead, "a leased value stays, is usable, and the others move around it");
}

Check(!today.CanRead, "a value that has left is disposed when its last lease ends");

// 6. Statistics: nothing leaves in silence.
CacheStatistics s = pages.Statistics;
Show("6 statistics", $"{s.Stored} stored = {s.Count} kept + {s.Evicted} evicted; {s.HitRatio:P0} hits; {s.Utilization:P1} full");
Check(s.Stored == s.Count + s.Evicted && s.Hits == 1000 && s.Misses == 1000, "what was stored is kept, or has left with a cause");
return failed ? 1 : 0;

static void Show(string section, string text) => Console.WriteLine($"{section,-13} {text}");

void Check(bool holds, string promise)
{
    failed |= !holds;
    Console.Write(holds ? "" : $"FAILED: {promise}\n");
}

internal sealed record Line(string Product, int Quantity);
internal sealed record Order(string Number, List<Line> Lines);
