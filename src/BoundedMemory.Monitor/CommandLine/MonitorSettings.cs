using BoundedMemory.Monitor.Judging;

namespace BoundedMemory.Monitor.CommandLine;

/// <summary>What <c>monitor</c> is told beside that.</summary>
/// <param name="Targets">The processes of interest.</param>
/// <param name="Thresholds">From which sizes on something is to be done.</param>
/// <param name="Top">How many processes are listed; verdict and total are of all.</param>
/// <param name="IsJson">Whether the result is one JSON document.</param>
/// <param name="Duration">For how long.</param>
/// <param name="Interval">Time between two looks.</param>
/// <param name="CsvFile">Where each look is written to; null for nowhere.</param>
/// <param name="HtmlFile">Where the page is written to; null for nowhere.</param>
internal sealed record MonitorSettings(
    Targets Targets, Thresholds Thresholds, int Top, bool IsJson, TimeSpan Duration, TimeSpan Interval, string? CsvFile, string? HtmlFile)
    : LookSettings(Targets, Thresholds, Top, IsJson);
