namespace BoundedMemory.Monitor.Processes;

/// <summary>What came of reading something about a process.</summary>
internal enum ReadOutcome
{
    /// <summary>It was read.</summary>
    Read,

    /// <summary>There is no such process, or it has ended.</summary>
    Gone,

    /// <summary>The user may not read it.</summary>
    Denied,

    /// <summary>It has no memory of its own: a thread of the kernel.</summary>
    NoMemory,
}
