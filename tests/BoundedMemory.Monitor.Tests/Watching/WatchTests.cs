using BoundedMemory.Monitor.CommandLine;
using BoundedMemory.Monitor.Judging;
using BoundedMemory.Monitor.Processes;
using BoundedMemory.Monitor.Tests.Support;
using BoundedMemory.Monitor.Watching;

namespace BoundedMemory.Monitor.Tests.Watching;

public class WatchTests
{
    private readonly MadeUpProcesses _processes = new();

    [Fact]
    public void Look_Exited_KeepsItsLastFigures()
    {
        MadeUpProcess app = _processes.Add(7, "app", 10);
        Watch watch = Of(pids: [7]);
        watch.Look(0);
        app.ResidentBytes = 600 * MadeUpProcesses.Megabyte;
        watch.Look(1);
        _processes.All.Remove(7);
        watch.Look(2);

        WatchedProcess process = Assert.Single(watch.Processes);
        Assert.Equal(2, process.EndedAt);
        Assert.Equal(600 * MadeUpProcesses.Megabyte, process.Memory.ResidentBytes);
        Assert.Equal(2, process.Series.Count);
        Assert.Equal(Verdict.Act, watch.Judge(Thresholds.Default));
        Assert.Equal(0, watch.Total.ResidentBytes);
        Assert.Equal(600 * MadeUpProcesses.Megabyte, watch.MostTotalBytes);
        Assert.True(watch.IsOver);
    }

    [Fact]
    public void Look_NumberThatIsAnotherProcessNow_IsNotTheOneAskedFor()
    {
        _processes.Add(7, "app", 10, start: 100);
        Watch watch = Of(pids: [7]);
        watch.Look(0);
        _processes.Add(7, "app", 900, start: 200);
        watch.Look(1);
        watch.Look(2);

        WatchedProcess process = Assert.Single(watch.Processes);
        Assert.Equal(1, process.EndedAt);
        Assert.Equal(10 * MadeUpProcesses.Megabyte, process.Series.Most);
        Assert.Equal(Verdict.Ok, watch.Judge(Thresholds.Default));
    }

    [Fact]
    public void Look_NameWithTheSameNumberAgain_IsTwoProcesses()
    {
        _processes.Add(7, "app", 10, start: 100);
        Watch watch = Of(names: ["app"]);
        watch.Look(0);
        _processes.Add(7, "app", 90, start: 200);
        watch.Look(1);

        Assert.Equal([10, 90], watch.Processes.Select(process => process.Series.Most / MadeUpProcesses.Megabyte));
        Assert.Equal([1d, null], watch.Processes.Select(process => process.EndedAt));
        Assert.Equal(1, watch.Total.Processes);
    }

    [Fact]
    public void Look_Names_AreJoinedByThoseThatComeLater()
    {
        _processes.Add(7, "other", 10);
        Watch watch = Of(names: ["APP"]);
        watch.Look(0);
        Assert.Equal(["APP"], watch.NamesNotSeen);
        Assert.Empty(watch.Processes);
        _processes.Add(8, "app", 20);
        watch.Look(1);
        watch.Look(2);

        Assert.Equal(8, Assert.Single(watch.Processes).Identity.Pid);
        Assert.Empty(watch.NamesNotSeen);
        Assert.False(watch.IsOver);
    }

    [Fact]
    public void Look_Others_AreAskedForTheirNamesOnce()
    {
        _processes.Add(7, "other", 10);
        MadeUpProcess later = _processes.Add(8, "other", 10);
        Watch watch = Of(names: ["app"]);
        for (int i = 0; i < 5; i++)
        {
            watch.Look(i);
        }

        Assert.Equal(2, _processes.Descriptions);
        later.Name = "app";
        watch.Look(5);
        Assert.Equal(8, Assert.Single(watch.Processes).Identity.Pid);
    }

    [Fact]
    public void Look_CopyOfItsParentForAMoment_IsNotWatched()
    {
        _processes.Add(7, "app", 10);
        MadeUpProcess child = _processes.Add(8, "app", 10);
        Watch watch = Of(names: ["app"]);
        watch.Look(0);
        Assert.Equal(2, watch.Processes.Count);
        child.Name = "sh";
        watch.Look(1);
        watch.Look(2);

        Assert.Equal(7, Assert.Single(watch.Processes).Identity.Pid);
        Assert.Equal(1, watch.Total.Processes);
    }

    [Fact]
    public void Look_ProcessThatBecomesAnotherProgram_IsFollowedUnderItsNewName()
    {
        MadeUpProcess app = _processes.Add(7, "sh", 10);
        Watch watch = Of(pids: [7]);
        watch.Look(0);
        app.Name = "app";
        watch.Look(1);

        Assert.Equal("app", Assert.Single(watch.Processes).Names.Display);
        Assert.Equal(2, watch.Processes[0].Series.Count);
    }

    [Fact]
    public void Look_UnreadableForOnce_IsNotTakenForExited()
    {
        MadeUpProcess app = _processes.Add(7, "app", 10);
        Watch watch = Of(pids: [7]);
        watch.Look(0);
        app.Measurement = ReadOutcome.Denied;
        watch.Look(1);
        app.Measurement = ReadOutcome.Read;
        app.Identification = ReadOutcome.Denied;
        watch.Look(2);
        Assert.Equal(1, watch.Unreadable);
        app.Identification = ReadOutcome.Read;
        watch.Look(3);

        WatchedProcess process = Assert.Single(watch.Processes);
        Assert.Null(process.EndedAt);
        Assert.Equal(2, process.Series.Count);
        Assert.Equal(0, watch.Unreadable);
    }

    [Fact]
    public void Look_NumberAndName_AreBothWatchedOnce()
    {
        _processes.Add(7, "app", 10);
        _processes.Add(8, "app", 10);
        Watch watch = Of(pids: [7], names: ["app"]);
        watch.Look(0);
        watch.Look(1);

        Assert.Equal([7, 8], watch.Processes.Select(process => process.Identity.Pid));
        Assert.Equal(20 * MadeUpProcesses.Megabyte, watch.Total.ResidentBytes);
    }

    [Fact]
    public void Look_Full_ForgetsTheSmallestThatExitedAndKeepsItsVerdict()
    {
        var watch = new Watch(_processes, new Targets([], []), own: 1, capacity: 2);
        _processes.Add(7, "a", 600);
        _processes.Add(8, "b", 700);
        _processes.Add(9, "c", 10);
        watch.Look(0);
        Assert.Equal(2, watch.Processes.Count);
        Assert.Equal(1, watch.LeftOut);
        Assert.Equal(1300 * MadeUpProcesses.Megabyte, watch.Total.ResidentBytes);

        _processes.All.Remove(7);
        watch.Look(1);
        watch.Look(2);
        Assert.Equal([8, 9], watch.Processes.Select(process => process.Identity.Pid));
        Assert.Equal(1, watch.Forgotten);
        Assert.Equal(0, watch.LeftOut);

        _processes.All.Remove(8);
        _processes.Add(10, "d", 10);
        watch.Look(3);
        watch.Look(4);
        Assert.Equal([9, 10], watch.Processes.Select(process => process.Identity.Pid));
        Assert.Equal(Verdict.Act, watch.Judge(Thresholds.Default));
    }

    [Fact]
    public void InOrder_Processes_AreTheMostUrgentFirst()
    {
        _processes.Add(7, "small", 10);
        _processes.Add(8, "large", 90);
        MadeUpProcess peak = _processes.Add(9, "peak", 300);
        Watch watch = Of();
        watch.Look(0);
        peak.ResidentBytes = 1;
        watch.Look(1);

        Assert.Equal([9, 8, 7], watch.InOrder(Thresholds.Default).Select(process => process.Identity.Pid));
    }

    private Watch Of(int[]? pids = null, string[]? names = null) => new(_processes, new Targets(pids ?? [], names ?? []), own: 1);
}
