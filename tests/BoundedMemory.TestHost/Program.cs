using System.Globalization;
using BoundedMemory.TestHost;

// One scenario per first argument. Each prints what it measured on standard output and exits 0 when its own check held, 1 when it did not.
string scenario = args.Length > 0 ? args[0] : "";
switch (scenario)
{
    case "sizing-bench": return SizingBench.Run();
    case "sizing-truth": return SizingTruth.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100);
    case "sizing-stress": return SizingStress.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 60_000);
    case "sizing-unknown-layout": return SizingUnknownLayout.Run();
    case "empty-cache-heap": return EmptyCacheHeap.Run();
    case "key-hashes": return KeyHashes.Run();
    case "cache-leaks": return CacheLeaks.Run(int.Parse(args[1], CultureInfo.InvariantCulture));
    case "cache-heap": return CacheHeap.Run(int.Parse(args[1], CultureInfo.InvariantCulture), args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1);
    case "ring-heap": return RingHeap.Run(int.Parse(args[1], CultureInfo.InvariantCulture));
    case "archive-writer": return await ArchiveWriter.Run(args[1], int.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture)).ConfigureAwait(false);
    case "hub-heap": return HubHeap.Run(int.Parse(args[1], CultureInfo.InvariantCulture));
    case "hub-waits": return HubWaits.Run();
    case BoundedMemory.Comparison.LoopRun.Verb: return BoundedMemory.Comparison.LoopRun.Run(args);
    case "watchdog-starved": return WatchdogStarved.Run();
    case "queue-heap": return QueueHeap.Run();
    case "conversation-heap": return ConversationHeap.Run(int.Parse(args[1], CultureInfo.InvariantCulture));
    case "conversation-store-heap": return ConversationStoreHeap.Run();
    case "session-heap": return SessionHeap.Run(int.Parse(args[1], CultureInfo.InvariantCulture));
    case "memory": return await MemoryShapes.Run(args[1]).ConfigureAwait(false);
    default:
        Console.Error.WriteLine($"Unknown scenario '{scenario}'.");
        return 2;
}
