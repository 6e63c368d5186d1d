using System.Globalization;

namespace BoundedMemory.Monitor.CommandLine;

/// <summary>Which processes were asked for: those with a number, those of a name; all, if none is given.</summary>
internal sealed record Targets(IReadOnlyList<int> Pids, IReadOnlyList<string> Names)
{
    public bool IsEverything => Pids.Count == 0 && Names.Count == 0;

    /// <summary>Reads numbers and names; what has digits alone is a number.</summary>
    /// <param name="arguments">What was written.</param>
    /// <param name="targets">What it means.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public static string? Parse(IEnumerable<string> arguments, out Targets targets)
    {
        var pids = new List<int>();
        var names = new List<string>();
        targets = new Targets(pids, names);
        foreach (string argument in arguments)
        {
            if (string.IsNullOrWhiteSpace(argument))
            {
                return "A process is a number or a name; one is empty.";
            }

            if (!argument.All(char.IsAsciiDigit))
            {
                names.Add(argument);
            }
            else if (int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0)
            {
                pids.Add(pid);
            }
            else
            {
                return $"The number of a process is from 1 to {int.MaxValue}; '{argument}' is not.";
            }
        }

        targets = new Targets([.. pids.Distinct()], [.. names.Distinct(StringComparer.OrdinalIgnoreCase)]);
        return null;
    }
}
