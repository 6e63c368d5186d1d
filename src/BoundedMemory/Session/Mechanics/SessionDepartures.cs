namespace BoundedMemory;

/// <summary>What waits for a session's lock to be released: entries of the session that have left, sessions that made room for it, and what it was refused.</summary>
internal struct SessionDepartures
{
    /// <summary>Others that were evicted.</summary>
    public Departures<string, SessionBag> Sessions;

    /// <summary>Bytes that were refused for the budget's sake: others who share it can be asked for them.</summary>
    public long Refused;

    private List<DepartedEntry>? _entries;

    /// <summary>Takes note of an entry; where nobody wants to know, it is left to the collector.</summary>
    public void Add(SessionSettings settings, in SessionEntry entry, SessionRemovalCause cause, bool keepsValue = false)
    {
        if (settings.FollowsEntries)
        {
            (_entries ??= []).Add(new DepartedEntry(entry.Key!, entry.Value, cause, entry.Bytes, keepsValue));
        }
    }

    public readonly IReadOnlyList<DepartedEntry> Entries => _entries ?? (IReadOnlyList<DepartedEntry>)[];
}

/// <summary>An entry that has left.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Cause">Why it left.</param>
/// <param name="Bytes">What it was charged with.</param>
/// <param name="KeepsValue">Its value was stored again in its place, and is not to be disposed.</param>
internal readonly record struct DepartedEntry(string Key, object? Value, SessionRemovalCause Cause, long Bytes, bool KeepsValue);
