using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>What a subscriber allocates that waits for every message, with a token that is alive: bytes per wait, the least of some rounds.</summary>
internal static class HubWaits
{
    private const int Waits = 20_000;
    private const int Rounds = 5;

    /// <summary>Without optimisation the compiler makes a class of every state machine, one for each call; they are structs otherwise, in boxes that are pooled.</summary>
#if DEBUG
    private const double Allowed = 250;
#else
    private const double Allowed = 1;
#endif

    /// <summary>Waits that have begun.</summary>
    private static long _begun;

    public static int Run()
    {
        double read = Measure(Read);
        double enumerated = Measure(Enumerate);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"waits;{read:F2};{enumerated:F2}"));
        return read < Allowed && enumerated < Allowed ? 0 : 1;
    }

    private static double Measure(Func<HubSubscription<object>, CancellationToken, Task<double>> consume)
    {
        using var hub = new BroadcastHub<object>(new());
        using var cancellation = new CancellationTokenSource();
        object message = new();
        Volatile.Write(ref _begun, 0);
        Task<double> consumer = Task.Run(() => consume(hub.Subscribe(), cancellation.Token));
        var spin = new SpinWait();
        for (int i = 1; i <= Waits * Rounds; i++)
        {
            while (Volatile.Read(ref _begun) < i)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            hub.Publish(message);
        }

        return consumer.GetAwaiter().GetResult();
    }

    private static async Task<double> Read(HubSubscription<object> subscription, CancellationToken cancellation)
    {
        double least = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Waits; i++)
            {
                ValueTask<HubMessage<object>> read = subscription.ReadAsync(cancellation);
                Interlocked.Increment(ref _begun);
                await read;
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Waits);
        }

        return least;
    }

    private static async Task<double> Enumerate(HubSubscription<object> subscription, CancellationToken cancellation)
    {
        double least = double.MaxValue;
        await using IAsyncEnumerator<HubMessage<object>> messages = subscription.GetAsyncEnumerator(cancellation);
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Waits; i++)
            {
                ValueTask<bool> next = messages.MoveNextAsync();
                Interlocked.Increment(ref _begun);
                await next;
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Waits);
        }

        return least;
    }
}
