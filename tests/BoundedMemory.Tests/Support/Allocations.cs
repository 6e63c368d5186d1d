namespace BoundedMemory.Tests.Support;

internal static class Allocations
{
    /// <summary>Bytes an act allocates on this thread once it has run before; the least of a few runs, because the runtime allocates now and then.</summary>
    public static long Of(Action act)
    {
        act();
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            act();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
