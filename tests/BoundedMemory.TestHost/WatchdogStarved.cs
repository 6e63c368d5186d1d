using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>Blocks every thread of the pool, and counts the watchdog's samples beside what a thread does that sleeps as long between two counts.</summary>
internal static class WatchdogStarved
{
    private const int Counts = 30;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static int Run()
    {
        int threads = Environment.ProcessorCount;
        ThreadPool.SetMinThreads(threads, threads);
        ThreadPool.SetMaxThreads(threads, threads);
        using var blocked = new CountdownEvent(threads);
        using var release = new ManualResetEventSlim();
        for (int i = 0; i < threads; i++)
        {
            ThreadPool.QueueUserWorkItem(_ =>
            {
                blocked.Signal();
                release.Wait();
            });
        }

        blocked.Wait();
        bool hasRun = false;
        ThreadPool.QueueUserWorkItem(_ => hasRun = true);
        using var watchdog = new MemoryWatchdog(new() { MinInterval = Interval, MaxInterval = Interval });
        watchdog.Start();
        for (int i = 0; i < Counts; i++)
        {
            Thread.Sleep(Interval);
        }

        long samples = watchdog.Statistics.Samples;
        bool isStarved = !Volatile.Read(ref hasRun);
        release.Set();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"starved;{isStarved};{samples} samples;{Counts} sleeps"));
        return isStarved && samples >= Counts / 2 ? 0 : 1;
    }
}
