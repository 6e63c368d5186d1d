namespace BoundedMemory.Monitor.Watching;

/// <summary>All processes of interest together, at one look. What some of them share is counted with each.</summary>
/// <param name="Processes">How many there were.</param>
/// <param name="ResidentBytes">The sum of their resident sizes.</param>
/// <param name="PrivateBytes">The sum of what is their own, of those of which it is known.</param>
/// <param name="SwapBytes">The sum of what is swapped out.</param>
/// <param name="Threads">The sum of their threads.</param>
internal readonly record struct Totals(int Processes, long ResidentBytes, long PrivateBytes, long SwapBytes, long Threads);
