using BoundedMemory.Monitor.CommandLine;
using Spectre.Console;

namespace BoundedMemory.Monitor.Tests.Support;

/// <summary>The tool within the test's process, on processes that are made up.</summary>
internal sealed class Tool
{
    public const int OwnPid = 1;

    public MadeUpProcesses Processes { get; } = new();

    public ManualTimeProvider Clock { get; } = new();

    public Transcript Output { get; } = new();

    public Transcript Error { get; } = new();

    public IAnsiConsole? Terminal { get; init; }

    /// <summary>A terminal that writes to a text.</summary>
    public static IAnsiConsole TerminalTo(TextWriter output)
    {
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Out = new AnsiConsoleOutput(output),
        });
        terminal.Profile.Width = 160;
        terminal.Profile.Height = 40;
        return terminal;
    }

    public Task<int> RunAsync(string arguments, CancellationToken interrupt = default) => RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), interrupt);

    public Task<int> RunAsync(string[] arguments, CancellationToken interrupt = default) =>
        Commands.RunAsync(arguments, new Surroundings(Output, Error, Terminal, Processes, Clock, OwnPid), interrupt).Soon();

    /// <summary>Runs a command that looks again and again: each look after the next interval of the clock, and after the one before it has been shown.</summary>
    public async Task<int> RunAsync(string arguments, TimeSpan interval, Action<int>? afterLook = null, CancellationToken interrupt = default)
    {
        Task<int> run = Task.Run(() => RunAsync(arguments, interrupt), CancellationToken.None);
        for (int look = 1; ; look++)
        {
            Patience.Until(() => run.IsCompleted || (Clock.Timers > 0 && Output.Flushes >= look));
            if (run.IsCompleted)
            {
                return await run;
            }

            afterLook?.Invoke(look);
            Clock.Advance(interval);
        }
    }
}
