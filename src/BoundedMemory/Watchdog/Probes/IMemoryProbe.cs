namespace BoundedMemory;

/// <summary>Reads one source of figures about memory.</summary>
/// <remarks>Called by one thread at a time. What cannot be read is left null and counted in <see cref="MemoryReadings.Failures"/>; a reading of before is never handed out again. What a
/// machine does not have is left null and is no failure.</remarks>
internal interface IMemoryProbe
{
    /// <summary>Sets what this source knows.</summary>
    void Read(ref MemoryReadings readings);
}
