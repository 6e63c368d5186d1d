using BoundedMemory.Monitor.Processes;

namespace BoundedMemory.Monitor.Tests.Support;

internal sealed class MadeUpProcess
{
    public string Name { get; set; } = "";

    public long Start { get; set; } = 1;

    public int Threads { get; set; } = 1;

    public long ResidentBytes { get; set; }

    public ReadOutcome Identification { get; set; } = ReadOutcome.Read;

    public ReadOutcome Measurement { get; set; } = ReadOutcome.Read;
}
