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
        _budget = budget is not null ? budget.CreateChild(name, maxBytes) : maxBytes is { } bytes ? new MemoryBudget(bytes, name) : null;
    }

    public bool AreCounted => _budget is not null;

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

    public bool TryTake(long bytes) => _budget is null || _budget.TryReserve(bytes);

    public void Return(long bytes) => _budget?.Release(bytes);

    /// <summary>Takes bytes for what the primitive cannot be without.</summary>
    /// <exception cref="MemoryBudgetExceededException">There is no room for them.</exception>
    public void Take(long bytes)
    {
        if (!TryTake(bytes))
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

        long missing = bytes - movable - Available;
        if (missing > 0 && !_budget.TryReserve(missing))
        {
            return AddResult.OverBudget;
        }

        prepaid = Math.Max(0, missing);
        return AddResult.Added;
    }

    /// <summary>Tries to change the limit; false if more is in use.</summary>
    public bool TrySetLimit(long limit) => _budget!.TrySetLimit(limit);

    public void Dispose() => _budget?.Dispose();
}
