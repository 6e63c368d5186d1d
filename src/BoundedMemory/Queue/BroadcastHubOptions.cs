using System.Diagnostics.Metrics;

namespace BoundedMemory;

/// <summary>What a <see cref="BroadcastHub{T}"/> is bounded by and how it behaves. Copied when a hub is created.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
/// <remarks>At least one of <see cref="MaxCount"/>, <see cref="MaxBytes"/> and <see cref="Budget"/> must be set; <see cref="MaxCount"/> is.</remarks>
public sealed class BroadcastHubOptions<T> : IPrimitiveOptions
{
    /// <summary>Name of the hub in metrics (<c>hub.name</c>), messages and its budget's path.</summary>
    /// <value>Default <c>"hub"</c>; not empty, no '/'. Dependency injection sets the name the hub is registered with.</value>
    public string Name { get; set; } = "hub";

    /// <summary>Messages the hub holds for all subscribers: the newest so many are what each of them can still read.</summary>
    /// <value>Default 100. 1 to 1,000,000,000; null: no limit in messages. Memory for them is taken as they come, not beforehand.</value>
    public long? MaxCount { get; set; } = 100;

    /// <summary>Bytes the hub may retain on the managed heap: its messages, measured, its arrays, its subscriptions and everything else it consists of.</summary>
    /// <value>Default null: no limit of its own. 16,384 to <see cref="long.MaxValue"/>.</value>
    public long? MaxBytes { get; set; }

    /// <summary>A budget that the hub's bytes are part of, in addition to <see cref="MaxBytes"/>.</summary>
    /// <value>Default null.</value>
    public MemoryBudget? Budget { get; set; }

    /// <summary>Subscribers at a time; more are refused.</summary>
    /// <value>Default 10,000. 1 to 10,000,000.</value>
    public int MaxSubscribers { get; set; } = 10_000;

    /// <summary>How long a subscriber may neither read nor wait for a message before it is closed. One that waits is being served; one whose consumer is
    /// stuck, in a write to a client that reads nothing for example, is not.</summary>
    /// <value>Default 10 minutes. 1 ms to 36,525 days.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often idle subscribers are looked for: an idle one is closed at most that much after its time. One timer serves all hubs of a
    /// <see cref="TimeProvider"/> with the same interval.</summary>
    /// <value>Default 60 s. 1 ms to 49 days.</value>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Measures what a message retains on the heap.</summary>
    /// <value>Default null: <see cref="ObjectSizer"/>.</value>
    public Sizer<T>? ItemSizer { get; set; }

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>. Used by sweeps only.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the meter comes from.</summary>
    /// <value>Default null: one meter for the process. Dependency injection sets the one that is registered.</value>
    public IMeterFactory? MeterFactory { get; set; }
}
