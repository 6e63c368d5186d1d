using BoundedMemory;

const int MB = 1024 * 1024;
bool failed = false;

// 1. Size: how many bytes does this object graph keep alive?
SizeResult size = ObjectSizer.Measure(new { Number = "A-1001", Lines = new[] { ("apple", 3), ("pear", 12) } });
Show("1 size", $"an order with two lines retains {size.Bytes} bytes in {size.Objects} objects ({size.Quality})", size is { Quality: SizeQuality.Exact, Bytes: > 0 });

// 2. Budget: a limit in bytes with a part of it for the reports. What the part uses counts in the whole.
var process = new MemoryBudget(64 * MB, "process");
MemoryBudget reports = process.CreateChild("reports", 16 * MB);
using MemoryReservation room = reports.Reserve(10 * MB);
bool fits = reports.TryReserve(7 * MB);
Show("2 budget", $"{reports.Path} has {reports.Used / MB} of {reports.Limit / MB} MB in use; 7 MB more: {(fits ? "reserved" : "refused")}", !fits && process.Used >= room.Bytes);

// 3. Cache: at most 8 MB, whatever is stored. Keys, values, entries and table are all in it.
using var pages = new BoundedCache<string, byte[]>(new() { Name = "pages", MaxBytes = 8 * MB, Budget = process });
long highest = 0;
for (int i = 0; i < 1000; i++)
{
    _ = pages.GetOrAdd($"/page/{i}", static path => new byte[50_000 + path.Length]);
    highest = Math.Max(highest, pages.Bytes);
    failed |= !pages.TryGet($"/page/{i}", out _);
}
CacheStatistics s = pages.Statistics;
Show("3 cache", $"{s.Stored} pages of 50 KB: {s.Count} kept + {s.Evicted} evicted, at most {highest:N0} of {pages.MaxBytes:N0} bytes", highest is > 7 * MB and <= 8 * MB && s.Stored == s.Count + s.Evicted);

// 4. Tiers: times to live with limits of their own.
TtlTier[] tiers = [new("high", TimeSpan.FromSeconds(60), MaxCount: 30), new("low", TimeSpan.FromSeconds(300), MaxCount: 20)];
using var quotes = new BoundedCache<int, string>(new() { Name = "quotes", MaxBytes = MB, DefaultTier = "low", Tiers = { tiers[0], tiers[1] } });
bool stored = Enumerable.Range(0, 200).All(i => quotes.Set(i, $"quote {i}", new() { Tier = i % 2 == 0 ? "high" : "low" }).IsStored());
Show("4 tiers", $"100 quotes in each tier: {quotes.UsageOf("high").Count} kept for 60 s, {quotes.UsageOf("low").Count} kept for 300 s",
    stored && quotes.UsageOf("high").Count == 30 && quotes.UsageOf("low").Count == 20);

// 5. Lease: a value in use is neither evicted nor disposed.
using var charts = new BoundedCache<string, MemoryStream>(new() { Name = "charts", MaxCount = 2, DisposeValues = true });
using Lease<MemoryStream> today = charts.AcquireOrAdd("today", static _ => new MemoryStream(1000));
bool isUsable = Enumerable.Range(1, 10).All(i => charts.Set($"{i} days ago", new MemoryStream(1000)).IsStored()) && today.Value.CanRead;
Show("5 lease", $"10 newer charts went through a cache of 2; today's, which is leased, is still usable: {isUsable}", isUsable);

// 6. Ring: the newest 1000, oldest first; what is older is gone, or in an archive.
using var trades = new RingBuffer<string>(new() { Name = "trades", MaxCount = 1000, MaxBytes = MB });
int added = Enumerable.Range(0, 10_000).Count(i => trades.Add($"trade {i}") == AddResult.Added);
Show("6 ring", $"{added:N0} trades: {trades.Count:N0} kept, from '{trades[0]}' to '{trades[^1]}', in {trades.Bytes:N0} bytes",
    added == 10_000 && trades.Count == 1000 && trades[0] == "trade 9000" && trades.Bytes <= MB);

// 7. Queue: the writer never waits; while nobody reads, the oldest go.
using var log = new DropOldestQueue<string>(new() { Name = "log", MaxCount = 1000 });
int dropped = Enumerable.Range(0, 36_000).Sum(i => log.Enqueue($"line {i}").Dropped);
bool isRead = log.TryDequeue(out string? line);
Show("7 queue", $"an hour of 10 lines a second while the window is frozen: {dropped:N0} dropped, the next to be read is '{line}'", isRead && line == "line 35000" && dropped == 35_000);

// 8. Hub: one ring for all subscribers; who is too slow is told what he missed.
using var prices = new BroadcastHub<decimal>(new() { Name = "prices", MaxCount = 100 });
using HubSubscription<decimal> slow = prices.Subscribe();
bool all = Enumerable.Range(0, 250).All(i => prices.Publish(i) == AddResult.Added) & slow.TryRead(out HubMessage<decimal> price);
Show("8 hub", $"250 prices for one who did not read: the next is {price.Value}, {price.Missed} were missed", all && price is { Missed: 150, Value: 150 });

// 9. Conversation: ten messages, the newest five with their content, all but the last exchange cut to 200 characters.
using var chat = new ConversationWindow<ConversationMessage>(new() { MaxMessages = 10, FullContentCount = 5, Content = new TextTruncation(200) });
int said = Enumerable.Range(0, 500).Count(i => chat.Append(new(i % 2 == 0 ? MessageRole.User : MessageRole.Assistant, new string('a', 2000))) == AppendResult.Appended);
Show("9 chat", $"{said} messages of 2,000 characters: a request sends {chat.Snapshot().Sum(m => m.Text.Length):N0}, the window takes {chat.Bytes:N0} bytes", said == 500 && chat.Count <= 10);

// 10. Session: what a page leaves behind goes when the user enters another.
using var sessions = new SessionStore(new() { MaxBytes = MB });
using SessionLease user = sessions.Acquire("user-17");
user.EnterScope("walls");
bool isSet = user.Set("walls_data", new double[1000]).IsStored && user.Set("theme", "dark").IsStored && !user.Set("chain", new double[100_000]).IsStored;
Show("10 session", $"on another page {user.EnterScope("flows")} entry has gone, the theme is still {(user.TryGet("theme", out string? theme) ? theme : "?")}", isSet && user.Count == 1);

// 11. Watchdog: looks at the process, and asks for memory before its limit is reached. Start() does so on a thread of its own.
using var watchdog = new MemoryWatchdog(new() { ProcessLimit = 4L * 1024 * MB });
using IDisposable registration = watchdog.Register(pages, guaranteedBytes: 2 * MB);
MemoryPressureLevel level = watchdog.Evaluate();
long given = watchdog.Reclaim(4 * MB);
Show("11 watchdog", $"{watchdog.Sample.ResidentBytes / MB} of 4,096 MB resident, so {level}; asked for 4 MB the cache gives {given:N0} bytes", level == watchdog.Level && given >= 4 * MB);
return failed ? 1 : 0;

void Show(string section, string text, bool holds) => Console.WriteLine($"{section,-11} {((failed |= !holds) && !holds ? "FAILED: " : "")}{text}");
