namespace BoundedMemory.Monitor.Processes;

/// <summary>The memory of a process, in bytes; null where the system does not tell.</summary>
/// <param name="ResidentBytes">Memory of the machine it takes, pages shared with other processes included.</param>
/// <param name="PrivateBytes">Of that, on Linux, what is its own and no file's (RssAnon); on Windows and macOS what it has committed.</param>
/// <param name="SwapBytes">What of its own has been swapped out.</param>
internal readonly record struct ProcessMemory(long ResidentBytes, long? PrivateBytes, long? SwapBytes);
