using BenchmarkDotNet.Attributes;

namespace BoundedMemory.Benchmarks;

/// <summary>What does it cost to reserve bytes and to give them back, at each level of a tree of budgets?</summary>
[MemoryDiagnoser]
public class Budgets
{
    private const long Some = 256;

    private readonly MemoryBudget _root = new(1L << 30);
    private readonly MemoryBudget _child;
    private readonly MemoryBudget _grandchild;
    private long _counter = long.MaxValue;

    public Budgets()
    {
        _child = _root.CreateChild("child", 1 << 28);
        _grandchild = _child.CreateChild("grandchild", 1 << 26);
    }

    /// <summary>The two interlocked operations that it takes at least.</summary>
    [Benchmark(Baseline = true)]
    public long InterlockedAddTwice()
    {
        Interlocked.Add(ref _counter, -Some);
        return Interlocked.Add(ref _counter, Some);
    }

    [Benchmark]
    public bool Root() => ReserveAndRelease(_root, Some);

    [Benchmark]
    public bool Child() => ReserveAndRelease(_child, Some);

    [Benchmark]
    public bool Grandchild() => ReserveAndRelease(_grandchild, Some);

    /// <summary>More than a leaf keeps in hand: every reservation goes up to the root.</summary>
    [Benchmark]
    public bool GrandchildBeyondQuantum() => ReserveAndRelease(_grandchild, 4 * MemoryBudget.Quantum);

    [Benchmark]
    public long Reservation()
    {
        using MemoryReservation reservation = _root.Reserve(Some);
        return reservation.Bytes;
    }

    private static bool ReserveAndRelease(MemoryBudget budget, long bytes)
    {
        bool isReserved = budget.TryReserve(bytes);
        budget.Release(bytes);
        return isReserved;
    }
}
