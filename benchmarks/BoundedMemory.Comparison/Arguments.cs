using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace BoundedMemory.Comparison;

/// <summary>What the command line asks for.</summary>
internal sealed class Arguments
{
    public static readonly string Usage = $"""
        Measures primitives side by side and prints CSV.

          {string.Join(" | ", Area.All.Select(a => a.Name))} | all      what to compare; several may be given

          --repetitions N       how often each subject is measured; default {Plan.DefaultRepetitions}
          --keys long|string    only these keys
          --threads 1,2         how many threads; default 1 and 2
          --quick               {Plan.QuickRepetitions} short repetitions: shows that everything runs, not how fast
          --csv FILE            writes the CSV there too
        """;

    private readonly List<Area> _areas = [];

    private Arguments()
    {
    }

    public IReadOnlyList<Area> Areas => _areas;

    public Plan Plan { get; private set; } = new();

    public string? CsvPath { get; private set; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? problem)
    {
        arguments = new Arguments();
        problem = null;
        for (int i = 0; i < args.Length && problem is null; i++)
        {
            if (args[i] == "--quick")
            {
                arguments.Plan = arguments.Plan with { IsQuick = true };
            }
            else if (args[i].StartsWith("--", StringComparison.Ordinal))
            {
                string value = i + 1 < args.Length ? args[i + 1] : "";
                problem = arguments.TrySet(args[i], value) ? null : $"'{args[i]} {value}' is not understood.";
                i++;
            }
            else
            {
                Area[] named = [.. Area.All.Where(a => a.Name == args[i] || args[i] == "all")];
                problem = named.Length > 0 ? null : $"There is nothing to compare under the name '{args[i]}'.";
                arguments._areas.AddRange(named.Except(arguments._areas));
            }
        }

        problem ??= arguments._areas.Count > 0 ? null : "Nothing to compare was named.";
        arguments = problem is null ? arguments : null;
        return problem is null;
    }

    private bool TrySet(string name, string value)
    {
        switch (name)
        {
            case "--repetitions" when Number(value) > 0:
                Plan = Plan with { AskedRepetitions = Number(value) };
                return true;
            case "--threads" when value.Split(',').All(part => Number(part) > 0):
                Plan = Plan with { Threads = [.. value.Split(',').Select(Number).Distinct()] };
                return true;
            case "--keys" when Enum.TryParse(value, ignoreCase: true, out KeyKind keys):
                Plan = Plan with { Keys = keys };
                return true;
            case "--csv" when value.Length > 0:
                CsvPath = value;
                return true;
            default:
                return false;
        }
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
