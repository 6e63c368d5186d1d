namespace BoundedMemory;

/// <summary>The owner of a window that is part of a budget.</summary>
internal sealed class BudgetOwner<TMessage>(MemoryBudget budget) : IWindowOwner<TMessage>, IDisposable
{
    /// <summary>Bytes of the budget and of this.</summary>
    public long OwnBytes => WindowLayout<TMessage>.BudgetBytes + HeapLayout.StringBytes(budget.Path.Length);

    public bool TryGrow(long bytes) => budget.TryReserveUnderLock(bytes);

    public void Shrink(long bytes) => budget.Release(bytes);

    public AppendResult TryKeep(in StoredMessage<TMessage> message, long bytes) => AppendResult.Appended;

    public Action? TakeDeferred() => null;

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
