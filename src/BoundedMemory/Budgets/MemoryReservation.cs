using System.Diagnostics;

namespace BoundedMemory;

/// <summary>Bytes held in a <see cref="MemoryBudget"/> until this is disposed.</summary>
/// <remarks>Thread-safe. Disposing twice releases once.</remarks>
/// <example>
/// <code>
/// using MemoryReservation room = budget.Reserve(16 * 1024 * 1024); // before the load, not after it
/// byte[] report = Download();
/// </code>
/// </example>
[DebuggerDisplay("{Bytes} bytes of {Budget.Path,nq}")]
public sealed class MemoryReservation : IDisposable
{
    private long _bytes;

    internal MemoryReservation(MemoryBudget budget, long bytes)
    {
        Budget = budget;
        _bytes = bytes;
    }

    /// <summary>The budget the bytes are held in.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>Bytes held; 0 once disposed.</summary>
    public long Bytes => Volatile.Read(in _bytes);

    /// <summary>Gives the bytes back.</summary>
    public void Dispose()
    {
        long bytes = Interlocked.Exchange(ref _bytes, 0);
        if (bytes > 0)
        {
            Budget.Release(bytes);
        }
    }
}
