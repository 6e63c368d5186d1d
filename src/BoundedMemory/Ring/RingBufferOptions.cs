using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What a <see cref="RingBuffer{T}"/> or a <see cref="ConcurrentRingBuffer{T}"/> is bounded by and how it behaves. Copied when a ring is created.</summary>
/// <remarks>At least one of <see cref="MaxCount"/>, <see cref="MaxBytes"/> and <see cref="Budget"/> must be set.</remarks>
/// <typeparam name="T">Type of the items.</typeparam>
public sealed class RingBufferOptions<T> : IPrimitiveOptions
{
    /// <summary>Name of the ring in metrics (<c>ring.name</c>), messages and its budget's path.</summary>
    /// <value>Default <c>"ring"</c>; not empty, no '/'. Dependency injection sets the name the ring is registered with.</value>
    public string Name { get; set; } = "ring";

    /// <summary>Items the ring may hold, those included that wait for its archive.</summary>
    /// <value>Default null: no limit. 1 to 2,147,483,591.</value>
    public int? MaxCount { get; set; }

    /// <summary>Bytes the ring may retain on the managed heap: its items, measured when they are added, its arrays at their real length and everything
    /// else it consists of; items that wait for its archive included.</summary>
    /// <value>Default null: no limit of its own. 8,192 to <see cref="long.MaxValue"/>.</value>
    public long? MaxBytes { get; set; }

    /// <summary>A budget that the ring's bytes are part of, in addition to <see cref="MaxBytes"/>.</summary>
    /// <value>Default null.</value>
    public MemoryBudget? Budget { get; set; }

    /// <summary>Measures what an item retains on the heap beyond its slot.</summary>
    /// <value>Default null: <see cref="ObjectSizer"/>.</value>
    public Sizer<T>? ItemSizer { get; set; }

    /// <summary>Called with the items that have left in one operation, oldest first, and why; on the thread that made them leave, under no lock. The
    /// span is valid during the call only. <c>Clear</c> and <c>Dispose</c> call it once for every 256 items. Not called for items that were
    /// archived. What it throws is counted and swallowed.</summary>
    /// <value>Default null.</value>
    public Action<ReadOnlySpan<T>, RemovalCause>? Evicted { get; set; }

    /// <summary>Whether items that are <see cref="IDisposable"/> are disposed when they leave: after <see cref="Evicted"/>, or once they are archived.</summary>
    /// <value>Default false.</value>
    public bool DisposeItems { get; set; }

    /// <summary>Where the oldest items go instead of being dropped. Not disposed by the ring.</summary>
    /// <value>Default null: nowhere.</value>
    public IItemArchive<T>? Archive { get; set; }

    /// <summary>Items in the ring above which the oldest are spilled to the <see cref="Archive"/> in one batch.</summary>
    /// <value>Default 500. 1 to 2,147,483,591, and below <see cref="MaxCount"/>: the difference is the least room for items that wait.</value>
    public int ArchiveAbove { get; set; } = 500;

    /// <summary>Items, the newest ones, that stay in the ring when the others are spilled.</summary>
    /// <value>Default 100. 0 to <see cref="ArchiveAbove"/>.</value>
    public int KeepInMemory { get; set; } = 100;

    /// <summary>How long the ring waits before it writes again to an archive that has failed.</summary>
    /// <value>Default 5 s. 1 ms to 1 day.</value>
    public TimeSpan ArchiveRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the meter comes from.</summary>
    /// <value>Default null: one meter for the process. Dependency injection sets the one that is registered.</value>
    public IMeterFactory? MeterFactory { get; set; }
}
