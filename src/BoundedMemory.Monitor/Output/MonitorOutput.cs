using System.Globalization;
using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Watching;
using Spectre.Console;

namespace BoundedMemory.Monitor.Output;

/// <summary>Shows what is watched: as a table that changes on a terminal, as a line for each process and look elsewhere; the same summary at the end.</summary>
internal static class MonitorOutput
{
    private const int NameLength = 32;
    private const int SparkWidth = 20;

    /// <summary>Lines of a terminal that rows of the table do not have: borders, headings, total, caption.</summary>
    private const int OtherLines = 9;

    /// <summary>The table as it is now, no higher than the terminal.</summary>
    public static Table Live(IAnsiConsole terminal, Watch watch, MonitorSettings settings)
    {
        int rows = Math.Clamp(terminal.Profile.Height - OtherLines, 1, settings.Top);
        CultureInfo culture = CultureInfo.InvariantCulture;
        string time = string.Create(culture, $"{watch.Seconds:F0} of {settings.Duration.TotalSeconds:F0} s, {watch.Looks} looks; Ctrl-C ends it with the summary");
        return GridOf(watch, settings, rows, terminal.Profile.Capabilities.Unicode).ToTable().Caption(Markup.Escape(time));
    }

    /// <summary>What the last look found.</summary>
    public static void WriteLines(TextWriter output, DateTimeOffset now, Watch watch, MonitorSettings settings)
    {
        string time = now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        foreach (WatchedProcess process in watch.InOrder(settings.Thresholds).Take(settings.Top).Where(process => process.EndedAt is null || process.EndedAt == watch.Seconds))
        {
            output.WriteLine(string.Join("  ",
                time,
                Words.Of(process.Identity.Pid),
                Printable.Of(process.Names.Display, NameLength),
                process.EndedAt is null ? Words.Of(process.Memory.ResidentBytes) : $"exited with {Words.Of(process.Memory.ResidentBytes)}",
                process.Trend is { } trend ? Words.Percent(trend) : Words.InsufficientData,
                Words.Judgement(process, settings.Thresholds)));
        }

        output.Flush();
    }

    public static void WriteSummary(Surroundings surroundings, Watch watch, MonitorSettings settings, bool isInterrupted)
    {
        TextWriter output = surroundings.Output;
        Grid grid = GridOf(watch, settings, settings.Top, surroundings.Terminal?.Profile.Capabilities.Unicode ?? true);
        if (surroundings.Terminal is { } terminal)
        {
            terminal.Write(grid.ToTable());
        }
        else
        {
            output.WriteLine();
            grid.Write(output);
        }

        foreach (string note in Notes.Of(watch, settings))
        {
            output.WriteLine(note);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{watch.Looks} looks in {watch.Seconds:F1} s{(isInterrupted ? ", interrupted" : "")}. Verdict: {Words.Of(watch.Judge(settings.Thresholds))}."));
    }

    private static Grid GridOf(Watch watch, MonitorSettings settings, int rows, bool isUnicode)
    {
        var grid = new Grid(">pid", "name", "resident", ">now", ">min", ">max", ">trend", ">MB/h", "verdict");
        foreach (WatchedProcess process in watch.InOrder(settings.Thresholds).Take(rows))
        {
            Trend? trend = process.Trend;
            grid.Add(
                Words.Of(process.Identity.Pid),
                Printable.Of(process.Names.Display, NameLength),
                Sparkline.Of(process.Series.Readings, SparkWidth, isUnicode),
                Words.Of(process.Memory.ResidentBytes),
                Words.Of(process.Series.Least),
                Words.Of(process.Series.Most),
                trend is { } known ? Words.Percent(known) : Words.InsufficientData,
                trend is { } slope ? Words.Pace(slope) : Words.Unknown,
                new Cell(Words.Judgement(process, settings.Thresholds), process.Judge(settings.Thresholds)));
        }

        Verdict total = settings.Thresholds.JudgeTotal(watch.MostTotalBytes);
        grid.AddTotal(
            "",
            string.Create(CultureInfo.InvariantCulture, $"total of {watch.Total.Processes}"),
            "",
            Words.Of(watch.Total.ResidentBytes),
            "",
            Words.Of(watch.MostTotalBytes),
            "",
            "",
            new Cell(Words.Of(total), total));
        return grid;
    }
}
