namespace BoundedMemory;

/// <summary>A key and its value: slot of a <see cref="SessionTable"/>, unit of accounting. 40 bytes.</summary>
internal struct SessionEntry
{
    /// <summary>Charged in units of 8 bytes, the granularity of the heap.</summary>
    public const int BytesPerUnit = 8;

    /// <summary>Null in a free slot.</summary>
    public string? Key;

    public object? Value;

    /// <summary>The scope it leaves with; null if it stays. The session's own instance of the name where it is the current scope, which the session pays for; else the entry's.</summary>
    public string? Scope;

    public int Hash;

    /// <summary>What it is charged with beside its slot.</summary>
    public uint Units;

    /// <summary>When it was last used, in uses of its session; the sign says whether its value was handed out since it was measured.</summary>
    private long _use;

    public readonly long Bytes => (long)Units * BytesPerUnit;

    public readonly long LastUse => Math.Abs(_use);

    public readonly bool IsLent => _use < 0;

    public void Use(long moment, bool lends) => _use = lends || IsLent ? -moment : moment;

    /// <summary>Its value has been measured.</summary>
    public void Settle() => _use = LastUse;

    public static uint UnitsOf(long bytes) => (uint)((bytes + BytesPerUnit - 1) / BytesPerUnit);
}
