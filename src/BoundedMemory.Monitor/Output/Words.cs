using System.Globalization;
using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor.Output;

/// <summary>How figures and verdicts are written, the same in every form of output.</summary>
internal static class Words
{
    public const string Unknown = "-";

    public const string InsufficientData = "insufficient data";

    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Investigate => "investigate",
        Verdict.Act => "act",
        _ => "review",
    };

    public static string Of(long? bytes) => bytes is { } known ? ByteSize.Format(known) : Unknown;

    public static string Of(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Such as <c>-45.1 %</c>.</summary>
    public static string Percent(Trend trend) => string.Create(CultureInfo.InvariantCulture, $"{trend.Percent:+0.0;-0.0;0.0} %");

    /// <summary>Such as <c>+30.0</c>, in megabytes an hour.</summary>
    public static string Pace(Trend trend) => string.Create(CultureInfo.InvariantCulture, $"{trend.BytesPerHour / (1 << 20):+#,0.0;-#,0.0;0.0}");

    /// <summary>Why the verdict is what it is: <c>size</c>, <c>growing</c>, or both.</summary>
    public static IReadOnlyList<string> Reasons(WatchedProcess process, Thresholds thresholds) =>
    [
        .. process.Series.Most >= thresholds.Investigate.Bytes ? ["size"] : Array.Empty<string>(),
        .. process.IsGrowing ? ["growing"] : Array.Empty<string>(),
    ];

    /// <summary>The verdict, and that it comes of growth where it does.</summary>
    public static string Judgement(WatchedProcess process, Thresholds thresholds) =>
        Of(process.Judge(thresholds)) + (process.IsGrowing ? ", growing" : "") + (process.EndedAt is null ? "" : " (exited)");
}
