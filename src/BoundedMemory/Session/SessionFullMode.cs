namespace BoundedMemory;

/// <summary>What happens to a value that does not fit into its session.</summary>
public enum SessionFullMode
{
    /// <summary>It is refused: <see cref="SessionSetStatus.Full"/>. Nothing that the session was told to keep leaves unasked.</summary>
    Refuse,

    /// <summary>Transient entries of the session leave for it, those first that were not used for longest; it is refused, and none leaves, if that would not be enough.</summary>
    EvictTransient,
}
