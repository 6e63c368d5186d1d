using System.Globalization;
using System.Net;
using System.Text;
using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor.Output;

/// <summary>Resident sizes over time as a drawing in a page.</summary>
internal static class SvgChart
{
    private const double Width = 900;
    private const double Height = 360;
    private const double Left = 80;
    private const double Right = 12;
    private const double Top = 12;
    private const double Bottom = 32;
    private const int Steps = 5;

    private static readonly string[] Colors = ["#2f6fdb", "#e0701a", "#2a9d5c", "#c0392b", "#8e5bd0", "#8a5a44", "#d94f9b", "#6b7280", "#9a8c00", "#0f9fb5"];

    /// <summary>The colour of the process in that place; null for those that are not drawn.</summary>
    public static string? ColorOf(int index) => index < Colors.Length ? Colors[index] : null;

    public static void Write(TextWriter output, IReadOnlyList<WatchedProcess> processes, Thresholds thresholds)
    {
        WatchedProcess[] drawn = [.. processes.Take(Colors.Length)];
        if (drawn.Length == 0)
        {
            output.WriteLine("<p>Nothing was seen.</p>");
            return;
        }

        double seconds = Math.Max(drawn.Max(process => process.Series.Last.Seconds), 1e-3);
        long step = StepFor(drawn.Max(process => process.Series.Most));
        long most = step * Steps;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Resident memory over time\">"));
        for (int i = 0; i <= Steps; i++)
        {
            WriteLine(output, "grid", step * i, most, ByteSize.Format(step * i));
        }

        for (int i = 0; i <= Steps; i++)
        {
            double at = seconds * i / Steps;
            string anchor = i == 0 ? "start" : i == Steps ? "end" : "middle";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"<text x=\"{X(at, seconds):F1}\" y=\"{Height - 10}\" text-anchor=\"{anchor}\">{TimeOf(at, seconds)}</text>"));
        }

        foreach (ByteSize limit in new[] { thresholds.Investigate, thresholds.Act }.Where(limit => limit.Bytes <= most))
        {
            WriteLine(output, "limit", limit.Bytes, most, label: null);
        }

        for (int i = 0; i < drawn.Length; i++)
        {
            WriteSeries(output, drawn[i], Colors[i], seconds, most);
        }

        output.WriteLine("</svg>");
    }

    private static void WriteSeries(TextWriter output, WatchedProcess process, string color, double seconds, long most)
    {
        var points = new StringBuilder();
        foreach (Reading reading in process.Series.Readings)
        {
            points.Append(CultureInfo.InvariantCulture, $"{X(reading.Seconds, seconds):F1},{Y(reading.Bytes, most):F1} ");
        }

        string title = WebUtility.HtmlEncode($"{Words.Of(process.Identity.Pid)} {Printable.Of(process.Names.Display)}");
        output.WriteLine($"<polyline class=\"series\" stroke=\"{color}\" points=\"{points.ToString().TrimEnd()}\"><title>{title}</title></polyline>");
        if (process.EndedAt is not null)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"<circle cx=\"{X(process.Series.Last.Seconds, seconds):F1}\" cy=\"{Y(process.Series.Last.Bytes, most):F1}\" r=\"4\" fill=\"{color}\"><title>{title} exited</title></circle>"));
        }
    }

    private static void WriteLine(TextWriter output, string kind, long bytes, long most, string? label)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        double y = Y(bytes, most);
        output.WriteLine(string.Create(culture, $"<line class=\"{kind}\" x1=\"{Left}\" y1=\"{y:F1}\" x2=\"{Width - Right}\" y2=\"{y:F1}\"/>"));
        if (label is not null)
        {
            output.WriteLine(string.Create(culture, $"<text x=\"{Left - 8}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{label}</text>"));
        }
    }

    /// <summary>The least of 1, 2, 5, 10... megabytes that the highest size is within five of.</summary>
    private static long StepFor(long most)
    {
        const long Megabyte = 1 << 20;
        for (long unit = Megabyte; ; unit *= 10)
        {
            foreach (int times in new[] { 1, 2, 5 })
            {
                if (unit * times * Steps >= most)
                {
                    return unit * times;
                }
            }
        }
    }

    private static string TimeOf(double at, double whole) => string.Create(
        CultureInfo.InvariantCulture, $"{(whole >= 7200 ? at / 3600 : whole >= 120 ? at / 60 : at):0.#} {(whole >= 7200 ? "h" : whole >= 120 ? "min" : "s")}");

    private static double X(double seconds, double whole) => Left + (seconds / whole * (Width - Left - Right));

    private static double Y(long bytes, long most) => Height - Bottom - ((double)bytes / most * (Height - Top - Bottom));
}
