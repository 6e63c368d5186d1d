namespace BoundedMemory.Tests.Watchdog;

public class SampleBuilderTests
{
    private const long MB = Scripted.MB;

    private static readonly MemoryReadings Plain = new()
    {
        ResidentBytes = 300 * MB,
        ContainerBytes = 350 * MB,
        ContainerLimit = 1000 * MB,
        MachineBytes = 16_000 * MB,
        HeapBytes = 200 * MB,
        CommittedBytes = 260 * MB,
        HeapAvailable = 16_000 * MB,
    };

    [Fact]
    public void Parts_AreSlackLiveAndUnaccounted()
    {
        MemorySample s = Build(Plain, consumers: 150 * MB).Sample;
        Assert.Equal((60 * MB, 240 * MB, 90 * MB), (s.SlackBytes, s.LiveBytes, s.UnaccountedBytes));
        Assert.Equal((UtilizationTerm.Container, 0.35), (s.Term, s.Utilization));
    }

    [Fact]
    public void Parts_AreNeverNegativeNorCountedTwice()
    {
        Assert.Equal(0, Build(Plain with { HeapBytes = 300 * MB }).Sample.SlackBytes);
        using var budget = new MemoryBudget(1000 * MB);
        budget.TryReserve(90 * MB);

        // Consumers may hold of the budget.
        Assert.Equal(150 * MB, Build(Plain, budget: budget, consumers: 60 * MB).Sample.UnaccountedBytes);
        Assert.Equal(120 * MB, Build(Plain, budget: budget, consumers: 120 * MB).Sample.UnaccountedBytes);
    }

    [Fact]
    public void InUse_IsWithoutWhatTheCollectorCouldUseAgain()
    {
        Assessment a = Build(Plain);
        Assert.Equal((1000 * MB, 290 * MB), (a.Limit, a.InUse));
        Assessment unused = Build(Plain with { ResidentBytes = 0, ContainerBytes = 0 });
        Assert.Equal((UtilizationTerm.Container, 1000 * MB, 0), (unused.Term, unused.Limit, unused.InUse));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(15_800, true)]
    [InlineData(15_900, false)]
    public void HeapLimit_IsOneIfItIsLessThanTheMachine(long available, bool isLimit) =>
        Assert.Equal(isLimit ? available * MB : null, Build(Plain with { HeapAvailable = available * MB }).Sample.HeapLimit);

    [Fact]
    public void Term_IsThatOfTheHighestShare()
    {
        Assert.Equal((UtilizationTerm.Process, 0.5), Term(Plain, processLimit: 600 * MB));
        MemoryReadings heap = Plain with { HeapAvailable = 400 * MB };
        Assert.Equal((UtilizationTerm.Heap, 0.65), Term(heap));
        Assert.Equal((UtilizationTerm.Heap, 0.75), Term(heap with { HeapBytes = 300 * MB }));
        using var budget = new MemoryBudget(100 * MB);
        budget.TryReserve(90 * MB);
        Assert.Equal((UtilizationTerm.Budget, 0.9), Term(heap, budget: budget));
        Assert.Equal((UtilizationTerm.Heap, 0.65), Term(heap, budget: budget, reclaimable: 80 * MB));
        Assert.Equal((UtilizationTerm.Container, 0.35), Term(Plain, budget: budget, reclaimable: 55 * MB));
    }

    [Fact]
    public void Machine_CountsOnlyWhereNothingElseLimits()
    {
        MemoryReadings alone = Plain with { ContainerLimit = null, ContainerBytes = null, MachineAvailable = 4_000 * MB };
        Assert.Equal((UtilizationTerm.Machine, 0.75), Term(alone));
        Assert.Equal((UtilizationTerm.Process, 0.3), Term(alone, processLimit: 1000 * MB));
        Assert.Equal((UtilizationTerm.None, 0), Term(alone with { MachineBytes = null, MachineAvailable = null }));
    }

    [Fact]
    public void Container_LimitAboveTheMachine_IsNone()
    {
        Assessment a = Build(Plain with { ContainerLimit = 16_000 * MB });
        Assert.Null(a.Sample.ContainerLimit);
        Assert.Equal(UtilizationTerm.None, a.Term);
    }

    [Fact]
    public void Container_UseUnknown_IsAtLeastTheResidentSet()
    {
        Assessment a = Build(Plain with { ContainerBytes = null });
        Assert.Null(a.Sample.ContainerBytes);
        Assert.Equal((true, 0.3), (a.IsKnown, a.Utilization));
        Assert.False(Build(Plain with { ContainerBytes = null, ResidentBytes = null }).IsKnown);
    }

    [Fact]
    public void Unknown_OneLimit_DoesNotHideAnother()
    {
        Assessment a = Build(Plain with { ResidentBytes = null }, processLimit: 400 * MB);
        Assert.Equal((false, UtilizationTerm.Container, 0.35), (a.IsKnown, a.Term, a.Utilization));
    }

    private static (UtilizationTerm, double) Term(MemoryReadings readings, long? processLimit = null, MemoryBudget? budget = null, long reclaimable = 0) =>
        Build(readings, processLimit, budget, 0, reclaimable).Sample is var s ? (s.Term, s.Utilization) : default;

    private static Assessment Build(MemoryReadings readings, long? processLimit = null, MemoryBudget? budget = null, long consumers = 0, long reclaimable = 0) =>
        SampleBuilder.Build(readings, DateTimeOffset.UnixEpoch, processLimit, budget, consumers, reclaimable);
}
