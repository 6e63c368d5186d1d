using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What a <see cref="SessionStore"/> is bounded by and how it behaves. Copied when a store is created.</summary>
/// <remarks>At least one of <see cref="MaxBytes"/> and <see cref="Budget"/> must be set.</remarks>
public sealed class SessionStoreOptions : IPrimitiveOptions
{
    /// <summary>Name of the store in metrics (<c>session.name</c>), messages and its budget's path.</summary>
    /// <value>Default <c>"session"</c>; not empty, no '/'. Dependency injection sets the name the store is registered with.</value>
    public string Name { get; set; } = "session";

    /// <summary>Bytes all sessions together may retain on the managed heap: keys and values, measured, their tables at the real capacity and everything else the store
    /// consists of.</summary>
    /// <value>Default null: no limit of its own. 16,384 to <see cref="long.MaxValue"/>.</value>
    public long? MaxBytes { get; set; }

    /// <summary>Sessions the store may hold.</summary>
    /// <value>Default 10,000. 1 to 1,000,000,000.</value>
    public int MaxSessions { get; set; } = 10_000;

    /// <summary>Bytes one session may retain, its table and all else it consists of included; 280 of them are kept free for the name of its scope.</summary>
    /// <value>Default 1,048,576. 4,096 to 17,179,869,184.</value>
    public long MaxSessionBytes { get; set; } = 1024 * 1024;

    /// <summary>Entries one session may hold.</summary>
    /// <value>Default 256. 1 to 1,000,000.</value>
    public int MaxEntries { get; set; } = 256;

    /// <summary>Bytes one value may retain: larger ones belong into a cache, where they are stored once for all users.</summary>
    /// <value>Default null: 65,536, or <see cref="MaxSessionBytes"/> where that is less. 1 to <see cref="MaxSessionBytes"/>.</value>
    public long? MaxValueBytes { get; set; }

    /// <summary>Characters a key may have.</summary>
    /// <value>Default 256. 1 to 4,096.</value>
    public int MaxKeyLength { get; set; } = 256;

    /// <summary>What happens to a value that does not fit into its session.</summary>
    /// <value>Default <see cref="SessionFullMode.Refuse"/>.</value>
    public SessionFullMode FullMode { get; set; }

    /// <summary>Which keys leave with their scope.</summary>
    /// <value>Default: those that end in <c>_data</c> or <c>_cache</c>, or begin with <c>temp_</c>, <c>old_</c> or <c>cache_</c>.</value>
    public TransientKeys TransientKeys { get; set; } = new();

    /// <summary>How long a session lives after the last lease on it has ended.</summary>
    /// <value>Default 20 min; null: for ever. 1 ms to 36,525 days.</value>
    public TimeSpan? IdleTimeout { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>Whether values that have been read are measured again when the lease they were read through ends, so that values that are changed in place (a list that is added
    /// to) are charged with what they have become. Strings, and arrays and boxes of values without references, cannot grow and are not.</summary>
    /// <value>Default true.</value>
    public bool RefreshOnRelease { get; set; } = true;

    /// <summary>Measures what a value retains on the heap.</summary>
    /// <value>Default null: <see cref="ObjectSizer"/>.</value>
    public Sizer<object>? ValueSizer { get; set; }

    /// <summary>Whether values that are <see cref="IDisposable"/> are disposed when they leave, after <see cref="EntryRemoved"/>, under no lock.</summary>
    /// <value>Default false.</value>
    public bool DisposeValues { get; set; }

    /// <summary>Called for every entry that has left, those included that left with their session, on the thread that made it leave, under no lock. What it throws is counted
    /// and swallowed.</summary>
    /// <value>Default null.</value>
    public Action<RemovedSessionEntry>? EntryRemoved { get; set; }

    /// <summary>Called for every session that has left, whatever the cause, after <see cref="EntryRemoved"/> for its entries: when nobody holds a lease on it any more. As
    /// <see cref="EntryRemoved"/> is.</summary>
    /// <value>Default null.</value>
    public Action<EvictedSession>? Evicted { get; set; }

    /// <summary>A budget that the store's bytes are part of, in addition to <see cref="MaxBytes"/>.</summary>
    /// <value>Default null.</value>
    public MemoryBudget? Budget { get; set; }

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the meter comes from.</summary>
    /// <value>Default null: one meter for the process. Dependency injection sets the one that is registered.</value>
    public IMeterFactory? MeterFactory { get; set; }
}
