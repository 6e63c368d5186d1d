namespace BoundedMemory.Monitor.Judging;

/// <summary>The resident size of a process at some moment.</summary>
/// <param name="Seconds">Since the first look.</param>
/// <param name="Bytes">Its size then.</param>
internal readonly record struct Reading(double Seconds, long Bytes);
