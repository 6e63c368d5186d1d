using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What a <see cref="BoundedCache{TKey, TValue}"/> is bounded by and how it behaves. Copied when a cache is created.</summary>
/// <remarks>At least one of <see cref="MaxBytes"/>, <see cref="MaxCount"/>, <see cref="MaxWeight"/> and <see cref="Budget"/> must be set.</remarks>
public sealed class BoundedCacheOptions<TKey, TValue> : IPrimitiveOptions
    where TKey : notnull
{
    /// <summary>Name of the cache in metrics (<c>cache.name</c>), messages and its budget's path.</summary>
    /// <value>Default <c>"cache"</c>; not empty, no '/'. Dependency injection sets the name the cache is registered with.</value>
    public string Name { get; set; } = "cache";

    /// <summary>Bytes the cache may retain on the managed heap: its entries with their keys and values, measured, its table and everything else it
    /// consists of.</summary>
    /// <value>Default null: no limit of its own. 16,384 to <see cref="long.MaxValue"/>.</value>
    public long? MaxBytes { get; set; }

    /// <summary>Entries the cache may hold.</summary>
    /// <value>Default null: no limit. 1 to <see cref="long.MaxValue"/>.</value>
    public long? MaxCount { get; set; }

    /// <summary>Sum of the weights of the entries, in the units of <see cref="Weigher"/>; nothing is added to them.</summary>
    /// <value>Default null: no limit. 1 to <see cref="long.MaxValue"/>; needs a <see cref="Weigher"/>.</value>
    public long? MaxWeight { get; set; }

    /// <summary>Weight of an entry: called once for each value that is to be stored, outside of any lock. At least 0.</summary>
    /// <value>Default null. Needs a <see cref="MaxWeight"/>.</value>
    public Func<TKey, TValue, long>? Weigher { get; set; }

    /// <summary>A budget that the cache's bytes are part of, in addition to <see cref="MaxBytes"/>.</summary>
    /// <value>Default null.</value>
    public MemoryBudget? Budget { get; set; }

    /// <summary>Which entry makes room.</summary>
    /// <value>Default <see cref="EvictionPolicy.ScanResistant"/>.</value>
    public EvictionPolicy Policy { get; set; }

    /// <summary>Which misses to avoid when entries differ in size; for <see cref="EvictionPolicy.ScanResistant"/>.</summary>
    /// <value>Default <see cref="EvictionGoal.Balanced"/>.</value>
    public EvictionGoal Goal { get; set; }

    /// <summary>How long an entry lives after it was written.</summary>
    /// <value>Default null: for ever. 1 ms to 36,525 days.</value>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>How long an entry lives after it was last read or written.</summary>
    /// <value>Default null: for ever. 1 ms to 36,525 days.</value>
    public TimeSpan? TimeToIdle { get; set; }

    /// <summary>Named times to live with limits of their own.</summary>
    /// <value>Default empty; at most 7.</value>
    public IList<TtlTier> Tiers { get; } = [];

    /// <summary>The tier of entries that do not choose one.</summary>
    /// <value>Default null: none, so that <see cref="TimeToLive"/> holds for them.</value>
    public string? DefaultTier { get; set; }

    /// <summary>Age from which on a hit of <c>GetOrAdd</c> or <c>GetOrAddAsync</c> loads the value anew in the background, while everybody still
    /// gets the old one.</summary>
    /// <value>Default null: never. 1 ms to 36,525 days.</value>
    public TimeSpan? RefreshAfter { get; set; }

    /// <summary>How long beyond its expiry a value is kept to be handed out by <c>GetOrAdd</c> and <c>GetOrAddAsync</c> if loading it anew fails.
    /// Nothing else returns it.</summary>
    /// <value>Default null: not at all. 1 ms to 36,525 days.</value>
    public TimeSpan? StaleIfError { get; set; }

    /// <summary>Whether values that are <see cref="IDisposable"/> are disposed when they leave; never while someone holds a lease on them.</summary>
    /// <value>Default false.</value>
    public bool DisposeValues { get; set; }

    /// <summary>Called for every entry that has left, on the thread that removed it, under no lock. What it throws is counted and swallowed.</summary>
    /// <value>Default null.</value>
    public Action<RemovedEntry<TKey, TValue>>? Removed { get; set; }

    /// <summary>Called for every value that was refused, as <see cref="Removed"/> is.</summary>
    /// <value>Default null.</value>
    public Action<RejectedEntry<TKey, TValue>>? Rejected { get; set; }

    /// <summary>Equality of keys. Called under a lock of the cache, too: it must not call the cache, which would wait for ever.</summary>
    /// <value>Default null: <see cref="EqualityComparer{T}.Default"/>.</value>
    public IEqualityComparer<TKey>? KeyComparer { get; set; }

    /// <summary>Measures what a key retains on the heap.</summary>
    /// <value>Default null: <see cref="ObjectSizer"/>.</value>
    public Sizer<TKey>? KeySizer { get; set; }

    /// <summary>Measures what a value retains on the heap.</summary>
    /// <value>Default null: <see cref="ObjectSizer"/>.</value>
    public Sizer<TValue>? ValueSizer { get; set; }

    /// <summary>How many stores pass before one resident entry is measured again, so that the counted bytes follow values that grow after they were
    /// stored. 0 turns it off.</summary>
    /// <value>Default 256. 0 to 1,000,000,000.</value>
    public int AuditInterval { get; set; } = 256;

    /// <summary>How many threads may store at the same time without waiting for each other. Each is given a part of the keys with an order of
    /// eviction of its own; the limits are common to all.</summary>
    /// <value>Default null: 1 while the limits allow few entries or <see cref="Policy"/> is exact, more with more processors. 1 to 256.</value>
    public int? ConcurrencyLevel { get; set; }

    /// <summary>The clock. Read under a lock of the cache, too: it must not call the cache, which would wait for ever.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>, read with the resolution of <see cref="Environment.TickCount64"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the meter comes from.</summary>
    /// <value>Default null: one meter for the process. Dependency injection sets the one that is registered.</value>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>Whether it is part of a store that reports for it, and is on no meter itself.</summary>
    internal bool IsUnmetered { get; set; }
}
