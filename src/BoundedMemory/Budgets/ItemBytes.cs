using System.Diagnostics;

namespace BoundedMemory;

/// <summary>The bytes of a primitive that holds items: measures them, and takes them from its limit and its budget. Thread-safe.</summary>
/// <remarks>Law: what is in the primitive is taken here first and given back after it has left, so no reader ever sees more than the limit. Without a
/// limit and a budget nothing is measured and everything fits.</remarks>
[DebuggerDisplay("{Used} of {Limit} bytes")]
internal sealed class ItemBytes<T> : IDisposable
{
    /// <summary>Far more than there is memory, and few enough that some of them can be added.</summary>
    private const long MostBytes = long.MaxValue / 4;

    private readonly MemoryBudget? _budget;

    private readonly Sizer<T>? _sizer;

    /// <param name="name">Name of the primitive, for the budget's path.</param>
    /// <param name="maxBytes">The primitive's own limit; null: none.</param>
    /// <param name="budget">What its bytes are part of; null: nothing.</param>
    /// <param name="sizer">Measures what an item retains beyond its slot; null: <see cref="ObjectSizer"/>.</param>
    /// <exception cref="NotSupportedException">Items of this type cannot be measured on this runtime without a sizer.</exception>
    public ItemBytes(string name, long? maxBytes, MemoryBudget? budget, Sizer<T>? sizer)
    {
        _sizer = budget is null && maxBytes is null ? null : sizer ?? ObjectSizer.For<T>();
        _budget = budget is null && maxBytes is null ? null : MemoryBudget.ForPrimitive(name, maxBytes, budget);
    }

    public bool AreCounted => _budget is not null;

    /// <summary>Something is guaranteed to the budget it is part of.</summary>
    public bool HasGuarantee => _budget is { HasGuarantee: true };

    /// <summary>Bytes taken; 0 where they are not counted.</summary>
    public long Used => _budget?.Used ?? 0;

    public long Limit => _budget?.Limit ?? long.MaxValue;

    /// <summary>What could be taken now, not counting what other budgets hold unused.</summary>
    public long Available => _budget?.Available ?? long.MaxValue;

    /// <summary>The bytes an item retains beyond its slot, 0 where they are not counted; false, and where counting stopped, if that cannot be told. Runs
    /// the user's code: under no lock.</summary>
    public bool TryMeasure(in T item, out long bytes, out string? detail)
    {
        bytes = 0;
        detail = null;
        if (_sizer is null)
        {
            return true;
        }

        SizeResult size = _sizer.Measure(item);
        bytes = Math.Min(size.Bytes, MostBytes);
        detail = size.Quality == SizeQuality.CapHit ? $"{size.StoppedAtType} at {size.StoppedAtPath}" : null;
        return detail is null;
    }

    /// <summary>Takes what is free. Nobody is asked, so it may be called under a lock.</summary>
    public bool TryTake(long bytes) => _budget is null || _budget.TryReserveUnderLock(bytes);

    public void Return(long bytes) => _budget?.Release(bytes);

    /// <summary>Others who share the budget may ask this primitive for memory from now on.</summary>
    public void Register(IMemoryReclaimer primitive)
    {
        if (_budget?.Parent is not null)
        {
            _budget.AddConsumer(primitive);
        }
    }

    /// <summary>Takes bytes for what the primitive cannot be without. Others are asked: under no lock.</summary>
    /// <exception cref="MemoryBudgetExceededException">There is no room for them.</exception>
    public void Take(long bytes)
    {
        if (_budget?.TryReserveByAsking(bytes, AskingManner.OfPrimitive) == false)
        {
            throw new MemoryBudgetExceededException(bytes, Used, Limit, _budget!.Path);
        }
    }

    /// <summary>Whether room for so many bytes could be made by removing items. Where that alone would not do, because others share the budget, the rest
    /// is taken beforehand, so that nothing is removed in vain.</summary>
    /// <param name="bytes">What is to be added.</param>
    /// <param name="movable">Bytes of items that may be removed for it.</param>
    /// <param name="prepaid">What has been taken; the caller uses it up or returns it.</param>
    public AddResult TryPrepay(long bytes, long movable, out long prepaid)
    {
        prepaid = 0;
        if (_budget is null)
        {
            return AddResult.Added;
        }

        if (bytes > Limit - (Used - movable))
        {
            return AddResult.TooLarge;
        }

        // All that is not movable, not just what is missing beyond what is free: that would be taken of what is free, and still be missing in the end.
        long owed = bytes - movable;
        if (owed <= Available)
        {
            return AddResult.Added;
        }

        if (!_budget.TryReserveUnderLock(owed))
        {
            return AddResult.OverBudget;
        }

        prepaid = owed;
        return AddResult.Added;
    }

    /// <summary>Whether others are to be asked before anything of the primitive's own leaves: what it needs is guaranteed to it, and is not free. To be answered
    /// by <see cref="AddResult.OverBudget"/>, with everything as it was; the caller then asks, under no lock. Costs a look at a field where nothing is guaranteed.</summary>
    /// <param name="bytes">What is to be added, and what the arrays grow by for it.</param>
    /// <param name="advance">What others have given.</param>
    public bool AsksFirst(long bytes, in Advance advance) =>
        !advance.IsAsked && _budget is { HasGuarantee: true } budget && bytes <= budget.Limit - budget.Used && bytes > budget.Available && budget.IsEntitledTo(bytes);

    /// <summary>Asks others for an item that was refused. Under no lock.</summary>
    /// <param name="bytes">What it retains, and what the arrays grow by for it.</param>
    /// <param name="movable">Bytes of items that may be removed for it.</param>
    /// <param name="advance">What has been taken for it, which is used up or returned by who adds it.</param>
    /// <returns>Whether it is worthwhile to try again.</returns>
    public bool TryAsk(long bytes, long movable, out Advance advance)
    {
        advance = new Advance(0, IsAsked: true);
        if (_budget?.Parent is null)
        {
            return false;
        }

        bool isEntitled = bytes <= Limit - Used && _budget.IsEntitledTo(bytes);
        if (isEntitled && _budget.TryReserveByAsking(bytes, AskingManner.Entitled))
        {
            advance = advance with { Bytes = bytes };
            return true;
        }

        // Longer arrays are not worth a refusal by the primitive's own limit.
        long owed = Math.Min(bytes - movable, Limit - Used);
        if (owed > Available && _budget.TryReserveByAsking(owed, AskingManner.OfPrimitive))
        {
            advance = advance with { Bytes = owed };
            return true;
        }

        return owed <= Available;
    }

    /// <summary>Tries to change the limit; false if more is in use.</summary>
    public bool TrySetLimit(long limit) => _budget!.TrySetLimit(limit);

    public void Dispose() => _budget?.Dispose();
}

/// <summary>What others have given for something that is to be added, taken beforehand; by default, nobody has been asked.</summary>
/// <param name="Bytes">Bytes.</param>
/// <param name="IsAsked">Whether others have been asked: nobody asks twice for one thing.</param>
internal readonly record struct Advance(long Bytes, bool IsAsked);
