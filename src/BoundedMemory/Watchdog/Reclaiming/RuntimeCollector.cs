namespace BoundedMemory;

/// <summary>The runtime's collector.</summary>
internal sealed class RuntimeCollector : ICollector
{
    private const string HardLimit = "GCHeapHardLimit";

    public static readonly RuntimeCollector Instance = new();

    /// <summary>What was configured, to be put back.</summary>
    private readonly object? _configured = AppContext.GetData(HardLimit);

    private RuntimeCollector()
    {
    }

    public long Begun => GC.CollectionCount(0);

    public long LastFull => Math.Max(GC.GetGCMemoryInfo(GCKind.Background).Index, GC.GetGCMemoryInfo(GCKind.FullBlocking).Index);

    public long Available => GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes;

    public void CollectInBackground() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false, compacting: false);

    public void CollectAggressively() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    public bool TrySetHardLimit(long? bytes)
    {
        object? before = AppContext.GetData(HardLimit);
        try
        {
            AppContext.SetData(HardLimit, bytes is null ? _configured : (ulong)bytes.Value);
            GC.RefreshMemoryLimit();

            // In a container of its own choosing the runtime keeps its own limit, and says nothing.
            return bytes is null || Available <= bytes;
        }
        catch (InvalidOperationException)
        {
            // More than that is committed.
            AppContext.SetData(HardLimit, before);
            return false;
        }
    }

    public void RefreshLimit()
    {
        try
        {
            GC.RefreshMemoryLimit();
        }
        catch (InvalidOperationException)
        {
            // The container has become smaller than what is committed: the limit of before stays in force until the next time.
        }
    }
}
