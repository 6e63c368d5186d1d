using System.Globalization;
using System.Text.Json;

namespace BoundedMemory.Monitor.Tests.EndToEnd;

public class MonitorTests(Watched watched) : IClassFixture<Watched>
{
    [Theory]
    [InlineData("flat")]
    [InlineData("leak")]
    [InlineData("sawtooth")]
    [InlineData("exiting")]
    public void Quick_RealProcess_IsOkBySize(string shape)
    {
        Assert.Equal((0, ""), (watched.Quick.ExitCode, watched.Quick.Errors));
        JsonElement process = Watched.ProcessOf(watched.Quick.Output, watched.Pids[shape]);
        Assert.Equal("ok", process.GetProperty("verdict").GetString());
        Assert.Equal("BoundedMemory.TestHost.dll", process.GetProperty("name").GetString());
        Assert.InRange(process.GetProperty("residentBytes").GetInt64(), 10 << 20, 100 << 20);
        Assert.InRange(process.GetProperty("privateBytes").GetInt64(), 1 << 20, process.GetProperty("residentBytes").GetInt64());
        Assert.InRange(process.GetProperty("threads").GetInt32(), 3, 100);
    }

    [Theory]
    [InlineData("flat", "ok")]
    [InlineData("leak", "investigate")]
    [InlineData("sawtooth", "ok")]
    [InlineData("exiting", "ok")]
    public void Monitor_RealProcess_GetsTheRightVerdict(string shape, string verdict)
    {
        Assert.Equal((1, ""), (watched.Json.ExitCode, watched.Json.Errors));
        JsonElement process = Watched.ProcessOf(watched.Json.Output, watched.Pids[shape]);
        Assert.Equal(verdict, process.GetProperty("verdict").GetString());
        Assert.Equal(verdict == "investigate" ? ["growing"] : [], process.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()));
        Assert.Equal(shape == "exiting", process.GetProperty("series").GetProperty("exitedAfterSeconds").ValueKind == JsonValueKind.Number);
    }

    [Fact]
    public void Monitor_Leak_HasItsPace()
    {
        // 60 MB a minute are 3600 an hour; a machine that is busy delays both who leaks and who looks.
        JsonElement trend = Watched.ProcessOf(watched.Json.Output, watched.Pids["leak"]).GetProperty("series").GetProperty("trend");
        Assert.True(trend.GetProperty("growing").GetBoolean());
        Assert.InRange(trend.GetProperty("bytesPerHour").GetDouble() / (1 << 20), 2000, 6000);
        Assert.InRange(trend.GetProperty("percent").GetDouble(), 5, 60);
    }

    [Fact]
    public void Monitor_Text_SaysTheSameAndWhoExited()
    {
        Assert.Equal((1, ""), (watched.Text.ExitCode, watched.Text.Errors));
        string summary = watched.Text.Output[watched.Text.Output.LastIndexOf("VERDICT", StringComparison.Ordinal)..];
        Assert.EndsWith("investigate, growing", LineOf(summary, "leak"), StringComparison.Ordinal);
        Assert.EndsWith("  ok", LineOf(summary, "flat"), StringComparison.Ordinal);
        Assert.EndsWith("  ok", LineOf(summary, "sawtooth"), StringComparison.Ordinal);
        Assert.EndsWith("ok (exited)", LineOf(summary, "exiting"), StringComparison.Ordinal);
        Assert.Contains("Verdict: investigate.", summary, StringComparison.Ordinal);
        Assert.Contains("exited with", watched.Text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", watched.Text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Monitor_Files_HoldEveryReading()
    {
        string[][] rows = [.. watched.Csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))];
        string flat = watched.Pids["flat"].ToString(CultureInfo.InvariantCulture);
        string exiting = watched.Pids["exiting"].ToString(CultureInfo.InvariantCulture);
        int looks = rows.Select(row => row[1]).Distinct().Count();
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{looks} looks in"), watched.Text.Output, StringComparison.Ordinal);
        Assert.Equal(looks, rows.Count(row => row[2] == flat && row[5] == "running"));
        Assert.Single(rows, row => row[5] == "exited");
        Assert.Equal("exited", rows.Last(row => row[2] == exiting)[5]);
        Assert.Equal(4, watched.Html.Split("<polyline").Length - 1);
        Assert.Contains("class=\"text investigate\">investigate, growing", watched.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChildProcess.Interrupt, "", 0, "ok")]
    [InlineData(ChildProcess.Terminate, "--act 5MB", 2, "act")]
    public async Task Monitor_Signal_PrintsTheSummaryAndEndsByVerdict(int signal, string options, int exitCode, string verdict)
    {
        string pid = watched.Flat.Id.ToString(CultureInfo.InvariantCulture);
        using ChildProcess monitor = ChildProcess.MonitorInForeground(["monitor", "10", "0.2", pid, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        await monitor.WaitForAsync(output => output.Split('\n').Length > 3);
        monitor.Send(signal);

        (int ended, string output, string errors) = await monitor.EndedAsync();
        Assert.Equal((exitCode, ""), (ended, errors));
        Assert.Contains($"interrupted. Verdict: {verdict}.", output, StringComparison.Ordinal);
        Assert.Contains("total of 1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitor_SignalWithJson_PrintsTheDocumentAlone()
    {
        string pid = watched.Flat.Id.ToString(CultureInfo.InvariantCulture);
        string csv = Path.GetTempFileName();
        try
        {
            using ChildProcess monitor = ChildProcess.MonitorInForeground("monitor", "10", "0.2", pid, "--json", "--csv", csv);
            await monitor.WaitForAsync(_ => File.ReadAllLines(csv).Length > 3);
            monitor.Send(ChildProcess.Interrupt);

            (int ended, string output, string errors) = await monitor.EndedAsync();
            Assert.Equal((0, ""), (ended, errors));
            Assert.True(JsonDocument.Parse(output).RootElement.GetProperty("interrupted").GetBoolean());
        }
        finally
        {
            File.Delete(csv);
        }
    }

    [Fact]
    public async Task Monitor_InterruptThatIsIgnored_GoesOnUntilTerminated()
    {
        string pid = watched.Flat.Id.ToString(CultureInfo.InvariantCulture);
        using ChildProcess monitor = ChildProcess.MonitorInBackground("monitor", "10", "0.2", pid);
        await monitor.WaitForAsync(output => Looks(output) > 2);
        monitor.Send(ChildProcess.Interrupt);
        int interruptedAt = Looks(monitor.Output);
        await monitor.WaitForAsync(output => Looks(output) > interruptedAt + 4);
        monitor.Send(ChildProcess.Terminate);

        (int ended, string output, string errors) = await monitor.EndedAsync();
        Assert.Equal((0, ""), (ended, errors));
        Assert.InRange(Looks(output), interruptedAt + 5, int.MaxValue);

        int Looks(string output) => output.Split($"  {pid}  ").Length - 1;
    }

    private string LineOf(string summary, string shape)
    {
        string pid = watched.Pids[shape].ToString(CultureInfo.InvariantCulture);
        return summary.Split('\n').First(line => line.TrimStart().StartsWith(pid + " ", StringComparison.Ordinal));
    }
}
