namespace BoundedMemory;

/// <summary>Which limit is the nearest.</summary>
public enum UtilizationTerm
{
    /// <summary>No limit is known.</summary>
    None = 0,

    /// <summary>The container's: its use without inactive file pages, of the lowest limit on the way to the root.</summary>
    Container = 1,

    /// <summary>That of the process (<see cref="MemoryWatchdogOptions.ProcessLimit"/>): its resident set.</summary>
    Process = 2,

    /// <summary>The collector's own: the heap it has committed, of what it may.</summary>
    Heap = 3,

    /// <summary>That of the budget: bytes that are held and that no registered consumer could give back. Alone never more than a warning: a full budget refuses, it ends nobody.</summary>
    Budget = 4,

    /// <summary>The machine's: what is not available of its memory, where nothing else limits the process.</summary>
    Machine = 5,
}
