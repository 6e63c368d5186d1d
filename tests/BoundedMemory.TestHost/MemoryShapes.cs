using System.Diagnostics;

namespace BoundedMemory.TestHost;

/// <summary>A process for others to look at, whose memory is flat, leaks or is a sawtooth. It says "ready" when it is, and ends when its standard input does.</summary>
internal static class MemoryShapes
{
    private const int BlockBytes = 64 * 1024;
    private const double LeakBytesPerSecond = 1024 * 1024;
    private const double ToothBytes = 16 * 1024 * 1024;
    private const double ToothSeconds = 1.2;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly List<byte[]> Kept = [];

    public static async Task<int> Run(string shape)
    {
        Func<double, double> bytesAt = shape switch
        {
            "flat" => _ => 0,
            "leak" => seconds => seconds * LeakBytesPerSecond,
            "sawtooth" => seconds => seconds % ToothSeconds / ToothSeconds * ToothBytes,
            _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "Must be flat, leak or sawtooth."),
        };

        // What is to be seen is the shape, not the start of a runtime.
        Keep(BlockBytes);
        Keep(0);
        Task input = Task.Run(Console.In.ReadToEnd);
        using var timer = new PeriodicTimer(Interval);
        long start = Stopwatch.GetTimestamp();
        Console.WriteLine("ready");
        while (!input.IsCompleted)
        {
            await timer.WaitForNextTickAsync().ConfigureAwait(false);
            Keep(bytesAt(Stopwatch.GetElapsedTime(start).TotalSeconds));
        }

        return 0;
    }

    /// <summary>Holds that many bytes, each touched; what is held beyond them is given back to the system.</summary>
    private static void Keep(double bytes)
    {
        if (Kept.Count * (double)BlockBytes > bytes + BlockBytes)
        {
            Kept.Clear();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        while (Kept.Count * (double)BlockBytes < bytes)
        {
            byte[] block = new byte[BlockBytes];
            block.AsSpan().Fill(1);
            Kept.Add(block);
        }
    }
}
