namespace BoundedMemory.Monitor.Processes;

/// <summary>Tells one process from all others, those included that get its number after it has ended.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Start">When it was started, in the system's units: on Linux clock ticks since the machine was started, elsewhere 100 ns since the year 1.</param>
internal readonly record struct ProcessIdentity(int Pid, long Start);
