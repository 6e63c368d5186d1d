using System.Runtime.InteropServices;
using BoundedMemory.Monitor;
using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Processes;
using Spectre.Console;

using var interrupt = new CancellationTokenSource();
using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);

IProcessReader reader = OperatingSystem.IsLinux() ? new LinuxProcessReader() : new SystemProcessReader();
bool isTerminal = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
var surroundings = new Surroundings(Console.Out, Console.Error, isTerminal ? AnsiConsole.Console : null, reader, TimeProvider.System, Environment.ProcessId);
return await Commands.RunAsync(args, surroundings, interrupt.Token).ConfigureAwait(false);

// The first asks for the summary; a second one ends the tool at once.
void Interrupt(PosixSignalContext context)
{
    context.Cancel = !interrupt.IsCancellationRequested;
    interrupt.Cancel();
}
