namespace BoundedMemory;

/// <content>Of watchdogs. What the runtime publishes itself (working set, collections, committed bytes) is not repeated.</content>
public static partial class BoundedMemoryInstruments
{
    /// <summary>The level, <c>1</c>, 0 (normal) to 3 (abort), by <see cref="WatchdogName"/>. Gauge.</summary>
    public const string WatchdogLevel = "bounded_memory.watchdog.level";

    /// <summary>How full each limit is that is known, <c>1</c>, by <see cref="WatchdogName"/> and <see cref="Source"/>. Gauge.</summary>
    public const string WatchdogUtilization = "bounded_memory.watchdog.utilization";

    /// <summary>The limits that are known, <c>By</c>, by <see cref="WatchdogName"/> and <see cref="Source"/>. Gauge.</summary>
    public const string WatchdogLimit = "bounded_memory.watchdog.limit";

    /// <summary>Memory of the process, <c>By</c>, by <see cref="WatchdogName"/> and <see cref="Part"/>: <c>slack</c>, <c>accounted</c> and <c>unaccounted</c> are the resident set. Gauge.</summary>
    public const string WatchdogUsage = "bounded_memory.watchdog.usage";

    /// <summary>Share of time in which some task waited for memory, <c>1</c>, by <see cref="WatchdogName"/>; absent where the kernel does not tell. Gauge.</summary>
    public const string WatchdogStall = "bounded_memory.watchdog.stall";

    /// <summary>Samples taken, <c>{sample}</c>, by <see cref="WatchdogName"/>. Counter.</summary>
    public const string WatchdogSamples = "bounded_memory.watchdog.samples";

    /// <summary>Time since the last sample, <c>s</c>, by <see cref="WatchdogName"/>. Gauge.</summary>
    public const string WatchdogSampleAge = "bounded_memory.watchdog.sample.age";

    /// <summary>Changes of level, <c>{transition}</c>, by <see cref="WatchdogName"/> and <see cref="Level"/>, the one that was entered. Counter.</summary>
    public const string WatchdogTransitions = "bounded_memory.watchdog.transitions";

    /// <summary>Rounds in which consumers were asked for memory, <c>{reclaim}</c>, by <see cref="WatchdogName"/>. Counter.</summary>
    public const string WatchdogReclaims = "bounded_memory.watchdog.reclaims";

    /// <summary>Bytes that consumers were asked for, <c>By</c>, by <see cref="WatchdogName"/>. Counter.</summary>
    public const string WatchdogReclaimRequested = "bounded_memory.watchdog.reclaim.requested";

    /// <summary>Bytes that they gave, <c>By</c>, by <see cref="WatchdogName"/>. Counter.</summary>
    public const string WatchdogReclaimSize = "bounded_memory.watchdog.reclaim.size";

    /// <summary>Collections that were induced, <c>{collection}</c>, by <see cref="WatchdogName"/> and <see cref="Mode"/>. Counter.</summary>
    public const string WatchdogCollections = "bounded_memory.watchdog.collections";

    /// <summary>What went wrong, <c>{failure}</c>, by <see cref="WatchdogName"/> and <see cref="Source"/>: <c>consumer</c>, <c>callback</c>, <c>probe</c>, <c>hard_limit</c>. Counter.</summary>
    public const string WatchdogFailures = "bounded_memory.watchdog.failures";

    /// <summary>Slope of what no budget accounts for, <c>By/h</c>, by <see cref="WatchdogName"/>; absent while there are too few readings. Gauge.</summary>
    public const string WatchdogGrowth = "bounded_memory.watchdog.growth";

    /// <summary>1 if that is held to be a leak, else 0, <c>1</c>, by <see cref="WatchdogName"/>. Gauge.</summary>
    public const string WatchdogLeak = "bounded_memory.watchdog.leak";

    /// <summary>When the limit will be reached if it goes on, <c>s</c>, by <see cref="WatchdogName"/>; absent if it does not grow. Gauge.</summary>
    public const string WatchdogTimeToLimit = "bounded_memory.watchdog.time_to_limit";

    /// <summary>Tag: name of the watchdog.</summary>
    public const string WatchdogName = "watchdog.name";

    /// <summary>Tag: what a figure is about: <c>container</c>, <c>process</c>, <c>heap</c>, <c>budget</c>; of failures, where.</summary>
    public const string Source = "source";

    /// <summary>Tag: part of the resident set.</summary>
    public const string Part = "part";

    /// <summary>Tag: a <see cref="MemoryPressureLevel"/> in lower case.</summary>
    public const string Level = "level";

    /// <summary>Tag: <c>background</c> or <c>aggressive</c>.</summary>
    public const string Mode = "mode";
}
