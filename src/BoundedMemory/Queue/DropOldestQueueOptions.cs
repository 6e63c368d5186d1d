using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What a <see cref="DropOldestQueue{T}"/> is bounded by and how it behaves. Copied when a queue is created.</summary>
/// <remarks>At least one of <see cref="MaxCount"/>, <see cref="MaxBytes"/> and <see cref="Budget"/> must be set. A queue that has only a
/// <see cref="MaxCount"/> of at most 65,536 takes no lock: its slots are made at once.</remarks>
/// <typeparam name="T">Type of the items.</typeparam>
public sealed class DropOldestQueueOptions<T> : IPrimitiveOptions
{
    /// <summary>Name of the queue in metrics (<c>queue.name</c>), messages and its budget's path.</summary>
    /// <value>Default <c>"queue"</c>; not empty, no '/'. Dependency injection sets the name the queue is registered with.</value>
    public string Name { get; set; } = "queue";

    /// <summary>Items the queue may hold.</summary>
    /// <value>Default null: no limit. 1 to <see cref="int.MaxValue"/>.</value>
    public long? MaxCount { get; set; }

    /// <summary>Bytes the queue may retain on the managed heap: its items, measured, its slots at their real number and everything else it consists of.</summary>
    /// <value>Default null: no limit of its own. 4,096 to <see cref="long.MaxValue"/>.</value>
    public long? MaxBytes { get; set; }

    /// <summary>A budget that the queue's bytes are part of, in addition to <see cref="MaxBytes"/>.</summary>
    /// <value>Default null.</value>
    public MemoryBudget? Budget { get; set; }

    /// <summary>How long an item may wait. One that has waited longer is skipped by whoever reads, and leaves as <see cref="RemovalCause.Expired"/>.</summary>
    /// <value>Default null: for ever. 1 ms to 36,525 days, counted in milliseconds.</value>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Keeps only the newest item of each key: it takes the place of the older one, which leaves as <see cref="RemovalCause.Replaced"/>.
    /// <see cref="Conflation.By"/> makes one.</summary>
    /// <value>Default null: every item is kept.</value>
    public Conflation<T>? ConflateBy { get; set; }

    /// <summary>Whether items that are <see cref="IDisposable"/> are disposed when they leave otherwise than to a reader, after <see cref="Dropped"/>.</summary>
    /// <value>Default false.</value>
    public bool DisposeItems { get; set; }

    /// <summary>Called for every item that left otherwise than to a reader, on the thread that made it leave, under no lock. What it throws is
    /// counted and swallowed.</summary>
    /// <value>Default null.</value>
    public Action<DroppedItem<T>>? Dropped { get; set; }

    /// <summary>Measures what an item retains on the heap beyond its slot.</summary>
    /// <value>Default null: <see cref="ObjectSizer"/>.</value>
    public Sizer<T>? ItemSizer { get; set; }

    /// <summary>The clock that <see cref="MaxAge"/> goes by.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>, read with the resolution of <see cref="Environment.TickCount64"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the meter comes from.</summary>
    /// <value>Default null: one meter for the process. Dependency injection sets the one that is registered.</value>
    public IMeterFactory? MeterFactory { get; set; }
}
