using System.Diagnostics;
using System.Globalization;

namespace BoundedMemory.Comparison;

/// <summary>A process that inserts 80 MB/s into a cache, under a policy that is to keep it below 500 MB resident. In a process of its own.</summary>
internal static class LoopRun
{
    public const string Verb = "loop-run";

    public const string Survived = "survived";

    private const long BytesPerSecond = 80_000_000;

    private const int Step = 10;

    /// <param name="args">The verb, the policy, the size of an entry in bytes, seconds.</param>
    public static int Run(string[] args)
    {
        using var policy = LoopPolicy.Create(args[1]);
        int entryBytes = int.Parse(args[2], CultureInfo.InvariantCulture);
        var time = TimeSpan.FromSeconds(double.Parse(args[3], CultureInfo.InvariantCulture));
        using var cache = new BoundedCache<long, byte[]>(new() { MaxBytes = policy.CacheBytes });
        policy.Start(cache);
        long started = Stopwatch.GetTimestamp();
        long key = 0;
        double cached = 0;
        int steps = 0;
        string outcome = Survived;
        var others = Disturbance.Begin();
        while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < time)
        {
            try
            {
                while (key * entryBytes < elapsed.TotalSeconds * BytesPerSecond)
                {
                    // What is not written to is not resident.
                    byte[] value = new byte[entryBytes];
                    for (int i = 0; i < value.Length; i += 1024)
                    {
                        value[i] = 1;
                    }

                    cache.Set(key++, value);
                }
            }
            catch (OutOfMemoryException)
            {
                outcome = "out of memory";
                break;
            }

            // The first seconds fill the cache: after 7 it has had 560 MB.
            if (elapsed > TimeSpan.FromSeconds(7))
            {
                cached += cache.Bytes;
                steps++;
            }

            Thread.Sleep(Step);
            if (steps % 100 == 0 && PeakResident() > 4 * LoopPolicy.Limit)
            {
                outcome = "stopped at four times the limit";
                break;
            }
        }

        TimeSpan total = Stopwatch.GetElapsedTime(started);
        GCMemoryInfo last = GC.GetGCMemoryInfo(GCKind.Any);
        Console.WriteLine(new LoopResult
        {
            Policy = policy.Name,
            EntryBytes = entryBytes,
            Outcome = outcome,
            Seconds = total.TotalSeconds,
            CacheBytes = steps > 0 ? (long)(cached / steps) : cache.Bytes,
            PeakBytes = PeakResident(),
            PausedPercent = 100 * (GC.GetTotalPauseDuration() / total),
            FullCollections = GC.CollectionCount(2),
            Disturbance = others.End(),
            LoadPercent = 100.0 * last.MemoryLoadBytes / last.HighMemoryLoadThresholdBytes,
            Notes = policy.Notes,
        });
        return 0;
    }

    /// <summary>The kernel's own high-water mark: no peak is missed.</summary>
    private static long PeakResident()
    {
        string line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6, line.Length - 8).Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
