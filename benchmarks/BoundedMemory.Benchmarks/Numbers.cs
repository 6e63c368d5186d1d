namespace BoundedMemory.Benchmarks;

/// <summary>Keys for the benchmarks: as many as fit a processor's cache, visited one after the other by index, so that no operation repeats the last.</summary>
internal static class Numbers
{
    /// <summary>A power of two.</summary>
    public const int Count = 1024;

    public static readonly long[] Longs = [.. Enumerable.Range(1, Count).Select(Scrambled)];

    public static readonly Guid[] Guids = [.. Longs.Select(n => new Guid((int)n, (short)n, (short)(n >> 16), BitConverter.GetBytes(n)))];

    /// <summary>18 characters; new instances, so that a look-up has to compare characters.</summary>
    public static string[] Strings() => [.. Longs.Select(n => $"user:{n & 0xF_FFFF_FFFF_FFFF:x13}")];

    /// <summary>Fills a cache and returns it.</summary>
    public static BoundedCache<TKey, object> Filled<TKey>(TKey[] keys, Action<BoundedCacheOptions<TKey, object>>? configure = null)
        where TKey : notnull
    {
        var options = new BoundedCacheOptions<TKey, object> { MaxCount = 2 * Count };
        configure?.Invoke(options);
        var cache = new BoundedCache<TKey, object>(options);
        foreach (TKey key in keys)
        {
            cache.Set(key, new object());
        }

        return cache;
    }

    /// <summary>Consecutive numbers would flatter a hash that is the number itself.</summary>
    private static long Scrambled(int number) => unchecked(number * (long)0x9E3779B97F4A7C15);
}
