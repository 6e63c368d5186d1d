using System.Buffers.Text;
using System.Text;

namespace BoundedMemory.Monitor.Processes;

/// <summary>What the files of <c>/proc/[pid]</c> say. Names in them are chosen by the processes: nothing is believed of them.</summary>
internal static class ProcFile
{
    /// <summary>State of a process that has ended and waits to be asked how.</summary>
    private const byte Zombie = (byte)'Z';

    private const byte Dead = (byte)'X';

    /// <summary>Bytes of a name that the system keeps.</summary>
    private const int LongestName = 15;

    private const int MostArguments = 64;

    private const int MostCharacters = 255;

    /// <summary>Reads <c>stat</c>: number, name in parentheses, state, and numbers. The name may hold spaces, newlines and parentheses, so it ends at the last of these.</summary>
    public static ReadOutcome ParseStat(ReadOnlySpan<byte> stat, out ProcessHead head)
    {
        const int StateField = 3;
        const int ThreadsField = 20;
        const int StartField = 22;
        head = default;
        int open = stat.IndexOf((byte)'(');
        int close = stat.LastIndexOf((byte)')');
        if (open < 1 || close < open || !Utf8Parser.TryParse(stat[..open], out int pid, out _))
        {
            return ReadOutcome.Gone;
        }

        ReadOnlySpan<byte> rest = stat[(close + 1)..].TrimStart((byte)' ');
        int threads = 0;
        long start = -1;
        for (int field = StateField; field <= StartField && !rest.IsEmpty; field++)
        {
            int end = rest.IndexOf((byte)' ');
            ReadOnlySpan<byte> value = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            switch (field)
            {
                case StateField when value is [Zombie or Dead, ..]:
                    return ReadOutcome.Gone;
                case ThreadsField:
                    _ = Utf8Parser.TryParse(value, out threads, out _);
                    break;
                case StartField:
                    start = Utf8Parser.TryParse(value, out long ticks, out _) ? ticks : -1;
                    break;
            }
        }

        head = new ProcessHead(new ProcessIdentity(pid, start), Encoding.UTF8.GetString(stat[(open + 1)..close]), threads);
        return start < 0 ? ReadOutcome.Gone : ReadOutcome.Read;
    }

    /// <summary>Reads <c>status</c>. Of a line that is there twice the last counts: the first could be part of a name.</summary>
    /// <returns>False if there is no resident set in it: the process is the kernel's, or has ended.</returns>
    public static bool TryParseStatus(ReadOnlySpan<byte> status, out ProcessMemory memory)
    {
        long? resident = null;
        long? anonymous = null;
        long? swap = null;
        foreach (Range line in status.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> text = status[line];
            Take(text, "VmRSS:"u8, ref resident);
            Take(text, "RssAnon:"u8, ref anonymous);
            Take(text, "VmSwap:"u8, ref swap);
        }

        memory = new ProcessMemory(resident ?? 0, anonymous, swap);
        return resident is not null;
    }

    /// <summary>Reads <c>statm</c>, in pages: size, resident, of that shared. What old kernels leave out of <c>status</c> follows from it.</summary>
    public static long? ParsePrivateOfStatm(ReadOnlySpan<byte> statm, int pageBytes)
    {
        Span<long> pages = stackalloc long[3];
        for (int i = 0; i < pages.Length; i++)
        {
            if (!Utf8Parser.TryParse(statm, out pages[i], out int length))
            {
                return null;
            }

            statm = statm[length..].TrimStart((byte)' ');
        }

        return Math.Max(0, pages[1] - pages[2]) * pageBytes;
    }

    /// <summary>The names in <c>cmdline</c>, arguments ended by a zero each: the program's, and that of the assembly <c>dotnet</c> runs. No other argument is looked at, and none shown: there may be secrets.</summary>
    public static ProcessNames ParseNames(string name, ReadOnlySpan<byte> cmdline)
    {
        var arguments = new List<string>();
        foreach (Range argument in cmdline.Split((byte)0))
        {
            arguments.Add(Encoding.UTF8.GetString(cmdline[argument]));
            if (arguments.Count == MostArguments)
            {
                break;
            }
        }

        string program = FileName(arguments[0]);
        program = program.Length > MostCharacters ? program[..MostCharacters] : program;
        if (IsDotnet(program) && FindAssembly(arguments) is { } assembly)
        {
            return new ProcessNames(assembly, [.. new[] { assembly, assembly[..^".dll".Length], program, name }.Distinct()]);
        }

        // The system keeps 15 bytes of a name; the whole of it is how the program was started, if it has not written something else there.
        bool isCut = name.Length > 0 && Encoding.UTF8.GetByteCount(name) >= LongestName && program.StartsWith(name, StringComparison.Ordinal);
        string display = isCut ? program : name;
        return new ProcessNames(display, [.. new[] { display, name, program }.Where(text => text.Length > 0).Distinct()]);
    }

    private static bool IsDotnet(string program) =>
        program.Equals("dotnet", StringComparison.OrdinalIgnoreCase) || program.Equals("dotnet.exe", StringComparison.OrdinalIgnoreCase);

    /// <summary>The assembly is the first argument, after <c>exec</c> and the host's options, each of which has a value.</summary>
    private static string? FindAssembly(List<string> arguments)
    {
        for (int i = 1; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                i++;
            }
            else if (argument != "exec")
            {
                string file = FileName(argument);
                return file.Length > ".dll".Length && file.Length <= MostCharacters && file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? file : null;
            }
        }

        return null;
    }

    private static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static void Take(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key, ref long? bytes)
    {
        if (line.StartsWith(key) && Utf8Parser.TryParse(line[key.Length..].TrimStart(" \t"u8), out long kilobytes, out _))
        {
            bytes = kilobytes * 1024;
        }
    }
}
