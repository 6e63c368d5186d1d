using System.Globalization;
using System.Text.Json;

namespace BoundedMemory.Monitor.Tests.EndToEnd;

/// <summary>Four real processes, watched by the tool as people see it and as programs do, at the same time.</summary>
public sealed class Watched : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("monitor");
    private readonly List<ChildProcess> _children = [];

    internal Dictionary<string, int> Pids { get; } = [];

    internal (int ExitCode, string Output, string Errors) Quick { get; private set; }

    internal (int ExitCode, string Output, string Errors) Text { get; private set; }

    internal (int ExitCode, string Output, string Errors) Json { get; private set; }

    internal string Csv => File.ReadAllText(Path.Combine(_folder.FullName, "readings.csv"));

    internal string Html => File.ReadAllText(Path.Combine(_folder.FullName, "page.html"));

    internal ChildProcess Flat => _children[0];

    public async Task InitializeAsync()
    {
        string[] shapes = ["flat", "leak", "sawtooth", "exiting"];
        _children.AddRange(await Task.WhenAll(shapes.Select(shape => ChildProcess.ShapedAsync(shape == "exiting" ? "flat" : shape))));
        for (int i = 0; i < shapes.Length; i++)
        {
            Pids.Add(shapes[i], _children[i].Id);
        }

        string[] pids = [.. _children.Select(child => child.Id.ToString(CultureInfo.InvariantCulture))];
        using ChildProcess quick = ChildProcess.Monitor(["quick", .. pids, "--json"]);
        using ChildProcess text = ChildProcess.Monitor(["monitor", "0.17", "0.25", .. pids, "--csv", Path.Combine(_folder.FullName, "readings.csv"), "--html", Path.Combine(_folder.FullName, "page.html")]);
        using ChildProcess json = ChildProcess.Monitor(["monitor", "0.17", "0.25", .. pids, "--json"]);

        // It ends in the middle of what is watched: after enough readings for a trend, of both.
        string line = $"  {Pids["exiting"]}  ";
        await text.WaitForAsync(output => output.Split(line).Length > 14);
        await _children[^1].EndAsync();
        Quick = await quick.EndedAsync();
        Text = await text.EndedAsync();
        Json = await json.EndedAsync();
    }

    public Task DisposeAsync()
    {
        _children.ForEach(child => child.Dispose());
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    internal static JsonElement ProcessOf(string document, int pid) =>
        JsonDocument.Parse(document).RootElement.GetProperty("processes").EnumerateArray().Single(process => process.GetProperty("pid").GetInt32() == pid);
}
