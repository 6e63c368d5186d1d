namespace BoundedMemory;

/// <summary>What a window from which messages have been dropped begins with, after system and pinned messages.</summary>
public enum StartOn
{
    /// <summary>A message of the user, if any is left: the rest of a turn that has lost its beginning is dropped too.</summary>
    UserMessageIfPossible = 0,

    /// <summary>Whatever comes first; groups of calls and results stay whole all the same.</summary>
    AnyMessage = 1,
}
