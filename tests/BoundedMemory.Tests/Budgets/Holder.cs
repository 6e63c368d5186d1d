namespace BoundedMemory.Tests.Budgets;

/// <summary>Holds bytes of a budget and gives back exactly what it is asked for, if it has it.</summary>
internal sealed class Holder : IMemoryReclaimer, IDisposable
{
    private readonly Lock _gate = new();
    private readonly IDisposable _registration;
    private long _held;

    public Holder(MemoryBudget budget, ReclaimPriority priority = ReclaimPriority.Cache, long bytes = 0)
    {
        Budget = budget;
        Priority = priority;
        _registration = budget.Register(this);
        Assert.True(Hold(bytes));
    }

    public MemoryBudget Budget { get; }

    public string Name => Budget.Name;

    public ReclaimPriority Priority { get; }

    public long Held => Volatile.Read(ref _held);

    /// <summary>Times it was asked.</summary>
    public int Asked { get; private set; }

    /// <summary>Called before it gives anything.</summary>
    public Action? Asking { get; set; }

    /// <summary>What it says it gave, instead of the truth.</summary>
    public Func<long, long>? Says { get; set; }

    public long? SaysItUses { get; set; }

    public long UsedBytes => SaysItUses ?? Held;

    public long ReclaimableBytes => SaysItUses ?? Held;

    public bool Hold(long bytes)
    {
        if (!Budget.TryReserve(bytes))
        {
            return false;
        }

        lock (_gate)
        {
            _held += bytes;
        }

        return true;
    }

    public long Release(long bytes)
    {
        long released;
        lock (_gate)
        {
            released = Math.Min(bytes, _held);
            _held -= released;
        }

        Budget.Release(released);
        return released;
    }

    public long Reclaim(long targetBytes)
    {
        Asked++;
        Asking?.Invoke();
        return Says?.Invoke(targetBytes) ?? Release(targetBytes);
    }

    /// <summary>Is not asked any more, and keeps what it holds.</summary>
    public void Dispose() => _registration.Dispose();
}
