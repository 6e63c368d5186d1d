using System.Diagnostics;
using System.Text.Json;

namespace Reproduce;

/// <summary>Runs one variant of a scenario in a process of its own: this program again, with other arguments.</summary>
internal static class Child
{
    public const string Argument = "--child";

    /// <summary>Longest that one run may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs a variant, in the parent.</summary>
    /// <exception cref="InvalidOperationException">The child failed; the message has what it wrote.</exception>
    public static async Task<Trial> RunAsync(IScenario scenario, Variant variant, bool quick)
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        bool isHosted = Path.GetFileNameWithoutExtension(self).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        string[] arguments =
        [
            .. isHosted ? [Environment.GetCommandLineArgs()[0]] : Array.Empty<string>(),
            Argument, $"{variant}", "--scenario", scenario.Name,
            .. quick ? ["--quick"] : Array.Empty<string>(),
        ];
        var start = new ProcessStartInfo(self, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in scenario.Runtime)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new InvalidOperationException($"{scenario.Name} ({variant}) did not end within {Patience.TotalMinutes:N0} minutes.");
        }

        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Trial>(await output)!
            : throw new InvalidOperationException($"{scenario.Name} ({variant}) ended with exit code {process.ExitCode}: {await errors}");
    }

    /// <summary>Runs a variant, in the child.</summary>
    public static void Run(IScenario scenario, Variant variant, bool quick) => Console.Out.Write(JsonSerializer.Serialize(scenario.Run(variant, quick)));
}
