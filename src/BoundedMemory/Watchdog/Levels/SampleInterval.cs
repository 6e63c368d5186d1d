namespace BoundedMemory;

/// <summary>When to look again: before half of the way to the next level can have been gone.</summary>
internal static class SampleInterval
{
    /// <summary>What an idle process may begin to allocate at any moment, bytes per second.</summary>
    private const double SuddenGrowth = 64e6;

    private static readonly TimeSpan UnderPressure = TimeSpan.FromSeconds(1);

    /// <param name="options">The thresholds, the shortest and the longest interval.</param>
    /// <param name="level">The level now.</param>
    /// <param name="utilization">Null: unknown.</param>
    /// <param name="limit">The nearest limit, bytes; 0 without one.</param>
    /// <param name="resident">For thresholds in bytes.</param>
    /// <param name="growth">Part of the limit per second.</param>
    public static TimeSpan Next(MemoryWatchdogOptions options, MemoryPressureLevel level, double? utilization, long limit, long? resident, double growth)
    {
        if (level >= MemoryPressureLevel.Critical || utilization is null)
        {
            return options.MinInterval;
        }

        double headroom = double.PositiveInfinity;
        if (limit > 0)
        {
            double next = level == MemoryPressureLevel.Normal ? options.WarningAt : options.CriticalAt;
            headroom = (next - utilization.Value) * limit;
        }

        long? nextBytes = level == MemoryPressureLevel.Normal ? options.WarningBytes ?? options.CriticalBytes ?? options.AbortBytes : options.CriticalBytes ?? options.AbortBytes;
        headroom = Math.Min(headroom, nextBytes - resident ?? double.PositiveInfinity);
        double seconds = Math.Max(0, headroom) / Math.Max(SuddenGrowth, growth * limit) / 2;
        TimeSpan most = level == MemoryPressureLevel.Normal ? options.MaxInterval : Min(options.MaxInterval, UnderPressure);
        return seconds >= most.TotalSeconds ? Max(options.MinInterval, most) : Max(options.MinInterval, TimeSpan.FromSeconds(seconds));
    }

    private static TimeSpan Min(TimeSpan x, TimeSpan y) => x < y ? x : y;

    private static TimeSpan Max(TimeSpan x, TimeSpan y) => x > y ? x : y;
}
