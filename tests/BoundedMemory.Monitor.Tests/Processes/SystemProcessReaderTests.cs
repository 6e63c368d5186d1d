using BoundedMemory.Monitor.Processes;

namespace BoundedMemory.Monitor.Tests.Processes;

public class SystemProcessReaderTests
{
    private readonly SystemProcessReader _reader = new();

    [Fact]
    public void Read_ThisProcess_IsWhatTheRuntimeSays()
    {
        Assert.Contains(Environment.ProcessId, _reader.List());
        Assert.Equal(ReadOutcome.Read, _reader.Identify(Environment.ProcessId, out ProcessHead head));
        Assert.Equal(ReadOutcome.Read, _reader.Measure(head, out ProcessMemory memory));

        Assert.Equal(Environment.ProcessId, head.Identity.Pid);
        Assert.True(_reader.Describe(head).Match(head.Name));
        Assert.InRange(memory.ResidentBytes / (double)Environment.WorkingSet, 0.5, 2);
        Assert.Null(memory.SwapBytes);
    }

    [Fact]
    public void Read_NotThere_IsGone()
    {
        Assert.Equal(ReadOutcome.Gone, _reader.Identify(int.MaxValue, out _));
        Assert.Equal(ReadOutcome.Gone, _reader.Measure(new ProcessHead(new ProcessIdentity(int.MaxValue, 1), "x", 1), out _));
    }
}
