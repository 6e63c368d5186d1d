namespace BoundedMemory;

internal static class SparseSets
{
    private const int SmallCapacity = 64;

    /// <summary>Gives room back that a set no longer needs; by itself it never does.</summary>
    public static void TrimIfSparse<T>(this HashSet<T> set)
    {
        if (set.Capacity > SmallCapacity && set.Count < set.Capacity / 8)
        {
            set.TrimExcess();
        }
    }
}
