using BoundedMemory.Monitor.Processes;

namespace BoundedMemory.Monitor.Tests.Support;

/// <summary>Processes as a test wants them.</summary>
internal sealed class MadeUpProcesses : IProcessReader
{
    public const long Megabyte = 1 << 20;

    private int _measurements;

    public SortedDictionary<int, MadeUpProcess> All { get; } = [];

    /// <summary>How often names were asked for.</summary>
    public int Descriptions { get; private set; }

    /// <summary>How often memory was asked for.</summary>
    public int Measurements => Volatile.Read(ref _measurements);

    public MadeUpProcess Add(int pid, string name, long megabytes, long start = 1) => All[pid] = new MadeUpProcess { Name = name, ResidentBytes = megabytes * Megabyte, Start = start };

    public IEnumerable<int> List() => All.Keys.ToArray();

    public ReadOutcome Identify(int pid, out ProcessHead head)
    {
        MadeUpProcess? process = All.GetValueOrDefault(pid);
        head = process is null ? default : new ProcessHead(new ProcessIdentity(pid, process.Start), process.Name, process.Threads);
        return process?.Identification ?? ReadOutcome.Gone;
    }

    public ProcessNames Describe(in ProcessHead head)
    {
        Descriptions++;
        return new ProcessNames(head.Name, [head.Name]);
    }

    public ReadOutcome Measure(in ProcessHead head, out ProcessMemory memory)
    {
        MadeUpProcess? process = All.GetValueOrDefault(head.Identity.Pid);
        memory = new ProcessMemory(process?.ResidentBytes ?? 0, process?.ResidentBytes / 2, 0);
        Interlocked.Increment(ref _measurements);
        return process?.Measurement ?? ReadOutcome.Gone;
    }
}
