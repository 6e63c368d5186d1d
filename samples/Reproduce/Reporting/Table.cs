namespace Reproduce;

/// <summary>The printed form of a scenario: what was measured, the report's numbers beside it, and what holds.</summary>
internal static class Table
{
    /// <summary>The measured rows: name, and value of a trial; null where a variant has none, and a row that has none at all is left out.</summary>
    public static readonly IReadOnlyList<Row> Rows =
    [
        new("live heap", "MB", t => t.LiveMegabytes, 2),
        new("bytes counted", "MB", t => t.CountedBytes is { } bytes ? Units.Megabytes(bytes) : null, 2),
        new("limit in bytes", "MB", t => t.MaxBytes is { } max ? Units.Megabytes(max) : null, 2),
        new("peak RSS", "MB", t => Units.Megabytes(t.PeakRssBytes), 0),
        new("RSS at rest", "MB", t => Units.Megabytes(t.RssAtRestBytes), 0),
        new("baseline heap", "MB", t => Units.Megabytes(t.BaselineBytes), 2),
        new("entries", "", t => t.Entries, 0),
        new("requests", "", t => t.Cache?.Requests, 0),
        new("hit ratio", "%", t => t.Cache?.HitRatio * 100, 1),
        new("loads", "", t => t.Cache?.Loads, 0),
        new("entered", "", t => t.Flow.Entered, 0),
        new("evicted", "", t => t.Flow.LeftBy("evicted"), 0),
        new("archived", "", t => t.Flow.LeftBy("archived"), 0),
        new("expired", "", t => t.Flow.LeftBy("expired"), 0),
        new("trimmed", "", t => t.Flow.LeftBy("trimmed"), 0),
        new("replaced", "", t => t.Flow.LeftBy("replaced"), 0),
        new("read", "", t => t.Flow.LeftBy("read"), 0),
        new("refused", "", t => t.Flow.Refused, 0),
        new("time", "s", t => t.Seconds, 1),
    ];

    public static string NameOf(Variant variant) => variant switch
    {
        Variant.Unbounded => "unbounded",
        Variant.CountsOnly => "counts only",
        Variant.BytesOnly => "bytes only",
        _ => "bounded",
    };

    public static void Print(IScenario scenario, IReadOnlyDictionary<Variant, Trial> trials, IEnumerable<Check> checks, TextWriter output)
    {
        output.WriteLine($"== {scenario.Name}: system {scenario.Origin}");
        output.WriteLine(scenario.Workload);
        output.WriteLine();
        Write(output, [["measured", "", .. trials.Keys.Select(NameOf)], .. MeasuredCells(trials.Values), .. ReadingCells(trials.Values)], leftColumns: 2);
        output.WriteLine();
        Write(output, [["report", "says", "measured", "", "where it says so"], .. scenario.Claims.Select(claim => ClaimCells(claim, trials))], leftColumns: 1, leftFrom: 3);
        output.WriteLine();
        foreach (Check check in checks)
        {
            output.WriteLine($"{(check.Holds ? "ok    " : "FAILED")}  {check.Text}");
        }

        output.WriteLine();
    }

    /// <summary>How a measured value lies to the report's.</summary>
    public static string Compare(Claim claim, double measured) =>
        measured >= claim.Low && measured <= claim.High ? "as reported"
        : measured < claim.Low ? $"{measured / claim.Low:N2} x"
        : $"{measured / claim.High:N2} x";

    private static IEnumerable<string[]> MeasuredCells(IEnumerable<Trial> trials) =>
        from row in Rows
        let values = trials.Select(row.Value).ToArray()
        where values.Any(value => value is not null)
        select (string[])[row.Name, row.Unit, .. values.Select(value => value is { } v ? v.ToString($"N{row.Digits}", null) : "-")];

    private static IEnumerable<string[]> ReadingCells(IEnumerable<Trial> trials) =>
        from bound in trials.SelectMany(trial => trial.Readings).DistinctBy(reading => reading.Name)
        select (string[])
        [
            $"highest {bound.Name}",
            bound.IsBytes ? "MB" : $"of {bound.Limit}",
            .. trials.Select(trial => trial.Readings.FirstOrDefault(reading => reading.Name == bound.Name) is { } r
                ? r.IsBytes ? $"{Units.Megabytes(r.Highest):N2}" : $"{r.Highest:N0}"
                : "-"),
        ];

    private static string[] ClaimCells(Claim claim, IReadOnlyDictionary<Variant, Trial> trials)
    {
        double measured = claim.Measured(trials[claim.Variant]);
        string digits = claim.High < 100 && claim.Unit.Length > 0 ? "N2" : "N0";
        string says = claim.Low == claim.High ? $"{claim.Low:#,0.##}" : $"{claim.Low:#,0.##}-{claim.High:#,0.##}";
        return [claim.What, $"{says} {claim.Unit}".TrimEnd(), $"{measured.ToString(digits, null)} {claim.Unit}".TrimEnd(), Compare(claim, measured), claim.Source];
    }

    /// <summary>Writes aligned columns: those that hold names to the left, those that hold numbers to the right.</summary>
    private static void Write(TextWriter output, IReadOnlyList<string[]> rows, int leftColumns, int leftFrom = int.MaxValue)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, i) => i < leftColumns || i >= leftFrom ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]));
            output.WriteLine("  " + string.Join("  ", cells).TrimEnd());
        }
    }
}

/// <summary>A measured row of the table.</summary>
internal sealed record Row(string Name, string Unit, Func<Trial, double?> Value, int Digits);
