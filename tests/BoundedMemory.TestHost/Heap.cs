namespace BoundedMemory.TestHost;

internal static class Heap
{
    /// <summary>Bytes that are reachable, once everything else has been collected and finalized.</summary>
    public static long Bytes()
    {
        for (int i = 0; i < 3; i++)
            Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    public static void Collect()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
    }
}
