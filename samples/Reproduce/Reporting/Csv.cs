using System.Globalization;

namespace Reproduce;

/// <summary>The same numbers for a program to read: one line for each, the report's beside it where there is one.</summary>
internal static class Csv
{
    public const string Header = "form,scenario,variant,metric,unit,measured,limit,report_low,report_high,report_source";

    public static IEnumerable<string> Lines(IScenario scenario, IReadOnlyDictionary<Variant, Trial> trials, bool quick)
    {
        foreach ((Variant variant, Trial trial) in trials)
        {
            foreach (Row row in Table.Rows)
            {
                if (row.Value(trial) is { } value)
                {
                    yield return Line(quick, scenario.Name, variant, row.Name, row.Unit, value, "", "", "", "");
                }
            }

            foreach (BoundReading reading in trial.Readings)
            {
                yield return Line(quick, scenario.Name, variant, $"highest {reading.Name}", reading.IsBytes ? "bytes" : "", reading.Highest, reading.Limit, "", "", "");
            }
        }

        foreach (Claim claim in scenario.Claims)
        {
            yield return Line(quick, scenario.Name, claim.Variant, claim.What, claim.Unit, claim.Measured(trials[claim.Variant]), "", claim.Low, claim.High, claim.Source);
        }
    }

    private static string Line(bool quick, string scenario, Variant variant, params object[] cells) => string.Join(
        ',',
        cells.Prepend(Table.NameOf(variant)).Prepend(scenario).Prepend(quick ? "quick" : "full").Select(cell => Quote(Convert.ToString(cell, CultureInfo.InvariantCulture)!)));

    private static string Quote(string cell) => cell.Contains(',', StringComparison.Ordinal) ? $"\"{cell}\"" : cell;
}
