using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Output;
using BoundedMemory.Monitor.Tests.Support;

namespace BoundedMemory.Monitor.Tests.Output;

public sealed partial class OutputTests : IDisposable
{
    private const string Hostile = "</title><script>alert(1)</script>&\"'[red]\u001b[2J\r\n\u202eexe,=1+1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("monitor");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("plain name", "plain name")]
    [InlineData("日本 é", "日本 é")]
    [InlineData("a\nb", @"a\u{a}b")]
    [InlineData("\u001b[31m", @"\u{1b}[31m")]
    [InlineData("\u202eexe.txt", @"\u{202e}exe.txt")]
    [InlineData("\u200bx", @"\u{200b}x")]
    [InlineData("\u2028", @"\u{2028}")]
    [InlineData(@"\u{a}", @"\\u{a}")]
    [InlineData("", "(no name)")]
    public void Printable_Name_IsOneHarmlessLine(string name, string expected) => Assert.Equal(expected, Printable.Of(name));

    [Fact]
    public void Printable_HalfACharacter_IsReplaced() => Assert.Equal("a\ufffdb", Printable.Of("a\ud800b"));

    [Fact]
    public void Printable_LongName_EndsWithAnEllipsis()
    {
        Assert.Equal("abcd…", Printable.Of("abcdefgh", 5));
        Assert.Equal("abcde", Printable.Of("abcde", 5));
        Assert.Equal("abc…", Printable.Of("abc\U0001F600efgh", 5));
    }

    [Fact]
    public void Sparkline_Shapes_AreSeen()
    {
        Assert.Equal("▁▂▃▄▅▆▇█", Sparkline.Of([.. Enumerable.Range(0, 8).Select(i => new Reading(i, i * 100))], 20, isUnicode: true));
        Assert.Equal("_.-~=+*#", Sparkline.Of([.. Enumerable.Range(0, 8).Select(i => new Reading(i, i * 100))], 20, isUnicode: false));
        Assert.Equal("▁▁▁▁▁", Sparkline.Of([.. Enumerable.Range(0, 500).Select(i => new Reading(i, 1_000_000 + (i % 2)))], 5, isUnicode: true));
        Assert.Equal("▁█▁▁▁", Sparkline.Of([.. Enumerable.Range(0, 500).Select(i => new Reading(i, i == 150 ? 200 : 100))], 5, isUnicode: true));
        Assert.Equal("▁", Sparkline.Of([new Reading(0, 0)], 5, isUnicode: true));
        Assert.Equal("", Sparkline.Of([], 5, isUnicode: true));
    }

    [Fact]
    public async Task Quick_HostileName_IsHarmlessOnATerminalAndElsewhere()
    {
        var text = new Transcript();
        foreach (Tool tool in new[] { new Tool(), new Tool { Terminal = Tool.TerminalTo(text) } })
        {
            tool.Processes.Add(7, Hostile, 10);
            Assert.Equal(0, await tool.RunAsync("quick"));
            string output = text.ToString() + tool.Output;
            Assert.DoesNotContain("\u001b[2J", output, StringComparison.Ordinal);
            Assert.DoesNotContain("\u202e", output, StringComparison.Ordinal);
            Assert.Contains("script", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Quick_Json_IsOneDocumentWithTheFigures()
    {
        var tool = new Tool();
        tool.Processes.Add(7, Hostile, 120);
        tool.Processes.Add(8, "b", 20);
        Assert.Equal(3, await tool.RunAsync("quick 7 8 9 --json"));

        using var document = JsonDocument.Parse(tool.Output.ToString());
        JsonElement root = document.RootElement;
        JsonElement process = root.GetProperty("processes")[0];
        Assert.Equal(Hostile, process.GetProperty("name").GetString());
        Assert.Equal(120L << 20, process.GetProperty("residentBytes").GetInt64());
        Assert.Equal("investigate", process.GetProperty("verdict").GetString());
        Assert.Equal("size", process.GetProperty("reasons")[0].GetString());
        Assert.Equal(140L << 20, root.GetProperty("total").GetProperty("residentBytes").GetInt64());
        Assert.Equal("There is no process 9.", root.GetProperty("problems")[0].GetString());
        Assert.Equal(3, root.GetProperty("exitCode").GetInt32());
        Assert.False(root.TryGetProperty("looks", out _));
    }

    [Fact]
    public async Task Monitor_HostileName_IsHarmlessInThePage()
    {
        string file = Path.Combine(_folder.FullName, "page.html");
        var tool = new Tool();
        tool.Processes.Add(7, Hostile, 40);
        Assert.Equal(1, await RunLeakAsync(tool, $"--html {file}"));

        string page = await File.ReadAllTextAsync(file);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\u202e", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(Elsewhere(), page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);

        // A drawing that is well formed has no name in it that broke out.
        var drawing = XElement.Parse(page[page.IndexOf("<svg", StringComparison.Ordinal)..(page.IndexOf("</svg>", StringComparison.Ordinal) + "</svg>".Length)]);
        XElement line = Assert.Single(drawing.Elements("polyline"));
        Assert.Equal(21, line.Attribute("points")!.Value.Split(' ').Length);
        Assert.StartsWith("7 </title><script>", line.Element("title")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitor_Csv_HasALineForEachReadingAndTheEnd()
    {
        string file = Path.Combine(_folder.FullName, "readings.csv");
        var tool = new Tool();
        tool.Processes.Add(7, "=cmd|'\"x\"\n", 40);
        tool.Processes.Add(8, "b", 20);
        int exitCode = await tool.RunAsync($"monitor 0.05 1 7 8 --csv {file}", TimeSpan.FromSeconds(1), look =>
        {
            if (look == 2)
            {
                tool.Processes.All.Remove(8);
            }
        });

        Assert.Equal(0, exitCode);
        string[] lines = (await File.ReadAllTextAsync(file)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("time,seconds,pid,start,name,state,resident_bytes,private_bytes,swap_bytes,threads", lines[0]);
        Assert.Equal(
            ["0.000,7,1,R", "0.000,8,1,R", "1.000,7,1,R", "1.000,8,1,R", "2.000,7,1,R", "2.000,8,1,E", "3.000,7,1,R"],
            lines.Skip(1).Select(line => string.Join(',', line.Split(',')[1..4]) + (line.Contains(",exited,,,,", StringComparison.Ordinal) ? ",E" : ",R")));
        Assert.Contains(@",""'=cmd|'""""x""""\u{a}"",running,41943040,20971520,0,1", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitor_Json_IsTheOnlyThingOnOutput()
    {
        var tool = new Tool();
        tool.Processes.Add(7, "leak", 40);
        Assert.Equal(1, await RunLeakAsync(tool, "--json"));

        using var document = JsonDocument.Parse(tool.Output.ToString());
        JsonElement process = document.RootElement.GetProperty("processes")[0];
        Assert.Equal(21, document.RootElement.GetProperty("looks").GetInt64());
        Assert.Equal("growing", process.GetProperty("reasons")[0].GetString());
        JsonElement series = process.GetProperty("series");
        Assert.Equal(40L << 20, series.GetProperty("leastBytes").GetInt64());
        Assert.Equal(60L << 20, series.GetProperty("mostBytes").GetInt64());
        Assert.Equal(3600, series.GetProperty("trend").GetProperty("bytesPerHour").GetDouble() / (1 << 20), 3);
        Assert.Empty(tool.Error.ToString());
    }

    [Fact]
    public async Task Monitor_FewReadings_AreInsufficientData()
    {
        var tool = new Tool();
        tool.Processes.Add(7, "app", 40);
        Assert.Equal(0, await tool.RunAsync("monitor 0.1 1 7", TimeSpan.FromSeconds(1), _ => { }));
        Assert.Contains("insufficient data", tool.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("7 looks in 6.0 s. Verdict: ok.", tool.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitor_AllThatWasAskedForExited_EndsWithItsLastFigures()
    {
        var tool = new Tool();
        tool.Processes.Add(7, "app", 140);
        Assert.Equal(1, await tool.RunAsync("monitor 60 1 7", TimeSpan.FromSeconds(1), look =>
        {
            if (look == 3)
            {
                tool.Processes.All.Clear();
            }
        }));
        Assert.Contains("investigate (exited)", tool.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("4 looks in 3.0 s. Verdict: investigate.", tool.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitor_Interrupted_PrintsTheSummary()
    {
        using var interrupt = new CancellationTokenSource();
        var tool = new Tool();
        tool.Processes.Add(7, "app", 600);
        Assert.Equal(2, await tool.RunAsync("monitor 60 1 7", TimeSpan.FromSeconds(1), look =>
        {
            if (look == 3)
            {
                interrupt.Cancel();
            }
        }, interrupt.Token));
        Assert.Contains("interrupted. Verdict: act.", tool.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitor_NoSuchProcess_IsAnErrorAtOnce()
    {
        var tool = new Tool();
        Assert.Equal(3, await tool.RunAsync("monitor 60 1 7"));
        Assert.Contains("There is no process 7.", tool.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(tool.Output.ToString());
    }

    [Fact]
    public async Task Monitor_NameThatNeverComes_IsAnErrorAtTheEnd()
    {
        var tool = new Tool();
        tool.Processes.Add(7, "app", 10);
        Assert.Equal(3, await tool.RunAsync("monitor 0.05 1 app ghost", TimeSpan.FromSeconds(1), _ => { }));
        Assert.Contains("'ghost'", tool.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("app", tool.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitor_Terminal_ShowsATableThatChanges()
    {
        var text = new Transcript();
        var tool = new Tool { Terminal = Tool.TerminalTo(text) };
        tool.Processes.Add(7, "[bold]leak", 40);
        using var interrupt = new CancellationTokenSource();
        Task<int> run = Task.Run(() => tool.RunAsync("monitor 60 1 7", interrupt.Token));
        Patience.Until(() => tool.Clock.Timers > 0);
        tool.Clock.Advance(TimeSpan.FromSeconds(1));
        Patience.Until(() => text.ToString().Contains("2 looks", StringComparison.Ordinal));
        await interrupt.CancelAsync();

        Assert.Equal(0, await run.Soon());
        Assert.Contains("[bold]leak", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("interrupted. Verdict: ok.", tool.Output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Watches process 7 for 20 seconds, in which it grows from 40 to 60 MB.</summary>
    private static async Task<int> RunLeakAsync(Tool tool, string options)
    {
        Task<int> run = Task.Run(() => tool.RunAsync($"monitor 0.3333 1 7 {options}"));
        for (int look = 1; look <= 20; look++)
        {
            Patience.Until(() => tool.Clock.Timers > 0 && tool.Processes.Measurements == look);
            tool.Processes.All[7].ResidentBytes += MadeUpProcesses.Megabyte;
            tool.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        return await run.Soon();
    }

    [GeneratedRegex("https?:|//|src=|href=|@import|url\\(", RegexOptions.IgnoreCase)]
    private static partial Regex Elsewhere();
}
