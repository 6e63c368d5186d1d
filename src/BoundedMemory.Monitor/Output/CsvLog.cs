using System.Globalization;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor.Output;

/// <summary>Writes each reading as a line of comma-separated values (RFC 4180), as it is taken: what is there when the monitor is killed is complete.</summary>
internal sealed class CsvLog : IDisposable
{
    private const string Heading = "time,seconds,pid,start,name,state,resident_bytes,private_bytes,swap_bytes,threads";

    private readonly TextWriter _output;

    public CsvLog(TextWriter output)
    {
        _output = output;
        _output.NewLine = "\r\n";
        _output.WriteLine(Heading);
        _output.Flush();
    }

    /// <summary>Writes what the last look found: those that live, and those that it no longer found, without figures.</summary>
    public void Write(DateTimeOffset now, Watch watch)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        foreach (WatchedProcess process in watch.Processes)
        {
            string head = string.Create(culture, $"{now:O},{watch.Seconds:F3},{process.Identity.Pid},{process.Identity.Start},{Quote(process.Names.Display)}");
            if (process.EndedAt is null)
            {
                _output.WriteLine(string.Create(culture,
                    $"{head},running,{process.Memory.ResidentBytes},{process.Memory.PrivateBytes},{process.Memory.SwapBytes},{process.Threads}"));
            }
            else if (process.EndedAt == watch.Seconds)
            {
                _output.WriteLine($"{head},exited,,,,");
            }
        }

        _output.Flush();
    }

    public void Dispose() => _output.Dispose();

    /// <summary>A name in quotes, in one line; what a spreadsheet would take for a formula gets an apostrophe before it.</summary>
    private static string Quote(string name)
    {
        string text = Printable.Of(name);
        string safe = text[0] is '=' or '+' or '-' or '@' ? "'" + text : text;
        return $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
