namespace BoundedMemory;

/// <summary>A primitive whose contents may be given up from outside, by any thread: what an operator needs who does not know its types.</summary>
internal interface ITrimmable : IMemoryReclaimer
{
    /// <summary>As the primitive's own <c>Trim</c>.</summary>
    /// <param name="bytes">Bytes wanted; at least 0. <see cref="long.MaxValue"/>: all that may go.</param>
    /// <returns>Bytes given back.</returns>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    long Trim(long bytes);

    /// <summary>As the primitive's own <c>Clear</c>.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    void Clear();
}
