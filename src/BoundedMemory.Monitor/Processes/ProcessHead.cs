namespace BoundedMemory.Monitor.Processes;

/// <summary>What is read of a process at each look, beside its memory.</summary>
/// <param name="Identity">Which it is.</param>
/// <param name="Name">Its name as the system keeps it: on Linux at most 15 bytes, of any kind.</param>
/// <param name="Threads">How many threads it has.</param>
internal readonly record struct ProcessHead(ProcessIdentity Identity, string Name, int Threads);
