using BoundedMemory.Tests.Support;

namespace BoundedMemory.Tests.Documentation;

internal static partial class Examples
{
    private static void Watchdog()
    {
        using var cache = new BoundedCache<string, byte[]>(new() { MaxBytes = 50_000_000 });
        using var watchdog = new MemoryWatchdog(new() { ProcessLimit = 500_000_000 });
        using IDisposable registration = watchdog.Register(cache, guaranteedBytes: 10_000_000);
        using IDisposable _ = watchdog.OnLevelChanged(change => Console.WriteLine($"{change.To}: {change.Sample.LiveBytes} bytes live"));
        watchdog.Start();
        Patience.Until(() => watchdog.Statistics.Samples > 0);
        Assert.Equal([cache], watchdog.Consumers);
    }
}
