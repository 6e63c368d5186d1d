namespace BoundedMemory.Monitor.Processes;

/// <summary>Reads what the system tells about processes.</summary>
internal interface IProcessReader
{
    /// <summary>The numbers of all processes that are to be seen. Some may have ended by the time they are read.</summary>
    IEnumerable<int> List();

    /// <summary>Which process has that number now.</summary>
    ReadOutcome Identify(int pid, out ProcessHead head);

    /// <summary>What the process is called. Costs more than the other two: once for each process.</summary>
    ProcessNames Describe(in ProcessHead head);

    /// <summary>The memory it takes.</summary>
    ReadOutcome Measure(in ProcessHead head, out ProcessMemory memory);
}
