using System.Numerics;

namespace BoundedMemory;

/// <summary>The entries of a session by key: open addressing with linear probing, where removal closes the gap (Knuth, The Art of Computer Programming 3, 6.4, algorithm R).</summary>
/// <remarks>
/// <para>Not a dictionary: what this one is going to take is known before it is taken, to the byte, it gives back when it is told to, and it has no object of its own. A dictionary
/// chooses its capacity itself, and moves to a second table unasked when keys collide.</para>
/// <para>Hashes are those of <see cref="string.GetHashCode()"/>, keyed with a secret of the process: nobody can choose keys that collide. Under its owner's lock.</para>
/// </remarks>
internal struct SessionTable(int capacity)
{
    public const int LeastCapacity = 4;

    private SessionEntry[] _entries = new SessionEntry[capacity];

    public int Count { get; private set; }

    public readonly int Capacity => _entries.Length;

    public readonly ref SessionEntry this[int slot] => ref _entries[slot];

    /// <summary>All slots, the free ones included.</summary>
    public readonly Span<SessionEntry> Slots => _entries;

    public static long BytesOf(int capacity) => HeapLayout.ArrayBytes<SessionEntry>(capacity);

    /// <summary>The least capacity for so many entries: at most seven eighths full, and never full.</summary>
    public static int CapacityFor(int count)
    {
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(LeastCapacity, count + 1));
        return count > MostIn(capacity) ? 2 * capacity : capacity;
    }

    /// <summary>The slot of a key; -1 if it is not there.</summary>
    public readonly int Find(string key, int hash)
    {
        SessionEntry[] entries = _entries;
        int mask = entries.Length - 1;
        for (int slot = hash & mask; entries[slot].Key is { } other; slot = (slot + 1) & mask)
        {
            if (entries[slot].Hash == hash && string.Equals(other, key))
            {
                return slot;
            }
        }

        return -1;
    }

    /// <summary>Adds an entry whose key is not there; there must be room.</summary>
    public void Add(in SessionEntry entry)
    {
        Place(_entries, entry);
        Count++;
    }

    public void RemoveAt(int slot)
    {
        SessionEntry[] entries = _entries;
        int mask = entries.Length - 1;
        int gap = slot;
        for (int next = (gap + 1) & mask; entries[next].Key is not null; next = (next + 1) & mask)
        {
            // Who probes for an entry begins at its home: it may move back into a gap that lies between.
            int home = entries[next].Hash & mask;
            if (((next - home) & mask) >= ((next - gap) & mask))
            {
                entries[gap] = entries[next];
                gap = next;
            }
        }

        entries[gap] = default;
        Count--;
    }

    public void MoveTo(int capacity)
    {
        var entries = new SessionEntry[capacity];
        foreach (ref readonly SessionEntry entry in _entries.AsSpan())
        {
            if (entry.Key is not null)
            {
                Place(entries, entry);
            }
        }

        _entries = entries;
    }

    public void Clear()
    {
        Array.Clear(_entries);
        Count = 0;
    }

    private static int MostIn(int capacity) => capacity - Math.Max(1, capacity / 8);

    private static void Place(SessionEntry[] entries, in SessionEntry entry)
    {
        int mask = entries.Length - 1;
        int slot = entry.Hash & mask;
        while (entries[slot].Key is not null)
        {
            slot = (slot + 1) & mask;
        }

        entries[slot] = entry;
    }
}
