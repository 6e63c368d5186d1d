namespace BoundedMemory;

/// <summary>A change of level.</summary>
/// <param name="From">The level before.</param>
/// <param name="To">The level now.</param>
/// <param name="Sample">What it was decided on.</param>
public readonly record struct MemoryPressureChange(MemoryPressureLevel From, MemoryPressureLevel To, MemorySample Sample);
