namespace BoundedMemory;

/// <summary>A reservation did not fit into a <see cref="MemoryBudget"/>; nothing was reserved.</summary>
public sealed class MemoryBudgetExceededException : Exception
{
    /// <summary>Creates the exception without figures; budgets use the constructor that has them.</summary>
    public MemoryBudgetExceededException()
        : base("A memory budget is exhausted.")
    {
    }

    /// <summary>Creates the exception with a message of your own.</summary>
    /// <param name="message">What was refused and why.</param>
    public MemoryBudgetExceededException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message of your own and its cause.</summary>
    /// <param name="message">What was refused and why.</param>
    /// <param name="innerException">The cause.</param>
    public MemoryBudgetExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for one refused reservation.</summary>
    /// <param name="requested">Bytes asked for.</param>
    /// <param name="used">Bytes in use in the budget that refused.</param>
    /// <param name="limit">Limit in bytes of the budget that refused.</param>
    /// <param name="budgetPath">Path of the budget that refused, from the root.</param>
    public MemoryBudgetExceededException(long requested, long used, long limit, string budgetPath)
        : base($"The memory budget '{budgetPath}' has no room for {requested} bytes: {used} of {limit} bytes are in use.")
    {
        Requested = requested;
        Used = used;
        Limit = limit;
        BudgetPath = budgetPath;
    }

    /// <summary>Bytes asked for.</summary>
    public long Requested { get; }

    /// <summary>Bytes in use, when it was refused, in the budget that refused: the one asked, or an ancestor of it.</summary>
    public long Used { get; }

    /// <summary>Limit in bytes of the budget that refused.</summary>
    public long Limit { get; }

    /// <summary>Whether it could fit once others have released what they hold, under the limits as they were. False: it alone is more than the limit, and will be
    /// refused again however often it is tried. True also where no figures are known. When others release, nobody can tell.</summary>
    public bool IsTransient => Requested <= Limit;

    /// <summary>Path of the budget that refused, from the root, names joined by '/'.</summary>
    public string BudgetPath { get; } = "";
}
