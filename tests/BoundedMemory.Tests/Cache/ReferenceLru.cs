namespace BoundedMemory.Tests.Cache;

/// <summary>The least recently used order as one would write it down: a list, searched.</summary>
internal sealed class ReferenceLru(long maxWeight, long maxCount)
{
    /// <summary>From the least to the most recently used.</summary>
    public List<(int Key, int Value, long Weight)> Entries { get; } = [];

    public long MaxWeight { get; } = maxWeight;

    public long MaxCount { get; set; } = maxCount;

    public long Weight => Entries.Sum(entry => entry.Weight);

    public bool TryGet(int key, out int value)
    {
        int at = Entries.FindIndex(entry => entry.Key == key);
        value = at < 0 ? 0 : Entries[at].Value;
        if (at >= 0)
        {
            (int, int, long) entry = Entries[at];
            Entries.RemoveAt(at);
            Entries.Add(entry);
        }

        return at >= 0;
    }

    public SetResult Set(int key, int value, long weight)
    {
        if (weight > MaxWeight)
        {
            return SetResult.TooLarge;
        }

        bool replaces = Remove(key);
        while (Weight + weight > MaxWeight || Entries.Count + 1 > MaxCount)
        {
            Entries.RemoveAt(0);
        }

        Entries.Add((key, value, weight));
        return replaces ? SetResult.Replaced : SetResult.Added;
    }

    public bool Remove(int key) => Entries.RemoveAll(entry => entry.Key == key) > 0;

    public void Resize(long maxCount)
    {
        MaxCount = maxCount;
        Entries.RemoveRange(0, (int)Math.Max(0, Entries.Count - maxCount));
    }
}
