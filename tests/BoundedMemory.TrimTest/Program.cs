// Uses a bit of everything after trimming; each line fails loudly if the linker took something away.
using BoundedMemory;
using Microsoft.Extensions.DependencyInjection;

using ServiceProvider services = new ServiceCollection()
    .AddMemoryBudget(100_000_000)
    .AddBoundedCache<string, List<string>>("lists", options =>
    {
        options.MaxBytes = 1_000_000;
        options.Tiers.Add(new TtlTier("hot", TimeSpan.FromMinutes(1), MaxCount: 10));
    })
    .BuildServiceProvider();
var cache = services.GetRequiredService<BoundedCache<string, List<string>>>();
for (int i = 0; i < 10_000; i++)
{
    Require(cache.Set($"key {i}", [$"value {i}", "and another"], new CacheEntryOptions { Tier = i % 100 == 0 ? "hot" : null }).IsStored(), "a value was refused");
}

Require(cache.Bytes is > 900_000 and <= 1_000_000, $"{cache.Bytes} bytes are in use");
Require(cache.UsageOf("hot").Count <= 10, "a tier is over its limit");
Require((await cache.GetOrAddAsync("key", async (key, cancel) => await Task.FromResult<List<string>>([key]))).Count == 1, "nothing was loaded");
Require(ObjectSizer.Measure(new List<string> { "a", "b" }).Quality == SizeQuality.Exact, "a list was not measured");
Console.WriteLine($"Trimmed: {cache.Count} entries in {cache.Bytes} bytes.");

using var shared = new MemoryBudget(5_000_000, "shared");
using MemoryBudget child = shared.CreateChild("child", 4_000_000, guaranteedBytes: 2_000_000);
using var pages = new BoundedCache<int, byte[]>(new() { MaxBytes = 3_500_000, Budget = child });
for (int i = 0; i < 1000; i++)
{
    Require(pages.Set(i, new byte[5000]).IsStored(), "a page was refused");
}

Require(pages.Bytes > 3_000_000, $"{pages.Bytes} bytes of pages are in use");
Require(shared.TryReserve(2_800_000), "a full budget asked nobody");
Require(!shared.TryReserve(1_000_000), "a budget gave what is guaranteed to its child");
Require(pages.Bytes is >= 2_000_000 and <= 2_200_000, $"{pages.Bytes} bytes of pages are left");
Console.WriteLine($"Trimmed: {pages.Bytes} bytes of pages, {child.GuaranteedBytes} guaranteed.");

int changes = 0;
using var watchdog = new MemoryWatchdog(new() { ProcessLimit = 1 << 24 });
using IDisposable registration = watchdog.Register(pages);
using IDisposable listening = watchdog.OnLevelChanged(_ => changes++);
MemoryPressureLevel level = watchdog.Evaluate();
MemorySample sample = watchdog.Sample;
Require(level == MemoryPressureLevel.Abort && watchdog.Level == level && changes == 1, $"the level is {level} after {changes} changes");
Require(sample is { Term: UtilizationTerm.Process, ResidentBytes: > 1 << 24, HeapBytes: > 0 }, $"the sample is {sample}");
Require(watchdog.Reclaim(100_000) >= 100_000 || pages.Count == 0, "the watchdog asked nobody");
watchdog.Start();
watchdog.Dispose();
Console.WriteLine($"Trimmed: {level}, at {sample.Utilization:P0} of the limit ({sample.Term}).");
return 0;

static void Require(bool condition, string complaint)
{
    if (!condition)
    {
        throw new InvalidOperationException($"After trimming, {complaint}.");
    }
}
