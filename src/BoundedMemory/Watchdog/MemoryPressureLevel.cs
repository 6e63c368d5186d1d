namespace BoundedMemory;

/// <summary>How near the process is to its limit.</summary>
public enum MemoryPressureLevel
{
    /// <summary>There is room.</summary>
    Normal = 0,

    /// <summary>Memory is asked back.</summary>
    Warning = 1,

    /// <summary>New work is to be refused.</summary>
    Critical = 2,

    /// <summary>The next allocations may be the last: what is missing is taken at once, beyond shares and guarantees, and work is to be ended.</summary>
    Abort = 3,
}
