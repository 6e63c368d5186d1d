namespace BoundedMemory;

/// <summary>Whether the watchdog makes the collector give memory back.</summary>
public enum GcPolicy
{
    /// <summary>Never: what is trimmed becomes garbage, and the collector comes when it comes.</summary>
    Never = 0,

    /// <summary>In the way that fits the cause, and not too often.</summary>
    AfterTrim = 1,

    /// <summary>That, and the process's limit, less what is not the heap's, is set as the runtime's hard limit: the collector works harder the nearer it comes, and an allocation beyond
    /// it fails. For the whole process.</summary>
    Enforce = 2,
}
