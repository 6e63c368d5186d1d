using System.Text;
using BoundedMemory.Monitor.Processes;

namespace BoundedMemory.Monitor.Tests.Processes;

public class ProcFileTests
{
    private const string AfterName = " S 1 7 7 0 -1 4194560 100 0 0 0 5 2 0 0 20 0 13 0 1443843 53502771200 7658 18446744073709551615 1 1 0 0\n";

    [Theory]
    [InlineData("dotnet")]
    [InlineData("tmux: server")]
    [InlineData("(sd-pam)")]
    [InlineData("a) S 1 (b")]
    [InlineData(") R 1 2 3 4")]
    [InlineData("two\nlines")]
    [InlineData("")]
    [InlineData("日本")]
    public void ParseStat_AnyName_IsReadToItsEnd(string name)
    {
        ReadOutcome outcome = ProcFile.ParseStat(Encoding.UTF8.GetBytes($"1234 ({name}){AfterName}"), out ProcessHead head);

        Assert.Equal(ReadOutcome.Read, outcome);
        Assert.Equal(new ProcessHead(new ProcessIdentity(1234, 1443843), name, 13), head);
    }

    [Fact]
    public void ParseStat_NameThatIsNoText_IsReadWithReplacements()
    {
        byte[] stat = [.. "12 ("u8, 0xff, (byte)'x', 0xc3, .. ")"u8, .. Encoding.ASCII.GetBytes(AfterName)];
        Assert.Equal(ReadOutcome.Read, ProcFile.ParseStat(stat, out ProcessHead head));
        Assert.Equal("\ufffdx\ufffd", head.Name);
    }

    [Theory]
    [InlineData("12 (ended) Z 1 7 7 0 -1 4194560 100 0 0 0 5 2 0 0 20 0 1 0 1443843 0 0\n")]
    [InlineData("12 (ended) X 1 7 7 0 -1 4194560 100 0 0 0 5 2 0 0 20 0 1 0 1443843 0 0\n")]
    [InlineData("12 (cut) S 1 7")]
    [InlineData("12 (cut")]
    [InlineData("no number (x)" + AfterName)]
    [InlineData("")]
    public void ParseStat_EndedOrCut_IsGone(string stat) => Assert.Equal(ReadOutcome.Gone, ProcFile.ParseStat(Encoding.UTF8.GetBytes(stat), out _));

    [Fact]
    public void ParseStatus_Figures_AreBytes()
    {
        Assert.True(ProcFile.TryParseStatus("Name:\tx\nVmRSS:\t    1640 kB\nRssAnon:\t     112 kB\nRssFile:\t    1528 kB\nVmSwap:\t       8 kB\nThreads:\t1\n"u8, out ProcessMemory memory));
        Assert.Equal(new ProcessMemory(1640 * 1024, 112 * 1024, 8 * 1024), memory);
    }

    [Fact]
    public void ParseStatus_NameThatLooksLikeAFigure_IsNotBelieved()
    {
        Assert.True(ProcFile.TryParseStatus("Name:\tx\nVmRSS:\t1 kB\nRssAnon: 1 kB\nVmRSS:\t    1640 kB\nRssAnon:\t     112 kB\n"u8, out ProcessMemory memory));
        Assert.Equal(new ProcessMemory(1640 * 1024, 112 * 1024, null), memory);
        Assert.True(ProcFile.TryParseStatus("Name:\tVmRSS: 1 kB\\nVmRSS:\nVmRSS:\t    1640 kB\n"u8, out memory));
        Assert.Equal(1640 * 1024, memory.ResidentBytes);
    }

    [Fact]
    public void ParseStatus_ThreadOfTheKernel_HasNone() => Assert.False(ProcFile.TryParseStatus("Name:\tkthreadd\nThreads:\t1\n"u8, out _));

    [Theory]
    [InlineData("765 436 407 5 0 123 0\n", 29L * 4096)]
    [InlineData("765 436 500 5 0 123 0\n", 0L)]
    [InlineData("765", null)]
    [InlineData("x y z", null)]
    public void ParsePrivateOfStatm_Pages_AreBytes(string statm, long? bytes) => Assert.Equal(bytes, ProcFile.ParsePrivateOfStatm(Encoding.ASCII.GetBytes(statm), 4096));

    [Theory]
    [InlineData("dotnet", "dotnet|x.dll|--secret", "x.dll", "x", "dotnet")]
    [InlineData("dotnet", "/usr/share/dotnet/dotnet|exec|/app/bin/My App.dll", "My App.dll", "My App", "dotnet")]
    [InlineData("dotnet", "dotnet|exec|--runtimeconfig|/a/other.json|--depsfile|b.dll|/app/x.dll", "x.dll", "x", "dotnet")]
    [InlineData(".NET Host", "dotnet|x.DLL", "x.DLL", "x", ".NET Host")]
    [InlineData("dotnet", "dotnet|build|x.dll", "dotnet", "dotnet", "dotnet")]
    [InlineData("dotnet", "dotnet|.dll", "dotnet", "dotnet", "dotnet")]
    [InlineData("dotnet", "dotnet", "dotnet", "dotnet", "dotnet")]
    [InlineData("BoundedMemory.M", "/opt/BoundedMemory.Monitor|x.dll", "BoundedMemory.Monitor", "BoundedMemory.M", "BoundedMemory.Monitor")]
    [InlineData("worker", "/opt/worker|x.dll", "worker", "worker", "worker")]
    [InlineData("nginx", "nginx: master process", "nginx", "nginx", "nginx: master process")]
    [InlineData("kthreadd", "", "kthreadd", "kthreadd", "kthreadd")]
    public void ParseNames_CommandLine_GivesTheNameThatSaysMost(string name, string cmdline, string display, string alias, string other)
    {
        string text = cmdline.Length > 0 ? cmdline.Replace('|', '\0') + "\0" : "";
        ProcessNames names = ProcFile.ParseNames(name, Encoding.UTF8.GetBytes(text));

        Assert.Equal(display, names.Display);
        Assert.True(names.Match(display) && names.Match(alias) && names.Match(other.ToUpperInvariant()) && names.Match(name));
        Assert.False(names.Match("--secret") || names.Match(""));
    }

    [Fact]
    public void ParseNames_VeryLongName_IsCut()
    {
        ProcessNames names = ProcFile.ParseNames("aaaaaaaaaaaaaaa", Encoding.UTF8.GetBytes(new string('a', 100_000)));
        Assert.Equal(255, names.Display.Length);
    }
}
