namespace BoundedMemory;

/// <summary>The owner of a window that is part of a budget.</summary>
internal sealed class BudgetOwner<TMessage>(MemoryBudget budget) : IWindowOwner<TMessage>, IDisposable
{
    /// <summary>Bytes that were refused; taken by whoever asks others for them.</summary>
    private long _refused;

    /// <summary>Bytes of the budget and of this.</summary>
    public long OwnBytes => WindowLayout<TMessage>.BudgetBytes + HeapLayout.StringBytes(budget.Path.Length);

    public bool TryGrow(long bytes)
    {
        bool isTaken = budget.TryReserveUnderLock(bytes);
        Volatile.Write(ref _refused, isTaken ? 0 : bytes);
        return isTaken;
    }

    public void Shrink(long bytes) => budget.Release(bytes);

    public AppendResult TryKeep(in StoredMessage<TMessage> message, long bytes) => AppendResult.Appended;

    public Action? TakeDeferred() => null;

    public void AskOthers()
    {
        long bytes = Interlocked.Exchange(ref _refused, 0);
        if (bytes > 0 && budget.TryReserveByAsking(bytes, AskingManner.OfPrimitive))
        {
            budget.Release(bytes);
        }
    }

    /// <summary>Takes bytes for what the window cannot be without.</summary>
    /// <exception cref="MemoryBudgetExceededException">There is no room for them.</exception>
    public void Take(long bytes)
    {
        if (!budget.TryReserveByAsking(bytes, AskingManner.OfPrimitive))
        {
            throw new MemoryBudgetExceededException(bytes, budget.Used, budget.Limit, budget.Path);
        }
    }

    /// <summary>Who is asked when others of the budget need room.</summary>
    public void Register(IMemoryReclaimer window) => budget.AddConsumer(window);

    public void Dispose() => budget.Dispose();
}
