using BoundedMemory.Monitor.Processes;

namespace BoundedMemory.Monitor.Tests.Processes;

public sealed class LinuxProcessReaderTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("proc");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void List_Folders_AreThoseThatAreNumbers()
    {
        foreach (string name in new[] { "1", "77", "self", "sys", "12x", "-3" })
        {
            _root.CreateSubdirectory(name);
        }

        Assert.Equal([1, 77], new LinuxProcessReader(_root.FullName).List().Order());
    }

    [Fact]
    public void Read_Fixture_IsAllThatIsThere()
    {
        Write(12, "my (app)\n", "VmRSS:\t2048 kB\nRssAnon:\t1024 kB\nVmSwap:\t4 kB\n", "dotnet\0my.dll\0");
        var reader = new LinuxProcessReader(_root.FullName);

        Assert.Equal(ReadOutcome.Read, reader.Identify(12, out ProcessHead head));
        Assert.Equal(ReadOutcome.Read, reader.Measure(head, out ProcessMemory memory));
        Assert.Equal("my (app)\n", head.Name);
        Assert.Equal("my.dll", reader.Describe(head).Display);
        Assert.Equal(new ProcessMemory(2048 * 1024, 1024 * 1024, 4096), memory);
    }

    [Fact]
    public void Measure_OldKernel_TakesWhatIsPrivateFromStatm()
    {
        Write(12, "old", "VmRSS:\t2048 kB\n", "old\0");
        File.WriteAllText(Path.Combine(_root.FullName, "12", "statm"), "1000 512 112 1 0 1 0\n");
        var reader = new LinuxProcessReader(_root.FullName);

        reader.Identify(12, out ProcessHead head);
        Assert.Equal(ReadOutcome.Read, reader.Measure(head, out ProcessMemory memory));
        Assert.Equal(new ProcessMemory(2048 * 1024, 400L * Environment.SystemPageSize, null), memory);
    }

    [Fact]
    public void Measure_LongStatus_IsReadToItsEnd()
    {
        // The groups of a user may be thousands, and come before the figures.
        Write(12, "x", $"Groups:\t{string.Join(' ', Enumerable.Range(100_000, 20_000))}\nVmRSS:\t2048 kB\n", "x\0");
        var reader = new LinuxProcessReader(_root.FullName);

        reader.Identify(12, out ProcessHead head);
        Assert.Equal(ReadOutcome.Read, reader.Measure(head, out ProcessMemory memory));
        Assert.Equal(2048 * 1024, memory.ResidentBytes);
    }

    [Fact]
    public void Read_NotThere_IsGone()
    {
        var reader = new LinuxProcessReader(_root.FullName);
        var head = new ProcessHead(new ProcessIdentity(12, 1), "was here", 1);

        Assert.Equal(ReadOutcome.Gone, reader.Identify(12, out _));
        Assert.Equal(ReadOutcome.Gone, reader.Measure(head, out _));
        Assert.Equal("was here", reader.Describe(head).Display);
    }

    [Fact]
    public void Measure_NoFigures_HasNoMemory()
    {
        Write(2, "kthreadd", "Name:\tkthreadd\n", "");
        var reader = new LinuxProcessReader(_root.FullName);
        reader.Identify(2, out ProcessHead head);
        Assert.Equal(ReadOutcome.NoMemory, reader.Measure(head, out _));
    }

    [Fact]
    public void Read_ThisProcess_IsWhatTheRuntimeSays()
    {
        var reader = new LinuxProcessReader();
        Assert.Contains(Environment.ProcessId, reader.List());
        Assert.Equal(ReadOutcome.Read, reader.Identify(Environment.ProcessId, out ProcessHead head));
        Assert.Equal(ReadOutcome.Read, reader.Measure(head, out ProcessMemory memory));

        Assert.Equal(Environment.ProcessId, head.Identity.Pid);
        Assert.InRange(head.Threads, 2, 10_000);
        Assert.InRange(memory.ResidentBytes / (double)Environment.WorkingSet, 0.5, 2);
        Assert.InRange(memory.PrivateBytes!.Value, 1, memory.ResidentBytes);
    }

    private void Write(int pid, string name, string status, string cmdline)
    {
        string folder = _root.CreateSubdirectory($"{pid}").FullName;
        File.WriteAllText(Path.Combine(folder, "stat"), $"{pid} ({name}) S 1 7 7 0 -1 4194560 100 0 0 0 5 2 0 0 20 0 13 0 99 53502771200 7658 1 1 1 0 0\n");
        File.WriteAllText(Path.Combine(folder, "status"), status);
        File.WriteAllText(Path.Combine(folder, "cmdline"), cmdline);
    }
}
