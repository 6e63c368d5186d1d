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
using MemoryReservation room = reports.Reserve(10 * MB);
bool fits = reports.TryReserve(7 * MB);
Show("2 budget", $"{reports.Path} has {reports.Used / MB} of {reports.Limit / MB} MB in use; 7 MB more: {(fits ? "reserved" : "refused")}");
Check(!fits && process.Used >= room.Bytes, "a budget refuses what does not fit, and a parent counts what its child uses");

// 3. Cache: at most 8 MB, whatever is stored. Keys, values, entries and table are all in it.
using var pages = new BoundedCache<string, byte[]>(new() { Name = "pages", MaxBytes = 8 * MB, Budget = process });
long highest = 0;
for (int i = 0; i < 1000; i++)
{
    _ = pages.GetOrAdd($"/page/{i}", static path => new byte[50_000 + path.Length]);
    highest = Math.Max(highest, pages.Bytes);
    Check(pages.TryGet($"/page/{i}", out _), "a new entry is there when you look for it, full or not");
}

CacheStatistics s = pages.Statistics;
Show("3 cache", $"{s.Stored} pages of 50 KB: {s.Count} kept + {s.Evicted} evicted, never more than {highest:N0} of {pages.MaxBytes:N0} bytes");
Check(highest is > 7 * MB and <= 8 * MB && s.Stored == s.Count + s.Evicted, "a cache uses the room it has, no more, and counts what leaves");

// 4. Tiers: times to live with limits of their own.
var options = new BoundedCacheOptions<int, string> { Name = "quotes", MaxBytes = MB, DefaultTier = "low" };
options.Tiers.Add(new TtlTier("high", TimeSpan.FromSeconds(60), MaxCount: 30));
options.Tiers.Add(new TtlTier("low", TimeSpan.FromSeconds(300), MaxCount: 20));
using var quotes = new BoundedCache<int, string>(options);
bool stored = Enumerable.Range(0, 200).All(i => quotes.Set(i, $"quote {i}", new() { Tier = i % 2 == 0 ? "high" : "low" }).IsStored());
Show("4 tiers", $"100 quotes in each tier: {quotes.UsageOf("high").Count} kept for 60 s, {quotes.UsageOf("low").Count} kept for 300 s");
Check(stored && quotes.UsageOf("high").Count == 30 && quotes.UsageOf("low").Count == 20, "a tier keeps its own limit");

// 5. Lease: a value in use is neither evicted nor disposed.
using var charts = new BoundedCache<string, MemoryStream>(new() { Name = "charts", MaxCount = 2, DisposeValues = true });
Lease<MemoryStream> today = charts.AcquireOrAdd("today", static _ => new MemoryStream(1000));
bool isUsable = Enumerable.Range(1, 10).All(i => charts.Set($"{i} days ago", new MemoryStream(1000)).IsStored()) && today.Value.CanRead;
Show("5 lease", $"10 newer charts went through a cache of 2; today's, which is leased, is still usable: {isUsable}");
Check(isUsable, "a leased value stays, and the others move around it");
today.Dispose();

// 6. Ring: the newest 1000, oldest first; what is older is gone, or in an archive.
using var trades = new RingBuffer<string>(new() { Name = "trades", MaxCount = 1000, MaxBytes = MB });
int added = Enumerable.Range(0, 10_000).Count(i => trades.Add($"trade {i}") == AddResult.Added);
Show("6 ring", $"{added:N0} trades: {trades.Count:N0} kept, from '{trades[0]}' to '{trades[^1]}', in {trades.Bytes:N0} bytes");
Check(added == 10_000 && trades.Count == 1000 && trades[0] == "trade 9000" && trades.Bytes <= MB, "a ring keeps the newest");

// 7. Queue: the writer never waits; while nobody reads, the oldest go.
using var log = new DropOldestQueue<string>(new() { Name = "log", MaxCount = 1000 });
int dropped = Enumerable.Range(0, 36_000).Sum(i => log.Enqueue($"line {i}").Dropped);
bool isRead = log.TryDequeue(out string? line);
Show("7 queue", $"an hour of 10 lines a second while the window is frozen: {dropped:N0} dropped, the next to be read is '{line}'");
Check(isRead && line == "line 35000" && dropped == 35_000, "a queue drops the oldest, and says so");

// 8. Hub: one ring for all subscribers; who is too slow is told what he missed.
using var prices = new BroadcastHub<decimal>(new() { Name = "prices", MaxCount = 100 });
using HubSubscription<decimal> slow = prices.Subscribe();
bool all = Enumerable.Range(0, 250).All(i => prices.Publish(i) == AddResult.Added);
Check(slow.TryRead(out HubMessage<decimal> price) && all && price is { Missed: 150, Value: 150 }, "a gap is told, not hidden");
Show("8 hub", $"250 prices for one who did not read: the next is {price.Value}, {price.Missed} were missed");
return failed ? 1 : 0;

static void Show(string section, string text) => Console.WriteLine($"{section,-10} {text}");

void Check(bool holds, string promise) => Console.Write((failed |= !holds) && !holds ? $"FAILED: {promise}\n" : "");

internal sealed record Line(string Product, int Quantity);
internal sealed record Order(string Number, List<Line> Lines);
