namespace BoundedMemory;

/// <summary>Where a text that is too long is cut.</summary>
public enum TruncationPosition
{
    /// <summary>At its end: the beginning is kept.</summary>
    End = 0,

    /// <summary>At its start: the end is kept.</summary>
    Start = 1,

    /// <summary>In its middle: beginning and end are kept.</summary>
    Middle = 2,
}
