using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace BoundedMemory.Monitor.Processes;

/// <summary>Reads <c>/proc</c>: two small files of a process at each look, and a third when it is first seen. Not thread-safe.</summary>
internal sealed class LinuxProcessReader(string root = "/proc") : IProcessReader
{
    private const int MostBytes = 1 << 20;

    private byte[] _buffer = new byte[4096];

    public IEnumerable<int> List()
    {
        foreach (string path in Directory.EnumerateDirectories(root))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            {
                yield return pid;
            }
        }
    }

    public ReadOutcome Identify(int pid, out ProcessHead head)
    {
        head = default;
        ReadOutcome outcome = Read(pid, "stat", out ReadOnlySpan<byte> stat);
        return outcome == ReadOutcome.Read ? ProcFile.ParseStat(stat, out head) : outcome;
    }

    public ProcessNames Describe(in ProcessHead head)
    {
        // What may not be read has at least the name that everybody may.
        _ = Read(head.Identity.Pid, "cmdline", out ReadOnlySpan<byte> cmdline);
        return ProcFile.ParseNames(head.Name, cmdline);
    }

    public ReadOutcome Measure(in ProcessHead head, out ProcessMemory memory)
    {
        memory = default;
        ReadOutcome outcome = Read(head.Identity.Pid, "status", out ReadOnlySpan<byte> status);
        if (outcome != ReadOutcome.Read)
        {
            return outcome;
        }

        if (!ProcFile.TryParseStatus(status, out memory))
        {
            return ReadOutcome.NoMemory;
        }

        if (memory.PrivateBytes is null && Read(head.Identity.Pid, "statm", out ReadOnlySpan<byte> statm) == ReadOutcome.Read)
        {
            memory = memory with { PrivateBytes = ProcFile.ParsePrivateOfStatm(statm, Environment.SystemPageSize) };
        }

        return ReadOutcome.Read;
    }

    /// <summary>Reads the whole file, or its first megabyte, into the buffer, which the next call uses again.</summary>
    private ReadOutcome Read(int pid, string file, out ReadOnlySpan<byte> content)
    {
        content = default;
        try
        {
            // Others may write and remove meanwhile: what is not to be shared would be locked.
            using SafeFileHandle handle = File.OpenHandle(
                string.Create(CultureInfo.InvariantCulture, $"{root}/{pid}/{file}"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            int length = 0;
            while (true)
            {
                int read = RandomAccess.Read(handle, _buffer.AsSpan(length), length);
                length += read;
                if (read == 0 || length == MostBytes)
                {
                    content = _buffer.AsSpan(0, length);
                    return length > 0 || file == "cmdline" ? ReadOutcome.Read : ReadOutcome.Gone;
                }

                if (length == _buffer.Length)
                {
                    Array.Resize(ref _buffer, length * 4);
                }
            }
        }
        catch (UnauthorizedAccessException)
        {
            return ReadOutcome.Denied;
        }
        catch (IOException)
        {
            // It has ended, before the file was opened or since.
            return ReadOutcome.Gone;
        }
    }
}
