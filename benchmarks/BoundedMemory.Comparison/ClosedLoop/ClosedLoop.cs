using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace BoundedMemory.Comparison;

/// <summary>What keeps a process with a busy cache below its limit, and at what price: each policy in a process of its own, one after the other.</summary>
internal static class ClosedLoop
{
    public const string Verb = "closed-loop";

    private const int Seconds = 60;

    private const int QuickSeconds = 15;

    /// <summary>Part of the nearest limit that is to be left to the cache.</summary>
    private const double LeastKept = 0.65;

    private const double MostPausedPercent = 5;

    /// <summary>What the runtime is told, and what limit the cache is a part of then: for 512 MiB of memory the collector takes 384.</summary>
    private static readonly (string Name, (string, string)? Variable, long Limit)[] Environments =
    [
        ("no limit of the runtime", null, LoopPolicy.Limit),
        ("512 MiB of memory", ("DOTNET_GCTotalPhysicalMemory", "0x20000000"), 402_653_184),
        ("heap of 480 MB", ("DOTNET_GCHeapHardLimit", "0x1C9C3800"), 480_000_000),
    ];

    /// <param name="args">The verb; --quick; --policy NAME; --seconds N.</param>
    public static int Run(string[] args)
    {
        int seconds = Option("--seconds") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : args.Contains("--quick") ? QuickSeconds : Seconds;
        string[] policies = [.. LoopPolicy.Names.Where(name => Option("--policy") is not { } policy || name == policy)];
        Console.WriteLine($"80 MB/s of inserts for {seconds} s; at most {LoopPolicy.Limit / 1e6:F0} MB resident; {Environment.ProcessorCount} cores; .NET {Environment.Version}");
        Console.WriteLine();
        Console.WriteLine("| runtime | entries | policy | outcome | most resident MB | cache MB, average | paused % | full collections | others' part of the machine | load the collector sees | below 500 MB | and >= 65 % kept, < 5 % paused |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        bool isKept = true;
        foreach ((string name, (string, string)? variable, long limit) in Environments)
        {
            foreach (int entryBytes in new[] { 131_072, 8_192 })
            {
                foreach (string policy in policies)
                {
                    LoopResult? result = RunChild(policy, entryBytes, seconds, variable);
                    bool holds = result is { Survived: true, PeakBytes: <= LoopPolicy.Limit };
                    bool isCheap = holds && result!.CacheBytes >= LeastKept * limit && result.PausedPercent < MostPausedPercent;
                    isKept &= holds || policy != "watchdog";
                    Console.WriteLine(result is null
                        ? $"| {name} | {entryBytes / 1024} KB | {policy} | ended by the runtime | | | | | | | no | no |"
                        : string.Create(
                            CultureInfo.InvariantCulture,
                            $"| {name} | {entryBytes / 1024} KB | {policy} | {result.Outcome} | {result.PeakBytes / 1e6:F0} | {result.CacheBytes / 1e6:F0} | {result.PausedPercent:F1} | {result.FullCollections} | {100 * result.Disturbance:F0} % | {result.LoadPercent:F0} % | {(holds ? "yes" : "no")} | {(isCheap ? "yes" : "no")} |"));
                    Console.Error.WriteLine(result?.Notes);
                }
            }
        }

        return isKept ? 0 : 1;

        string? Option(string option) => Array.IndexOf(args, option) is >= 0 and int i && i + 1 < args.Length ? args[i + 1] : null;
    }

    private static LoopResult? RunChild(string policy, int entryBytes, int seconds, (string Name, string Value)? variable)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        string[] arguments = [LoopRun.Verb, policy, entryBytes.ToString(CultureInfo.InvariantCulture), seconds.ToString(CultureInfo.InvariantCulture)];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (variable is { } set)
        {
            start.Environment[set.Name] = set.Value;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        errors.Wait();
        return LoopResult.Find(output);
    }
}
