namespace BoundedMemory;

/// <summary>What a factory may decide about the entry it loads, and what it may want to know.</summary>
/// <remarks>Belongs to one load; not thread-safe.</remarks>
public sealed class CacheLoadContext<TValue>
{
    private CacheEntryOptions _entry;

    internal CacheLoadContext()
    {
    }

    /// <summary>Time to live, tier, charge and weight of the entry: <c>context.Entry.TimeToLive = TimeSpan.FromSeconds(5)</c>.</summary>
    public ref CacheEntryOptions Entry => ref _entry;

    /// <summary>Set to true to hand the value to everyone who waits for it without storing it.</summary>
    public bool DoNotCache { get; set; }

    /// <summary>Whether there is an older value for the key: this load refreshes it, or it has expired but is kept in case of an error.</summary>
    public bool HasFormerValue { get; internal set; }

    /// <summary>The older value, if <see cref="HasFormerValue"/>; returning it again renews it.</summary>
    public TValue? FormerValue { get; internal set; }
}
