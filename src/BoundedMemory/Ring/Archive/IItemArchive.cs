namespace BoundedMemory;

/// <summary>Where a ring puts the items it no longer keeps in memory.</summary>
/// <remarks>A ring calls its archive from the thread pool, one call at a time, never under a lock and never on the thread that adds items. A call may
/// take as long as it likes: meanwhile items wait, within the limits of the ring.</remarks>
/// <typeparam name="T">Type of the items.</typeparam>
public interface IItemArchive<T>
{
    /// <summary>Takes items, oldest first.</summary>
    /// <param name="items">At least one; valid until the returned task has ended, not longer.</param>
    /// <param name="cancellationToken">Signalled when the ring is disposed.</param>
    /// <returns>How many of them are done with, counted from the first. The rest is handed over again; at least one must be done with.</returns>
    /// <exception cref="Exception">Whatever is thrown means: none of them was taken, try again later.</exception>
    ValueTask<ArchiveResult> WriteAsync(ReadOnlyMemory<T> items, CancellationToken cancellationToken);

    /// <summary>Makes everything that was taken durable.</summary>
    /// <param name="cancellationToken">Ends the wait, not necessarily the flush.</param>
    /// <returns>A task that ends when what was taken before the call survives whatever the archive promises it to survive.</returns>
    /// <exception cref="Exception">Whatever is thrown means: it may not be durable.</exception>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}

/// <summary>What an archive did with the first items of a batch.</summary>
/// <param name="Written">Items taken.</param>
/// <param name="Refused">Items that can never be taken, by their content or size; they are lost, and counted.</param>
public readonly record struct ArchiveResult(int Written, int Refused = 0);
