namespace BoundedMemory;

/// <summary>What the collector says. Cannot fail.</summary>
internal sealed class GcProbe : IMemoryProbe
{
    public void Read(ref MemoryReadings readings)
    {
        // The one allocation of a sample: 288 bytes.
        GCMemoryInfo last = GC.GetGCMemoryInfo(GCKind.Any);
        readings.HeapBytes = GC.GetTotalMemory(forceFullCollection: false);
        readings.CommittedBytes = last.TotalCommittedBytes;
        readings.HeapAvailable = last.TotalAvailableMemoryBytes;
        readings.FullCollections = GC.CollectionCount(GC.MaxGeneration);
        readings.Pauses = GC.GetTotalPauseDuration();
    }
}
