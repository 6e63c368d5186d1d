namespace BoundedMemory;

/// <summary>A small number that belongs to the current thread alone while it lives: its place in every <see cref="ThreadCounters"/>.</summary>
/// <remarks>Numbers start at 0 and the smallest free one is given out, so a process that keeps n threads uses about the first n. The number of a
/// thread that has ended is free again once the garbage collector has noticed its end; the collector, and the lock below, order the old owner's
/// last write before the new owner's first.</remarks>
internal static class ThreadSlot
{
    private static readonly Lock Gate = new();
    private static readonly PriorityQueue<int, int> Free = new();
    private static int _next;

    /// <summary>One more than the slot, so that 0 means "none yet".</summary>
    [ThreadStatic]
    private static int _slotPlusOne;

    [ThreadStatic]
    private static Owner? _owner;

    /// <summary>The current thread's slot, or -1 if it has none yet.</summary>
    public static int CurrentOrNone => _slotPlusOne - 1;

    /// <summary>The current thread's slot.</summary>
    public static int Current => _slotPlusOne == 0 ? Assign() : _slotPlusOne - 1;

    private static int Assign()
    {
        lock (Gate)
        {
            int slot = Free.TryDequeue(out int free, out _) ? free : _next++;
            _owner = new Owner(slot);
            _slotPlusOne = slot + 1;
            return slot;
        }
    }

    /// <summary>Reachable from its thread only, hence finalized after the thread's end.</summary>
    private sealed class Owner(int slot)
    {
        ~Owner()
        {
            lock (Gate)
            {
                Free.Enqueue(slot, slot);
            }
        }
    }
}
