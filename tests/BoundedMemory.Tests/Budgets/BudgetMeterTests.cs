using BoundedMemory.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace BoundedMemory.Tests.Budgets;

public sealed class BudgetMeterTests : IDisposable
{
    private const string Prefix = "bounded_memory.budget.";

    private static readonly string[] Instruments =
    [
        "usage By ObservableUpDownCounter", "limit By ObservableUpDownCounter", "guarantee By ObservableUpDownCounter", "utilization 1 ObservableGauge",
        "refusals {reservation} ObservableCounter", "reclaims {request} ObservableCounter", "reclaims.in_vain {request} ObservableCounter",
        "reclaim.requested By ObservableCounter", "reclaim.released By ObservableCounter", "consumer.failures {failure} ObservableCounter",
    ];

    private readonly OwnMeters _meters = new();

    public void Dispose() => _meters.Dispose();

    [Fact]
    public void Instruments_OfTheMeter_AreThoseThatAreDocumented()
    {
        using var root = new MemoryBudget(100_000, "app", _meters.Factory);
        using var reading = new MeterReading(_meters.Factory);
        reading.RequireInstruments(Prefix, Instruments);
    }

    [Fact]
    public void Instruments_ReportNamedBudgetsByPathAndNoPrimitives()
    {
        using var reading = new MeterReading(_meters.Factory);
        using var root = new MemoryBudget(100_000, "app", _meters.Factory);
        using MemoryBudget child = root.CreateChild("reports", guaranteedBytes: 10_000);
        using var queue = new DropOldestQueue<byte[]>(new() { MaxBytes = 50_000, Budget = child, MeterFactory = _meters.Factory });
        var holder = new Holder(child, bytes: 40_000);
        Assert.True(root.TryReserve(70_000));
        Assert.False(root.TryReserve(90_000));
        MemoryBudgetStatistics s = root.Statistics;
        Assert.True(s.Reclaims > 0 && s.ReclaimedBytes > 0 && s.Refusals == 1);

        var expected = new Dictionary<string, double>
        {
            ["usage{budget.path=app}"] = root.Used,
            ["limit{budget.path=app}"] = 100_000,
            ["utilization{budget.path=app}"] = root.Used / 100_000.0,
            ["refusals{budget.path=app}"] = 1,
            ["reclaims{budget.path=app}"] = s.Reclaims,
            ["reclaims.in_vain{budget.path=app}"] = s.ReclaimsInVain,
            ["reclaim.requested{budget.path=app}"] = s.RequestedBytes,
            ["reclaim.released{budget.path=app}"] = s.ReclaimedBytes,
            ["consumer.failures{budget.path=app}"] = 0,
            ["usage{budget.path=app/reports}"] = child.Used,
            ["guarantee{budget.path=app/reports}"] = 10_000,
            ["refusals{budget.path=app/reports}"] = 0,
            ["reclaims{budget.path=app/reports}"] = 0,
            ["reclaims.in_vain{budget.path=app/reports}"] = 0,
            ["reclaim.requested{budget.path=app/reports}"] = 0,
            ["reclaim.released{budget.path=app/reports}"] = 0,
            ["consumer.failures{budget.path=app/reports}"] = 0,
        };
        reading.RequireValues(Prefix, expected, hasOthers: true);
        Assert.True(holder.Held >= 0);
    }

    [Fact]
    public void Disposed_IsNotReportedAnyMore_AndOfOnePathTheSumIs()
    {
        using var reading = new MeterReading(_meters.Factory);
        using var root = new MemoryBudget(100_000, "app", _meters.Factory);
        MemoryBudget[] children = [root.CreateChild("session", 1000), root.CreateChild("session", 2000)];
        Assert.Equal(3000, reading.Read()[Prefix + "limit{budget.path=app/session}"]);
        children[1].Dispose();
        Assert.Equal(1000, reading.Read()[Prefix + "limit{budget.path=app/session}"]);
        children[0].Dispose();
        Assert.DoesNotContain(Prefix + "limit{budget.path=app/session}", reading.Read().Keys);
    }

    [Fact]
    public void AddMemoryBudget_TakesTheMeterFactoryOfTheContainer()
    {
        using ServiceProvider services = new ServiceCollection().AddMetrics().AddMemoryBudget(5000).BuildServiceProvider();
        using var reading = new MeterReading(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        services.GetRequiredService<MemoryBudget>();
        Assert.Equal(5000, reading.Read()[Prefix + "limit{budget.path=process}"]);
    }
}
