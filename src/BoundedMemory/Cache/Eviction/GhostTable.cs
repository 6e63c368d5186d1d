namespace BoundedMemory;

/// <summary>Remembers, in four bytes each, when keys that are gone were last in use: a slot per bucket of the table, addressed by hash.</summary>
/// <remarks>A key that leaves overwrites whatever its slot held, so the memory is about as long as the cache is large, and needs no order. A slot
/// holds 16 bits of the hash and a 16-bit stamp; a wrong match is possible and costs a wrong guess. Writers hold their shard's lock, and slots of
/// different shards differ; a resize may lose what is written meanwhile.</remarks>
internal sealed class GhostTable
{
    private uint[] _slots;

    public GhostTable(int slots)
    {
        _slots = new uint[slots];
    }

    public static long BytesOf(int slots) => HeapLayout.ArrayBytes<uint>(slots);

    public void Add(int hash, ushort stamp)
    {
        uint[] slots = Volatile.Read(ref _slots);
        slots[hash & (slots.Length - 1)] = (Fingerprint(hash) << 16) | stamp;
    }

    /// <summary>Looks a key up and forgets it.</summary>
    public bool TryTake(int hash, out ushort stamp)
    {
        uint[] slots = Volatile.Read(ref _slots);
        ref uint slot = ref slots[hash & (slots.Length - 1)];
        stamp = (ushort)slot;
        if (slot >> 16 != Fingerprint(hash))
        {
            return false;
        }

        slot = 0;
        return true;
    }

    public void PrefetchSlot(int hash)
    {
        uint[] slots = Volatile.Read(ref _slots);
        Prefetch.Slot(ref slots[hash & (slots.Length - 1)]);
    }

    public void Resize(int slots)
    {
        uint[] old = _slots;
        uint[] resized = new uint[slots];
        for (int start = 0; start < slots; start += old.Length)
        {
            // A slot's key may now belong to any of the copies; in the others it matches nothing and is overwritten in time.
            old.AsSpan(0, Math.Min(old.Length, slots)).CopyTo(resized.AsSpan(start));
        }

        Volatile.Write(ref _slots, resized);
    }

    /// <summary>Not 0, which is an empty slot.</summary>
    private static uint Fingerprint(int hash) => Math.Max(1, (uint)hash >> 15);
}
