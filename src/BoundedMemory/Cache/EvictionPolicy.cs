namespace BoundedMemory;

/// <summary>Which entry makes room for a new one.</summary>
public enum EvictionPolicy
{
    /// <summary>New entries prove themselves in a small queue before they can displace those that have: one pass over many keys does not empty
    /// the cache. A hit writes one small mark, and takes no lock. See the folder's README for the algorithm and its source.</summary>
    ScanResistant,

    /// <summary>The least recently used entry, exactly. A hit takes a lock.</summary>
    Lru,
}
