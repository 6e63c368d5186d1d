using BoundedMemory.Monitor.Processes;
using Spectre.Console;

namespace BoundedMemory.Monitor;

/// <summary>All that the tool touches outside itself.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Terminal">The terminal that standard output is; null if it is something else.</param>
/// <param name="Reader">Where processes are read from.</param>
/// <param name="Clock">The time.</param>
/// <param name="OwnPid">The number of the tool's own process.</param>
internal sealed record Surroundings(TextWriter Output, TextWriter Error, IAnsiConsole? Terminal, IProcessReader Reader, TimeProvider Clock, int OwnPid);
