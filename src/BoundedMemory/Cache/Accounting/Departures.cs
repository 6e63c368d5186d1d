using System.Diagnostics.CodeAnalysis;

namespace BoundedMemory;

/// <summary>Entries that have left under a lock and wait for it to be released, linked through themselves: nothing is allocated for them.</summary>
internal struct Departures<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Bit of <see cref="Entry{TKey, TValue}.Rank"/>, beside the cause: the value is still leased, or stored in the entry's place, and is not to be disposed.</summary>
    private const byte Kept = 0x80;

    private Entry<TKey, TValue>? _first;
    private Entry<TKey, TValue>? _last;

    public readonly bool IsEmpty => _first is null;

    public void Add(Entry<TKey, TValue> entry, RemovalCause cause, bool keepsValue)
    {
        entry.Rank = (byte)((byte)cause | (keepsValue ? Kept : 0));
        entry.Older = null;
        if (_last is null)
        {
            _first = entry;
        }
        else
        {
            _last.Older = entry;
        }

        _last = entry;
    }

    /// <summary>Takes the first; its link is cut, because a chain of entries that are gone keeps its end alive for long.</summary>
    public bool TryTake([NotNullWhen(true)] out Entry<TKey, TValue>? entry, out RemovalCause cause, out bool keepsValue)
    {
        entry = _first;
        cause = default;
        keepsValue = false;
        if (entry is null)
        {
            return false;
        }

        _first = entry.Older;
        entry.Older = null;
        _last = _first is null ? null : _last;
        cause = (RemovalCause)(entry.Rank & ~Kept);
        keepsValue = (entry.Rank & Kept) != 0;
        return true;
    }
}
