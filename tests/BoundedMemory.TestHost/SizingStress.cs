using System.Globalization;
using System.Runtime;

namespace BoundedMemory.TestHost;

/// <summary>
/// Walks while others collect, allocate and change what is walked. Graphs that nobody changes have a known size: a walk may never find less, and
/// whatever calls itself exact must be. Argument: milliseconds.
/// </summary>
internal static class SizingStress
{
    private static long _walks;
    private static long _disturbed;
    private static long _underCounts;
    private static long _overCounts;
    private static long _falselyExact;
    private static long _mutatedWalks;
    private static long _capHits;
    private static long _jointWalks;
    private static volatile object? _garbage;
    private static Exception? _failure;

    public static int Run(int milliseconds)
    {
        using var stop = new CancellationTokenSource();
        object shared = NewMutable();
        Thread[] threads =
        [
            Start(() => WalkKnown(1, stop.Token)),
            Start(() => WalkKnown(2, stop.Token)),
            Start(() => WalkMutated(shared, stop.Token)),
            Start(() => Mutate(shared, stop.Token)),
            Start(() => Allocate(stop.Token)),
            Start(() => WalkTogether(stop.Token)),
        ];
        int collections = GC.CollectionCount(0);
        stop.CancelAfter(milliseconds);
        foreach (Thread thread in threads)
            thread.Join();

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"stress;server={GCSettings.IsServerGC};walks={_walks};collections={GC.CollectionCount(0) - collections};disturbed={_disturbed};under={_underCounts};over={_overCounts};falselyExact={_falselyExact};mutated={_mutatedWalks};capped={_capHits};joint={_jointWalks};failure={_failure?.GetType().Name}"));
        if (_failure is not null)
            Console.Error.WriteLine(_failure);
        bool worked = _walks > 0 && _mutatedWalks > 0 && _capHits > 0 && _jointWalks > 0 && GC.CollectionCount(0) > collections;
        return worked && _underCounts == 0 && _falselyExact == 0 && _failure is null ? 0 : 1;
    }

    private static Thread Start(Action work)
    {
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception e)
            {
                _failure = e;
            }
        });
        thread.Start();
        return thread;
    }

    private static void WalkKnown(int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            // A fresh graph now and then, so that its objects are young and move.
            (Node root, long size) = NewKnown(random, random.Next(5, 2000));
            for (int i = 0; i < 50 && !stop.IsCancellationRequested; i++)
            {
                int collections = GC.CollectionCount(0);
                SizeResult result = ObjectSizer.Measure(root);
                if (GC.CollectionCount(0) != collections)
                    Interlocked.Increment(ref _disturbed);
                Interlocked.Increment(ref _walks);
                Note(result.Bytes, size, result.Quality);
            }
        }
    }

    private static void WalkTogether(CancellationToken stop)
    {
        var random = new Random(3);
        while (!stop.IsCancellationRequested)
        {
            (Node root, long size) = NewKnown(random, 300);
            object?[] holders = [.. Enumerable.Range(0, 8).Select(_ => new Node { Left = root })];
            for (int i = 0; i < 10; i++)
            {
                JointSize joint = ObjectSizer.MeasureTogether<object?>(holders);
                long holder = HeapLayout.InstanceBytes<Node>();
                Note(joint.UnionBytes, size + (8 * holder), joint.Quality);
                Note(joint.SumBytes, 8 * (size + holder), joint.Quality);
                Interlocked.Increment(ref _jointWalks);
            }
        }
    }

    private static void Note(long measured, long size, SizeQuality quality)
    {
        if (measured < size)
            Interlocked.Increment(ref _underCounts);
        if (measured > size)
            Interlocked.Increment(ref _overCounts);
        if (measured != size && quality == SizeQuality.Exact)
            Interlocked.Increment(ref _falselyExact);
    }

    private static void WalkMutated(object shared, CancellationToken stop)
    {
        Sizer<object> capped = ObjectSizer.For<object>(new SizerOptions { MaxObjects = 50 });
        Sizer<object> full = ObjectSizer.For<object>(new SizerOptions { MaxObjects = 1_000_000 });
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            SizeResult result = (i % 8 == 0 ? capped : full).Measure(shared);
            if (result.Quality == SizeQuality.CapHit)
            {
                Interlocked.Increment(ref _capHits);
                if (string.IsNullOrEmpty(result.StoppedAtPath) || string.IsNullOrEmpty(result.StoppedAtType))
                    throw new InvalidOperationException("A cap without a place.");
            }

            Interlocked.Increment(ref _mutatedWalks);
        }
    }

    private static void Mutate(object shared, CancellationToken stop)
    {
        var random = new Random(4);
        var nodes = (Node[])shared;
        while (!stop.IsCancellationRequested)
        {
            Node node = nodes[random.Next(nodes.Length)];
            node.Left = random.Next(3) == 0 ? null : nodes[random.Next(nodes.Length)];
            node.Pair = (nodes[random.Next(nodes.Length)], random.Next(), new string('m', random.Next(50)));
            node.Payload = random.Next(4) switch
            {
                0 => new (object?, int)[random.Next(40)],
                1 => Enumerable.Range(0, random.Next(60)).Select(n => n.ToString(CultureInfo.InvariantCulture)).ToArray(),
                2 => new List<object> { node, nodes, "text" },
                _ => null,
            };
            ref Node replaced = ref nodes[random.Next(nodes.Length)];
            (replaced.Left, replaced.Right, replaced.Pair, replaced.Payload) = (null, null, default, null);
            replaced = new Node { Right = node };
        }
    }

    private static void Allocate(CancellationToken stop)
    {
        var kept = new object[200];
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            kept[i % kept.Length] = _garbage = new byte[i % 100 == 0 ? 100_000 : 500];
            if (i % 50_000 == 0)
                GC.Collect(i % 100_000 == 0 ? 2 : 1, GCCollectionMode.Forced, blocking: i % 150_000 == 0, compacting: i % 150_000 == 0);
        }
    }

    private static Node[] NewMutable()
    {
        var nodes = new Node[500];
        for (int i = 0; i < nodes.Length; i++)
            nodes[i] = new Node();
        return nodes;
    }

    /// <summary>A graph with sharing and cycles, and its size by counting.</summary>
    private static (Node Root, long Bytes) NewKnown(Random random, int nodes)
    {
        var all = new Node[nodes];
        long bytes = 0;
        for (int i = 0; i < nodes; i++)
        {
            int length = random.Next(1, 20);
            all[i] = new Node { Payload = new int[length] };
            bytes += HeapLayout.InstanceBytes<Node>() + HeapLayout.ArrayBytes<int>(length);
        }

        for (int i = 0; i < nodes; i++)
        {
            // Everything is reached from the first by the right, the rest is sharing and cycles.
            all[i].Right = all[(i + 1) % nodes];
            all[i].Left = all[random.Next(nodes)];
            all[i].Pair = (all[random.Next(nodes)], i, null);
        }

        return (all[0], bytes);
    }

    private sealed class Node
    {
        public Node? Left;
        public Node? Right;
        public object? Payload;
        public (Node? Other, int Number, string? Text) Pair;
    }
}
