using System.Globalization;

namespace BoundedMemory.TestHost;

/// <summary>
/// Fills hubs with messages of every kind until several times the bound has passed, with and without subscribers, drops everything else and compares what the
/// heap has grown by with what is charged. Argument: the bound in MB.
/// </summary>
internal static class HubHeap
{
    /// <summary>What the heap may exceed the bound by: it is counted in allocation quanta.</summary>
    private const long Tolerance = 64 * 1024;

    /// <summary>Many, because the heap is counted in allocation quanta.</summary>
    private const int Hubs = 50;

    private const int Subscriptions = 1000;

    public static int Run(int megabytes)
    {
        long bound = megabytes * 1_000_000L;
        Fill("warm-up", 100_000, i => new byte[i % 100], subscribers: 4);
        Empty("warm-up", 10);
        Subscribe("warm-up", 10, isPrivate: false);
        Subscribe("warm-up", 10, isPrivate: true);
        bool holds = true;
        Func<int, object>[] makes = [.. SizingTruth.Values.Select(kind => kind.Make)];
        foreach ((string name, Func<int, object> make) in SizingTruth.Values)
            holds &= Fill(name, bound, make, subscribers: 0);
        holds &= Fill("mixed, subscribers", bound, i => makes[i % makes.Length](i), subscribers: 100);
        return holds & Empty("empty", Hubs) & Subscribe("subscription", Subscriptions, isPrivate: false) & Subscribe("private queue", Subscriptions, isPrivate: true) ? 0 : 1;
    }

    private static bool Fill(string name, long bound, Func<int, object> make, int subscribers)
    {
        long before = Heap.Bytes();
        var hub = new BroadcastHub<object>(new() { MaxCount = null, MaxBytes = bound });
        for (int i = 0; i < subscribers; i++)
            hub.Subscribe(i % 2 == 0 ? new() { PrivateCount = 20 } : null);
        for (int i = 0; hub.Statistics is var s && s.Evicted < 2 * s.Count + 10;)
        {
            for (int n = 0; n < 500; n++, i++)
                hub.Publish(make(i));
        }

        long retained = Heap.Bytes() - before;
        Print("heap", name, bound, retained, hub.Bytes, hub.Count);
        bool holds = retained <= bound + Tolerance && hub.Bytes <= bound;
        hub.Dispose();
        return holds;
    }

    private static bool Empty(string name, int count)
    {
        var hubs = new BroadcastHub<object>[count];
        long before = Heap.Bytes();
        for (int i = 0; i < count; i++)
            hubs[i] = new BroadcastHub<object>(new() { MaxBytes = 1_000_000 });
        long retained = (Heap.Bytes() - before) / count;
        long charged = hubs[0].Bytes;
        Print("empty", name, charged, retained, charged, 0);
        Array.ForEach(hubs, hub => hub.Dispose());
        return retained <= charged;
    }

    /// <summary>Subscriptions that have waited and been asked for their end: everything that belongs to one exists.</summary>
    private static bool Subscribe(string name, int count, bool isPrivate)
    {
        using var hub = new BroadcastHub<object>(new() { MaxBytes = 100_000_000 });
        var subscriptions = new HubSubscription<object>[count];
        hub.Subscribe();
        long charged = hub.Bytes;
        long before = Heap.Bytes();
        for (int i = 0; i < count; i++)
        {
            subscriptions[i] = hub.Subscribe(isPrivate ? new() { PrivateCount = 10 } : null);
            _ = subscriptions[i].Closed;
            using var cancellation = new CancellationTokenSource();
            Task<bool> wait = subscriptions[i].WaitToReadAsync(cancellation.Token).AsTask();
            cancellation.Cancel();
            try
            {
                wait.GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
            }
        }

        long retained = (Heap.Bytes() - before) / count;
        charged = (hub.Bytes - charged) / count;
        Print("empty", name, charged, retained, charged, 0);
        GC.KeepAlive(subscriptions);
        return retained <= charged;
    }

    private static void Print(string what, string name, long bound, long retained, long charged, long count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what};{name};{bound};{retained};{charged};{count}"));
}
