namespace BoundedMemory;

/// <summary>The collector, as far as the watchdog makes it work.</summary>
internal interface ICollector
{
    /// <summary>Collections begun so far.</summary>
    long Begun { get; }

    /// <summary>Number, among those begun, of the last collection of the whole heap that has ended.</summary>
    long LastFull { get; }

    /// <summary>Begins a collection of the whole heap beside the running threads, and returns.</summary>
    void CollectInBackground();

    /// <summary>Collects, compacts, and returns to the system all that can be; stops the process for as long as that takes.</summary>
    void CollectAggressively();

    /// <summary>What the collector may take of the machine now, bytes.</summary>
    long Available { get; }

    /// <summary>Limits the heap; null: as it was at the start.</summary>
    /// <returns>Whether the limit is in force.</returns>
    bool TrySetHardLimit(long? bytes);

    /// <summary>Has the collector look at the container's limit again.</summary>
    void RefreshLimit();
}
