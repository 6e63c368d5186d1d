namespace BoundedMemory;

/// <summary>What happens to calls that were not all answered when the next turn begins. Model providers refuse such a history.</summary>
public enum IncompleteGroup
{
    /// <summary>The whole group is dropped, and counted.</summary>
    Drop = 0,

    /// <summary>It stays, as a group that waits for nothing more.</summary>
    Keep = 1,
}
