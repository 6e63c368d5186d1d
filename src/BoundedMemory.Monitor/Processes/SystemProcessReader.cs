using System.ComponentModel;
using System.Diagnostics;

namespace BoundedMemory.Monitor.Processes;

/// <summary>Reads processes through <see cref="Process"/>, for Windows and macOS. Tested on Linux only, where it is not used.</summary>
internal sealed class SystemProcessReader : IProcessReader
{
    public IEnumerable<int> List()
    {
        foreach (Process process in Process.GetProcesses())
        {
            using (process)
            {
                yield return process.Id;
            }
        }
    }

    public ReadOutcome Identify(int pid, out ProcessHead head)
    {
        ProcessHead found = default;
        ReadOutcome outcome = With(pid, process =>
            found = new ProcessHead(new ProcessIdentity(pid, process.StartTime.ToUniversalTime().Ticks), process.ProcessName, process.Threads.Count));
        head = found;
        return outcome;
    }

    public ProcessNames Describe(in ProcessHead head) =>
        new(head.Name, [head.Name, head.Name + ".exe"]);

    public ReadOutcome Measure(in ProcessHead head, out ProcessMemory memory)
    {
        ProcessMemory found = default;
        ReadOutcome outcome = With(head.Identity.Pid, process => found = new ProcessMemory(process.WorkingSet64, process.PrivateMemorySize64, SwapBytes: null));
        memory = found;
        return outcome;
    }

    private static ReadOutcome With(int pid, Action<Process> read)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            read(process);
            return ReadOutcome.Read;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return ReadOutcome.Gone;
        }
        catch (Exception exception) when (exception is Win32Exception or NotSupportedException or UnauthorizedAccessException)
        {
            return ReadOutcome.Denied;
        }
    }
}
