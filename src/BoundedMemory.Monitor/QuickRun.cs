using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Output;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor;

/// <summary>One look at the processes of interest.</summary>
internal static class QuickRun
{
    public static int Run(LookSettings settings, Surroundings surroundings)
    {
        var watch = new Watch(surroundings.Reader, settings.Targets, surroundings.OwnPid);
        DateTimeOffset startedAt = surroundings.Clock.GetUtcNow();
        watch.Look(0);

        string[] problems = [.. watch.Problems, .. watch.NamesNotSeen.Select(name => $"There is no process named '{Printable.Of(name)}'.")];
        foreach (string problem in problems)
        {
            surroundings.Error.WriteLine(problem);
        }

        int exitCode = problems.Length > 0 ? ExitCode.Error : ExitCode.Of(watch.Judge(settings.Thresholds));
        if (settings.IsJson)
        {
            JsonOutput.Write(surroundings.Output, "quick", startedAt, watch, settings, problems, isInterrupted: false, exitCode);
        }
        else if (watch.Processes.Count > 0 || problems.Length == 0)
        {
            QuickOutput.Write(surroundings, watch, settings);
        }

        return exitCode;
    }
}
