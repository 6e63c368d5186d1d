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
return 0;

static void Require(bool condition, string complaint)
{
    if (!condition)
    {
        throw new InvalidOperationException($"After trimming, {complaint}.");
    }
}
