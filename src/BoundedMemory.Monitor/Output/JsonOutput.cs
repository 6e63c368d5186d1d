using System.Text.Json;
using System.Text.Json.Serialization;
using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor.Output;

/// <summary>The result as one JSON document.</summary>
internal static class JsonOutput
{
    /// <summary>Rises when the meaning of a property changes, or one goes.</summary>
    private const int Version = 1;

    public static void Write(TextWriter output, string command, DateTimeOffset startedAt, Watch watch, LookSettings settings, IReadOnlyList<string> problems, bool isInterrupted, int exitCode)
    {
        var monitor = settings as MonitorSettings;
        Totals total = watch.Total;
        var document = new JsonReport(
            Version,
            command,
            startedAt,
            monitor is null ? null : watch.Seconds,
            monitor?.Interval.TotalSeconds,
            monitor is null ? null : watch.Looks,
            monitor is null ? null : isInterrupted,
            new(settings.Thresholds.Investigate.Bytes, settings.Thresholds.Act.Bytes, settings.Thresholds.Total.Bytes),
            [.. watch.InOrder(settings.Thresholds).Take(settings.Top).Select(process => ProcessOf(process, settings.Thresholds, monitor is not null))],
            new(
                total.Processes, total.ResidentBytes, watch.MostTotalBytes, total.PrivateBytes, total.SwapBytes, total.Threads,
                Words.Of(settings.Thresholds.JudgeTotal(watch.MostTotalBytes))),
            Math.Max(0, watch.Processes.Count - settings.Top),
            watch.Unreadable,
            watch.LeftOut,
            watch.Forgotten,
            problems,
            Words.Of(watch.Judge(settings.Thresholds)),
            exitCode);
        output.WriteLine(JsonSerializer.Serialize(document, JsonReportContext.Default.JsonReport));
    }

    private static JsonProcess ProcessOf(WatchedProcess process, Thresholds thresholds, bool isSeries)
    {
        Trend? trend = process.Trend;
        return new JsonProcess(
            process.Identity.Pid,
            process.Identity.Start,
            process.Names.Display,
            process.Memory.ResidentBytes,
            process.Memory.PrivateBytes,
            process.Memory.SwapBytes,
            process.Threads,
            Words.Of(process.Judge(thresholds)),
            Words.Reasons(process, thresholds),
            isSeries
                ? new JsonSeries(
                    process.EndedAt, process.Series.Count, process.Series.First.Seconds, process.Series.First.Bytes, process.Series.Least, process.Series.Most,
                    trend is null ? null : new JsonTrend(Math.Round(trend.Value.Percent, 2), Math.Round(trend.Value.BytesPerHour), trend.Value.IsGrowing))
                : null);
    }
}

/// <summary>The document.</summary>
internal sealed record JsonReport(
    int Version,
    string Command,
    DateTimeOffset StartedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Seconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? IntervalSeconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Looks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Interrupted,
    JsonThresholds Thresholds,
    IReadOnlyList<JsonProcess> Processes,
    JsonTotal Total,
    int NotListed,
    int Unreadable,
    int NotWatched,
    long Forgotten,
    IReadOnlyList<string> Problems,
    string Verdict,
    int ExitCode);

internal sealed record JsonThresholds(long InvestigateBytes, long ActBytes, long TotalBytes);

internal sealed record JsonProcess(
    int Pid, long Start, string Name, long ResidentBytes, long? PrivateBytes, long? SwapBytes, int Threads, string Verdict, IReadOnlyList<string> Reasons,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonSeries? Series);

/// <summary>What was seen of a process over time; no trend means too few readings.</summary>
internal sealed record JsonSeries(double? ExitedAfterSeconds, long Samples, double FirstSeconds, long FirstBytes, long LeastBytes, long MostBytes, JsonTrend? Trend);

internal sealed record JsonTrend(double Percent, double BytesPerHour, bool Growing);

internal sealed record JsonTotal(int Processes, long ResidentBytes, long MostResidentBytes, long PrivateBytes, long SwapBytes, long Threads, string Verdict);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(JsonReport))]
internal sealed partial class JsonReportContext : JsonSerializerContext;
