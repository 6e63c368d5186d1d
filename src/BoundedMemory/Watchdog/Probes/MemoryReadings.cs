namespace BoundedMemory;

/// <summary>What probes have read for one sample: one struct that all of them fill, so that reading allocates nothing.</summary>
internal struct MemoryReadings
{
    /// <summary>Since the watchdog was created. In.</summary>
    public TimeSpan Now;

    /// <summary>Whether the process has a limit of its own, so that the machine's does not matter. In.</summary>
    public bool HasProcessLimit;

    public long? ResidentBytes;

    public long? ContainerBytes;

    /// <summary>Null where there is no limit, or none can be read.</summary>
    public long? ContainerLimit;

    /// <summary>Memory of the machine.</summary>
    public long? MachineBytes;

    /// <summary>Of that, what can be had without swapping; read only where nothing else limits the process.</summary>
    public long? MachineAvailable;

    public long HeapBytes;

    public long CommittedBytes;

    /// <summary>What the collector says it may use: a limit of the heap, or all there is.</summary>
    public long HeapAvailable;

    public double? Stall;

    /// <summary>Collections of the whole heap so far.</summary>
    public int FullCollections;

    /// <summary>Time the collector has stopped the process for so far.</summary>
    public TimeSpan Pauses;

    /// <summary>Sources that exist and could not be read, or made no sense.</summary>
    public int Failures;
}
