namespace BoundedMemory;

/// <summary>Which misses <see cref="EvictionPolicy.ScanResistant"/> shall avoid when entries differ in size.</summary>
public enum EvictionGoal
{
    /// <summary>Both kinds: misses counted by request and misses counted by byte.</summary>
    Balanced,

    /// <summary>As few missed requests as possible: several small entries are kept rather than a large one. For values that cost the same to load,
    /// whatever their size.</summary>
    Requests,

    /// <summary>As few missed bytes as possible: size does not count against an entry. For values whose cost to load grows with their size.</summary>
    Bytes,
}
