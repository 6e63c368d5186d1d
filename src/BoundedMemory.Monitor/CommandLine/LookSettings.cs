using BoundedMemory.Monitor.Judging;

namespace BoundedMemory.Monitor.CommandLine;

/// <summary>What both commands are told.</summary>
/// <param name="Targets">The processes of interest.</param>
/// <param name="Thresholds">From which sizes on something is to be done.</param>
/// <param name="Top">How many processes are listed; verdict and total are of all.</param>
/// <param name="IsJson">Whether the result is one JSON document.</param>
internal record LookSettings(Targets Targets, Thresholds Thresholds, int Top, bool IsJson);
