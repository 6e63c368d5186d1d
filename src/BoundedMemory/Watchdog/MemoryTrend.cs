namespace BoundedMemory;

/// <summary>Where the memory of the process is going.</summary>
/// <param name="BytesPerHour">Robust slope of the floors of what no budget accounts for; null while there are too few readings.</param>
/// <param name="IsLeak">Whether it has grown steadily, in each third of the time looked at, for long enough to say so.</param>
/// <param name="TimeToLimit">When the limit will be reached if it goes on; null if it does not grow, or there is none.</param>
public readonly record struct MemoryTrend(double? BytesPerHour, bool IsLeak, TimeSpan? TimeToLimit);
