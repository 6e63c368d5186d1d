using System.CommandLine;
using System.Globalization;
using BoundedMemory.Monitor.Judging;

namespace BoundedMemory.Monitor.CommandLine;

/// <summary>The commands of the tool, their arguments and options, and what is wrong with what was written.</summary>
internal static class Commands
{
    private const double LeastSeconds = 0.05;
    private const double MostSeconds = 86_400;
    private const double LeastMinutes = LeastSeconds / 60;
    private const double MostMinutes = 366 * 24 * 60;
    private const int DefaultTop = 20;
    private const int MostTop = 1_000;

    /// <summary>Parses and runs.</summary>
    /// <returns>How the tool is to end.</returns>
    public static async Task<int> RunAsync(string[] arguments, Surroundings surroundings, CancellationToken interrupt)
    {
        RootCommand root = Create(surroundings);

        // A name may begin with '@', which would be a file of arguments.
        ParseResult result = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count > 0)
        {
            foreach (string message in result.Errors.Select(error => error.Message).Distinct())
            {
                surroundings.Error.WriteLine(Output.Printable.Of(message));
            }

            surroundings.Error.WriteLine("memory-monitor --help tells more.");
            return ExitCode.Error;
        }

        var configuration = new InvocationConfiguration
        {
            Output = surroundings.Output,
            Error = surroundings.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await result.InvokeAsync(configuration, interrupt).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            surroundings.Error.WriteLine(exception.Message);
            return ExitCode.Error;
        }
    }

    private static RootCommand Create(Surroundings surroundings)
    {
        var root = new RootCommand("Looks at the memory of processes, and says which to investigate. Exit code: 0 ok, 1 investigate, 2 act, or review of the whole, 3 error.");
        root.Subcommands.Add(CreateQuick(surroundings));
        root.Subcommands.Add(CreateMonitor(surroundings));
        return root;
    }

    private static Command CreateQuick(Surroundings surroundings)
    {
        var command = new Command("quick", "One look at every process of interest: all that may be read, or those given.");
        Func<ParseResult, LookSettings> look = AddLook(command);
        command.SetAction(result => look(result) is var settings && IsSound(settings, surroundings) ? QuickRun.Run(settings, surroundings) : ExitCode.Error);
        return command;
    }

    private static Command CreateMonitor(Surroundings surroundings)
    {
        var command = new Command("monitor", "A look every so many seconds, with trend and verdict; Ctrl-C ends it with the summary.");
        Argument<double> minutes = Number("minutes", "For how long; fractions are allowed.", LeastMinutes, MostMinutes);
        Argument<double> interval = Number("intervalSeconds", "Seconds between two looks; fractions are allowed.", LeastSeconds, MostSeconds);
        command.Arguments.Add(minutes);
        command.Arguments.Add(interval);
        Func<ParseResult, LookSettings> look = AddLook(command);
        Option<string?> csv = new("--csv") { Description = "Write each reading to this file.", HelpName = "FILE" };
        Option<string?> html = new("--html") { Description = "Write a page with a chart to this file.", HelpName = "FILE" };
        command.Options.Add(csv);
        command.Options.Add(html);
        command.SetAction(async (result, interrupt) =>
        {
            LookSettings common = look(result);
            var settings = new MonitorSettings(
                common.Targets, common.Thresholds, common.Top, common.IsJson,
                TimeSpan.FromMinutes(result.GetValue(minutes)), TimeSpan.FromSeconds(result.GetValue(interval)),
                result.GetValue(csv), result.GetValue(html));
            return IsSound(settings, surroundings) ? await MonitorRun.RunAsync(settings, surroundings, interrupt).ConfigureAwait(false) : ExitCode.Error;
        });
        return command;
    }

    /// <summary>Adds what both commands take.</summary>
    /// <returns>What reads it.</returns>
    private static Func<ParseResult, LookSettings> AddLook(Command command)
    {
        var targets = new Argument<Targets>("process")
        {
            Description = "Numbers or names of processes; of 'dotnet x.dll' also x and x.dll. None: all that may be read.",
            Arity = ArgumentArity.ZeroOrMore,
            HelpName = "pid|name",
            CustomParser = result =>
            {
                if (Targets.Parse(result.Tokens.Select(token => token.Value), out Targets parsed) is { } problem)
                {
                    result.AddError($"process: {problem}");
                }

                return parsed;
            },
        };
        Option<ByteSize> investigate = Size("--investigate", "A process of this size is to be investigated.", Thresholds.Default.Investigate);
        Option<ByteSize> act = Size("--act", "A process of this size is to be acted on.", Thresholds.Default.Act);
        Option<ByteSize> total = Size("--total", "All together of this size are to be reviewed.", Thresholds.Default.Total);
        var top = new Option<int>("--top")
        {
            Description = "How many processes are listed; verdict and total are of all.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultTop,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > MostTop)
                {
                    result.AddError($"--top: '{text}' is not a whole number from 1 to {MostTop}.");
                }

                return number;
            },
        };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output, and nothing else there." };
        command.Arguments.Add(targets);
        foreach (Option option in new Option[] { investigate, act, total, top, json })
        {
            command.Options.Add(option);
        }

        return result => new LookSettings(
            result.GetValue(targets) ?? new Targets([], []),
            ThresholdsOf(result, investigate, act, total),
            result.GetValue(top),
            result.GetValue(json));
    }

    /// <summary>Of two thresholds of which one is given, the other gives way.</summary>
    private static Thresholds ThresholdsOf(ParseResult result, Option<ByteSize> investigate, Option<ByteSize> act, Option<ByteSize> total)
    {
        var thresholds = new Thresholds(result.GetValue(investigate), result.GetValue(act), result.GetValue(total));
        if (thresholds.Act.Bytes >= thresholds.Investigate.Bytes)
        {
            return thresholds;
        }

        return result.GetResult(investigate) is not { Implicit: false } ? thresholds with { Investigate = thresholds.Act }
            : result.GetResult(act) is not { Implicit: false } ? thresholds with { Act = thresholds.Investigate }
            : thresholds;
    }

    /// <summary>Checks what no argument can check alone.</summary>
    private static bool IsSound(LookSettings settings, Surroundings surroundings)
    {
        string? problem = settings.Thresholds.Act.Bytes < settings.Thresholds.Investigate.Bytes
            ? $"--act: {settings.Thresholds.Act} is less than --investigate, which is {settings.Thresholds.Investigate}."
            : settings is MonitorSettings monitor && monitor.Interval > monitor.Duration
            ? string.Create(CultureInfo.InvariantCulture, $"intervalSeconds: {monitor.Interval.TotalSeconds} is longer than the {monitor.Duration.TotalMinutes} minutes it is to be repeated in.")
            : settings is MonitorSettings { CsvFile: "" } ? "--csv: the name of the file is empty."
            : settings is MonitorSettings { HtmlFile: "" } ? "--html: the name of the file is empty."
            : null;
        if (problem is not null)
        {
            surroundings.Error.WriteLine(problem);
        }

        return problem is null;
    }

    private static Option<ByteSize> Size(string name, string description, ByteSize usual) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!ByteSize.TryParse(text, out ByteSize size))
            {
                result.AddError($"{name}: '{text}' is not a size from {ByteSize.Least} to {ByteSize.Most}, such as {usual.ToString().Replace(" ", "", StringComparison.Ordinal)}; units are B, KB, MB, GB, TB.");
            }

            return size;
        },
    };

    private static Argument<double> Number(string name, string description, double least, double most) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) || !(number >= least && number <= most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: '{text}' is not a number from {least:0.####} to {most}."));
            }

            return number;
        },
    };
}
