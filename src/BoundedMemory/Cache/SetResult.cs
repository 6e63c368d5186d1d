namespace BoundedMemory;

/// <summary>What became of a value that was to be stored. A refused value leaves what was stored under the key before untouched.</summary>
public enum SetResult
{
    /// <summary>Stored under a key that had no value.</summary>
    Added,

    /// <summary>Stored in place of the key's former value.</summary>
    Replaced,

    /// <summary>Refused: it alone exceeds a limit of the cache or of its tier, or takes 32 GB or more.</summary>
    TooLarge,

    /// <summary>Refused: it would fit, but what fills the bound cannot be evicted (leased entries), or an ancestor of the cache's budget is exhausted
    /// by others; or it is the very value that is stored there, is to be disposed once, and is leased.</summary>
    OverBudget,

    /// <summary>Refused: its size cannot be measured; see <see cref="RejectedEntry{TKey, TValue}.Detail"/>.</summary>
    SizeUnknown,
}

/// <summary>Questions to a <see cref="SetResult"/>.</summary>
public static class SetResultExtensions
{
    /// <summary>Whether the value is in the cache: <see cref="SetResult.Added"/> or <see cref="SetResult.Replaced"/>.</summary>
    /// <param name="result">The result.</param>
    public static bool IsStored(this SetResult result) => result <= SetResult.Replaced;
}
