using BoundedMemory.Monitor.Tests.Support;

namespace BoundedMemory.Monitor.Tests.CommandLine;

public class CommandsTests
{
    [Theory]
    [InlineData("quick --act 12XB", "--act", "'12XB'", "1 B to 1024 TB")]
    [InlineData("quick --investigate 0", "--investigate", "'0'", "1 B to 1024 TB")]
    [InlineData("quick --total lots", "--total", "'lots'", "1 B to 1024 TB")]
    [InlineData("quick --investigate 2GB --act 1GB", "--act", "1 GB", "2 GB")]
    [InlineData("quick --top 0", "--top", "'0'", "1 to 1000")]
    [InlineData("quick --top many", "--top", "'many'", "1 to 1000")]
    [InlineData("quick 0", "process", "'0'", "1 to 2147483647")]
    [InlineData("quick 99999999999", "process", "'99999999999'", "1 to 2147483647")]
    [InlineData("monitor 0 1", "minutes", "'0'", "0.0008 to 527040")]
    [InlineData("monitor -1 1", "minutes", "'-1'", "0.0008 to 527040")]
    [InlineData("monitor NaN 1", "minutes", "'NaN'", "0.0008 to 527040")]
    [InlineData("monitor 1 0.01", "intervalSeconds", "'0.01'", "0.05 to 86400")]
    [InlineData("monitor 1 ten", "intervalSeconds", "'ten'", "0.05 to 86400")]
    [InlineData("monitor 0.01 2", "intervalSeconds", "2", "0.01 minutes")]
    [InlineData("monitor 1 1 --csv /nowhere/at/all.csv", "--csv", "/nowhere/at/all.csv", "")]
    [InlineData("monitor 1 1 --html /nowhere/at/all.html", "--html", "/nowhere/at/all.html", "")]
    [InlineData("monitor 1", "monitor", "missing", "")]
    [InlineData("bogus", "bogus", "", "")]
    [InlineData("quick --bogus", "--bogus", "", "")]
    [InlineData("", "ommand", "", "")]
    public async Task Run_BadArgument_NamesItItsValueAndItsRange(string arguments, string name, string value, string range)
    {
        var tool = new Tool();
        tool.Processes.Add(7, "app", 10);

        Assert.Equal(3, await tool.RunAsync(arguments));

        Assert.Contains(name, tool.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(value, tool.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(range, tool.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(tool.Output.ToString());
    }

    [Fact]
    public async Task Run_EmptyName_IsRefused()
    {
        var tool = new Tool();
        Assert.Equal(3, await tool.RunAsync(["quick", " "]));
        Assert.Equal(3, await tool.RunAsync(["monitor", "1", "1", "--csv", ""]));
        Assert.Contains("--csv", tool.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("quick --help")]
    [InlineData("monitor --help")]
    public async Task Run_Help_IsShownAndOk(string arguments)
    {
        var tool = new Tool();
        Assert.Equal(0, await tool.RunAsync(arguments));
        Assert.Contains("Usage:", tool.Output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Targets", tool.Output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(99, "", 0)]
    [InlineData(100, "", 1)]
    [InlineData(499, "", 1)]
    [InlineData(500, "", 2)]
    [InlineData(3072, "", 2)]
    [InlineData(600, "--investigate 1GB", 0)]
    [InlineData(60, "--act 50MB", 2)]
    [InlineData(40, "--act 50MB", 0)]
    [InlineData(99, "--total 99MB", 2)]
    [InlineData(99, "--total 100MB", 0)]
    [InlineData(150, "--investigate 200MB --act 300MB", 0)]
    public async Task Quick_Size_DecidesTheExitCode(long megabytes, string options, int exitCode)
    {
        var tool = new Tool();
        tool.Processes.Add(7, "app", megabytes);
        Assert.Equal(exitCode, await tool.RunAsync($"quick {options}"));
    }

    [Fact]
    public async Task Quick_NotThere_IsAnErrorAndShowsTheRest()
    {
        var tool = new Tool();
        tool.Processes.Add(7, "app", 10);
        tool.Processes.Add(8, "secret", 10).Identification = Monitor.Processes.ReadOutcome.Denied;
        tool.Processes.Add(9, "kthreadd", 0).Measurement = Monitor.Processes.ReadOutcome.NoMemory;

        Assert.Equal(3, await tool.RunAsync("quick 7 8 9 10 nobody"));

        string errors = tool.Error.ToString();
        Assert.Contains("Process 8 may not be read", errors, StringComparison.Ordinal);
        Assert.Contains("Process 9 has no memory of its own", errors, StringComparison.Ordinal);
        Assert.Contains("no process 10", errors, StringComparison.Ordinal);
        Assert.Contains("'nobody'", errors, StringComparison.Ordinal);
        Assert.Contains("10.0 MB", tool.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quick_NothingAskedFor_IsEverythingButItself()
    {
        var tool = new Tool();
        tool.Processes.Add(Tool.OwnPid, "self", 900);
        tool.Processes.Add(7, "tiny", 10);
        tool.Processes.Add(8, "large", 50);
        tool.Processes.Add(9, "unreadable", 50).Measurement = Monitor.Processes.ReadOutcome.Denied;

        Assert.Equal(0, await tool.RunAsync("quick --top 1"));

        string output = tool.Output.ToString();
        Assert.Contains("large", output, StringComparison.Ordinal);
        Assert.DoesNotContain("tiny", output, StringComparison.Ordinal);
        Assert.DoesNotContain("self", output, StringComparison.Ordinal);
        Assert.Contains("total of 2", output, StringComparison.Ordinal);
        Assert.Contains("60.0 MB", output, StringComparison.Ordinal);
        Assert.Contains("1 more", output, StringComparison.Ordinal);
        Assert.Contains("1 may not be read", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quick_AskedForItself_LooksAtItself()
    {
        var tool = new Tool();
        tool.Processes.Add(Tool.OwnPid, "self", 900);
        Assert.Equal(2, await tool.RunAsync($"quick {Tool.OwnPid}"));
    }
}
