namespace BoundedMemory;

/// <summary>What a watchdog has done so far. Written by one thread at a time, or by interlocked operations where not.</summary>
internal sealed class WatchdogCounters
{
    public long Samples;
    public long Reclaims;
    public long RequestedBytes;
    public long ReclaimedBytes;
    public long BackgroundCollections;
    public long AggressiveCollections;
    public long ConsumerFailures;
    public long CallbackFailures;
    public long ProbeFailures;
    public long HardLimitFailures;

    /// <summary>Times each level was entered.</summary>
    public readonly long[] Entered = new long[4];

    public MemoryWatchdogStatistics Read() => new()
    {
        Samples = Volatile.Read(in Samples),
        Transitions = EnteredNow(0) + EnteredNow(1) + EnteredNow(2) + EnteredNow(3),
        EnteredWarning = EnteredNow(1),
        EnteredCritical = EnteredNow(2),
        EnteredAbort = EnteredNow(3),
        Reclaims = Volatile.Read(in Reclaims),
        RequestedBytes = Volatile.Read(in RequestedBytes),
        ReclaimedBytes = Volatile.Read(in ReclaimedBytes),
        BackgroundCollections = Volatile.Read(in BackgroundCollections),
        AggressiveCollections = Volatile.Read(in AggressiveCollections),
        ConsumerFailures = Volatile.Read(in ConsumerFailures),
        CallbackFailures = Volatile.Read(in CallbackFailures),
        ProbeFailures = Volatile.Read(in ProbeFailures),
        HardLimitFailures = Volatile.Read(in HardLimitFailures),
    };

    private long EnteredNow(int level) => Volatile.Read(in Entered[level]);
}
