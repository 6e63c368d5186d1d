namespace BoundedMemory;

/// <summary>What became of a message that was to be appended. Whatever is refused leaves what was there untouched, but for one case of <see cref="TooLarge"/>.</summary>
public enum AppendResult
{
    /// <summary>It is in the window.</summary>
    Appended = 0,

    /// <summary>It, with what must not leave, exceeds a cap of the window. If it was part of a group that had become too large for the window
    /// (<see cref="OversizeGroup.TruncateThenDrop"/>), the rest of the group has been dropped.</summary>
    TooLarge = 1,

    /// <summary>Others have exhausted the budget, or leased conversations fill the store.</summary>
    OverBudget = 2,

    /// <summary>It could not be measured.</summary>
    SizeUnknown = 3,

    /// <summary>It is a result of no call that is still waiting for one: its call was never there, is answered already, or has been dropped.</summary>
    Orphan = 4,

    /// <summary>Too much waits to be written by the store's sink: nothing may be lost, so nothing more is taken until it has caught up.</summary>
    Backlogged = 5,

    /// <summary>The conversation has been removed from its store.</summary>
    Closed = 6,

    /// <summary>It is a summary, and the one that is there covers more.</summary>
    Stale = 7,
}
