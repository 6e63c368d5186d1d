namespace BoundedMemory;

/// <summary>What became of an item that was to be added to a ring, queue or hub. A refused item leaves what is there untouched.</summary>
public enum AddResult
{
    /// <summary>Added; others may have left to make room.</summary>
    Added,

    /// <summary>Refused: it alone exceeds the limit in bytes.</summary>
    TooLarge,

    /// <summary>Refused: an ancestor of the budget is exhausted by others.</summary>
    OverBudget,

    /// <summary>Refused: its size cannot be measured.</summary>
    SizeUnknown,

    /// <summary>Refused: nothing is added any more, because it was completed.</summary>
    Completed,
}
