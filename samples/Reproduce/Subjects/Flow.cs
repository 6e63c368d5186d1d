using System.Text.Json.Serialization;
using BoundedMemory;

namespace Reproduce;

/// <summary>What came into a subject, and what became of it.</summary>
/// <param name="Entered">Things that came in.</param>
/// <param name="Kept">Things that are there.</param>
/// <param name="Left">Things that left, by cause.</param>
/// <param name="Refused">Things that were not let in.</param>
internal sealed record Flow(long Entered, long Kept, IReadOnlyDictionary<string, long> Left, long Refused = 0)
{
    [JsonIgnore]
    public long LeftInAll => Left.Values.Sum();

    public long? LeftBy(string cause) => Left.TryGetValue(cause, out long left) ? left : null;

    public static Flow Of(CacheStatistics cache) => new(
        cache.Stored,
        cache.Count,
        new Dictionary<string, long>
        {
            ["evicted"] = cache.Evicted,
            ["expired"] = cache.Expired,
            ["trimmed"] = cache.Trimmed,
            ["replaced"] = cache.Replaced,
            ["removed"] = cache.Removed,
            ["cleared"] = cache.Cleared,
        },
        cache.RejectedTooLarge + cache.RejectedOverBudget + cache.RejectedSizeUnknown);
}
