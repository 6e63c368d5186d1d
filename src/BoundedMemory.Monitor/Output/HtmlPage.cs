using System.Globalization;
using System.Net;
using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor.Output;

/// <summary>The result as one page that needs nothing else: no scripts, no fonts, no pictures from anywhere, and a policy that forbids them.</summary>
internal static class HtmlPage
{
    private const string Head =
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>memory-monitor</title>
        <style>
        :root { color-scheme: light dark; --line: #8886; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        svg { width: 100%; height: auto; font-size: 12px; }
        svg text { fill: currentColor; }
        .grid { stroke: var(--line); stroke-width: 1; }
        .limit { stroke: #d33; stroke-width: 1; stroke-dasharray: 6 4; }
        .series { fill: none; stroke-width: 2; stroke-linejoin: round; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; }
        th.text, td.text { text-align: left; overflow-wrap: anywhere; }
        .swatch { display: inline-block; width: .8em; height: .8em; margin-right: .5em; border-radius: 2px; }
        .ok { color: #2a8a3e; } .investigate { color: #b7791f; } .act, .review { color: #d33; font-weight: 600; }
        </style>
        </head>
        <body>
        """;

    public static void Write(TextWriter output, DateTimeOffset startedAt, Watch watch, MonitorSettings settings, bool isInterrupted)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        Verdict verdict = watch.Judge(settings.Thresholds);
        IReadOnlyList<WatchedProcess> processes = [.. watch.InOrder(settings.Thresholds).Take(settings.Top)];
        output.WriteLine(Head);
        output.WriteLine($"<h1>Memory: <span class=\"{Words.Of(verdict)}\">{Words.Of(verdict)}</span></h1>");
        output.WriteLine(string.Create(culture,
            $"<p>From {startedAt:yyyy-MM-dd HH:mm:ss} UTC, {watch.Looks} looks in {watch.Seconds:F1} s{(isInterrupted ? ", interrupted" : "")}. Investigate from {settings.Thresholds.Investigate}, act from {settings.Thresholds.Act}, review from {settings.Thresholds.Total} in all.</p>"));
        SvgChart.Write(output, processes, settings.Thresholds);
        WriteTable(output, watch, processes, settings.Thresholds);
        foreach (string note in Notes.Of(watch, settings))
        {
            output.WriteLine($"<p>{Escape(note)}</p>");
        }

        output.WriteLine("</body>\n</html>");
    }

    private static void WriteTable(TextWriter output, Watch watch, IReadOnlyList<WatchedProcess> processes, Thresholds thresholds)
    {
        output.WriteLine("<table>\n<tr><th>pid</th><th class=\"text\">name</th><th>now</th><th>min</th><th>max</th><th>trend</th><th>MB/h</th><th class=\"text\">verdict</th></tr>");
        for (int i = 0; i < processes.Count; i++)
        {
            WatchedProcess process = processes[i];
            string swatch = SvgChart.ColorOf(i) is { } color ? $"<span class=\"swatch\" style=\"background:{color}\"></span>" : "";
            WriteRow(
                output,
                Words.Of(process.Identity.Pid),
                swatch + Escape(Printable.Of(process.Names.Display)),
                Words.Of(process.Memory.ResidentBytes),
                Words.Of(process.Series.Least),
                Words.Of(process.Series.Most),
                process.Trend is { } trend ? Words.Percent(trend) : Words.InsufficientData,
                process.Trend is { } slope ? Words.Pace(slope) : Words.Unknown,
                process.Judge(thresholds),
                Words.Judgement(process, thresholds));
        }

        Verdict total = thresholds.JudgeTotal(watch.MostTotalBytes);
        WriteRow(
            output, "", $"total of {Words.Of(watch.Total.Processes)}", Words.Of(watch.Total.ResidentBytes), "", Words.Of(watch.MostTotalBytes), "", "", total, Words.Of(total));
        output.WriteLine("</table>");
    }

    private static void WriteRow(TextWriter output, string pid, string name, string now, string least, string most, string trend, string pace, Verdict verdict, string judgement) =>
        output.WriteLine(
            $"<tr><td>{pid}</td><td class=\"text\">{name}</td><td>{now}</td><td>{least}</td><td>{most}</td><td>{trend}</td><td>{pace}</td>"
            + $"<td class=\"text {Words.Of(verdict)}\">{judgement}</td></tr>");

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
