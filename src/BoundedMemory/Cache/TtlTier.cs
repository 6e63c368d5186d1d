namespace BoundedMemory;

/// <summary>A named time to live with limits of its own, as exact as the cache's.</summary>
/// <param name="Name">Name, unique in the cache; entries choose it by <see cref="CacheEntryOptions.Tier"/>.</param>
/// <param name="TimeToLive">How long its entries live after they were written: 1 ms to 36,525 days.</param>
/// <param name="MaxCount">Entries it may hold; at least 1. Null: only the cache's limits hold.</param>
/// <param name="MaxBytes">Bytes its entries, with their keys and values, may be charged with; at least 1. Null: only the cache's limits hold.</param>
/// <example>
/// <code>
/// options.Tiers.Add(new TtlTier("hot", TimeSpan.FromSeconds(60), MaxCount: 30));
/// options.Tiers.Add(new TtlTier("cold", TimeSpan.FromSeconds(300), MaxCount: 20));
/// </code>
/// </example>
public sealed record TtlTier(string Name, TimeSpan TimeToLive, long? MaxCount = null, long? MaxBytes = null);
