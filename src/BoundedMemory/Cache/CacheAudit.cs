namespace BoundedMemory;

/// <summary>What an audit of some entries has found.</summary>
/// <param name="Entries">Entries measured.</param>
/// <param name="ChargedBytes">Bytes they were charged with before.</param>
/// <param name="CorrectedBytes">Bytes by which their charges were changed: positive where values have grown.</param>
/// <param name="SharedBytes">Bytes that their values are charged with more than once, because several lead to the same objects: the bound holds, but
/// with fewer entries than there is room for.</param>
/// <param name="SharedType">Type of the shared object that costs most; null if nothing is shared. Mark the field that leads to it
/// <see cref="NotOwnedAttribute"/>, or declare the values' sizes.</param>
/// <param name="SharedObjectBytes">Bytes that object retains.</param>
/// <param name="SharedBy">How many of the entries lead to it.</param>
public sealed record CacheAudit(
    int Entries, long ChargedBytes, long CorrectedBytes, long SharedBytes, string? SharedType, long SharedObjectBytes, int SharedBy);
