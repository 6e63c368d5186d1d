using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace BoundedMemory;

/// <summary>A key and its value: node of the hash table, link of the eviction order and unit of accounting in one object.</summary>
/// <remarks>
/// <para>Key and value of an entry never change while it is resident; a replacement is another entry. A plain one that was evicted may be used again for another key
/// (<see cref="Renew"/>): a reader without the lock believes what it has read of an entry only after it has looked at the table's version again
/// (<see cref="EntryTable{TKey, TValue}"/>). Others are published once, and never change afterwards.</para>
/// <para>72 bytes with an 8-byte key and value. What only some entries need is in the derived types; <see cref="Traits"/> says which one it is, so
/// that a hit needs no type check.</para>
/// </remarks>
internal class Entry<TKey, TValue>(TKey key, int hash, TValue value)
    where TKey : notnull
{
    /// <summary>Bytes are charged in units of 8, the granularity of the heap.</summary>
    public const int BytesPerUnit = 8;

    /// <summary>Units of an entry whose bytes cannot be counted in them, 32 GB or more: it is too large for any cache.</summary>
    public const uint TooManyUnits = uint.MaxValue;

    /// <summary>The tier is in the upper bits of <see cref="Traits"/>.</summary>
    private const int TierShift = 5;

    /// <summary>Neighbour in its list, towards the entries that came later. Under the lock.</summary>
    public Entry<TKey, TValue>? Newer;

    /// <summary>Neighbour in its list, towards the entries that came earlier; once it has left, next of the departures. Under the lock.</summary>
    public Entry<TKey, TValue>? Older;

    // References lie in the order of their declaration, before everything else: what a lookup reads is declared last, so that it lies together.
    public TKey Key = key;

    public TValue Value = value;

    /// <summary>Next entry of the chain. Written under the stripe's lock, read without; kept when the entry leaves, for readers who stand on it.</summary>
    public Entry<TKey, TValue>? Next;

    /// <summary>Hash of the key, not negative; negative in the table's sentinels.</summary>
    public int Hash = hash;

    /// <summary>What it is charged with, in units of 8 bytes. Under the lock.</summary>
    public uint Units;

    /// <summary>When it was last known to be in use, in ticks of its shard. Under the lock.</summary>
    public ushort Stamp;

    /// <summary>Number of leases; an entry that has any is not evicted. Under the lock.</summary>
    public ushort Leases;

    /// <summary>Set by a hit without a lock, cleared by the eviction order under it. A lost update, or one that comes when the entry has been renewed, costs or earns a second
    /// chance, nothing else.</summary>
    public byte Mark;

    /// <summary>State that belongs to the eviction order; once it has left, the cause. Under the lock.</summary>
    public byte Rank;

    /// <summary>One more than the index of its list in its shard; 0 before it was added and after it has left. Under the lock.</summary>
    public byte List;

    /// <summary>What a hit has to do besides setting the mark. Never changes after publication.</summary>
    public EntryTraits Traits;

    /// <summary>Bytes it is charged with.</summary>
    public long Bytes => (long)Units * BytesPerUnit;

    /// <summary>It is in the table and in an order; not yet, or no longer, otherwise. Under the lock.</summary>
    public bool IsResident => List != 0;

    /// <summary>Index of its tier, 0 for none.</summary>
    public int Tier => (int)Traits >> TierShift;

    /// <summary>Weight in the user's units; 0 where there is no weigher.</summary>
    public long Weight => (Traits & EntryTraits.Full) != 0 ? Unsafe.As<FullEntry<TKey, TValue>>(this).WeightInUnits : 0;

    /// <summary>Nothing more than this type: neither a deadline nor what few entries have.</summary>
    public bool IsPlain => (Traits & (EntryTraits.Expires | EntryTraits.Full)) == 0;

    /// <summary>Lets go of key and value, when no reader believes any more what it reads here.</summary>
    public void Empty() => (Key, Value, Next) = (default!, default!, null);

    /// <summary>Uses an empty entry again, for whoever has it alone.</summary>
    public void Renew(TKey key, int hash, TValue value)
    {
        (Key, Hash, Value) = (key, hash, value);
        (Stamp, Mark, Rank) = (0, 0, 0);
        Debug.Assert(IsPlain && !IsResident && Leases == 0 && Next is null && Newer is null && Older is null);
    }

    /// <summary>Traits with a tier.</summary>
    public static EntryTraits WithTier(EntryTraits traits, int tier) => traits | (EntryTraits)(tier << TierShift);
}

/// <summary>An entry whose time can be over.</summary>
internal class ExpiringEntry<TKey, TValue>(TKey key, int hash, TValue value) : Entry<TKey, TValue>(key, hash, value)
    where TKey : notnull
{
    /// <summary>The moment from which on no read returns it, in milliseconds of the cache's clock. A hit of a sliding entry moves it.</summary>
    public long Deadline;

    /// <summary>Whether no read returns it at that moment. A lease is a use that lasts: while there is one, only what no hit can move counts.</summary>
    /// <remarks>Without the lock a lease that begins or ends at the same time may be seen or not, as a hit might.</remarks>
    public bool HasExpired(long moment) => moment >= Volatile.Read(ref Deadline) && ((Traits & EntryTraits.Slides) == 0 || HasEnded(moment));

    private bool HasEnded(long moment) =>
        Leases == 0 || (this is FullEntry<TKey, TValue> full && moment >= full.LastDeadline);
}

/// <summary>An entry with what few caches ask for.</summary>
internal sealed class FullEntry<TKey, TValue>(TKey key, int hash, TValue value) : ExpiringEntry<TKey, TValue>(key, hash, value)
    where TKey : notnull
{
    /// <summary>Weight in the user's units.</summary>
    public long WeightInUnits;

    /// <summary>How far a hit moves the deadline, in milliseconds, if it slides.</summary>
    public long Idle;

    /// <summary>The moment beyond which no hit moves the deadline.</summary>
    public long LastDeadline;

    /// <summary>The moment from which on a hit loads the value anew; claimed by compare-and-swap.</summary>
    public long RefreshAt;

    /// <summary>When it was last used, in uses of its cache; only where an exact order spans several lists. Under the lock.</summary>
    public long Sequence;
}

/// <summary>What is special about an entry, nothing in the common case; and in the upper three bits the index of its tier.</summary>
[Flags]
internal enum EntryTraits : byte
{
    None = 0,

    /// <summary>Is an <see cref="ExpiringEntry{TKey, TValue}"/> with a deadline.</summary>
    Expires = 1,

    /// <summary>Hits move the deadline by the cache's time to idle.</summary>
    Slides = 2,

    /// <summary>Is a <see cref="FullEntry{TKey, TValue}"/>.</summary>
    Full = 4,

    /// <summary>Hits are reported to the eviction order.</summary>
    Ordered = 8,

    /// <summary>What its value retains was declared by the user, and is not measured again by itself.</summary>
    Declared = 16,

    /// <summary>Those for which a hit may have more to do than to set the mark.</summary>
    SlowHit = Expires | Slides | Full | Ordered,
}

/// <summary>Bytes of the three kinds of entry, with key and value slots.</summary>
/// <remarks>Told by the allocator, so it holds on every runtime and for every key and value type.</remarks>
internal static class EntrySizes<TKey, TValue>
    where TKey : notnull
{
    public static readonly long Plain = HeapLayout.InstanceBytesByAllocation(() => new Entry<TKey, TValue>(default!, 0, default!));

    public static readonly long Expiring = HeapLayout.InstanceBytesByAllocation(() => new ExpiringEntry<TKey, TValue>(default!, 0, default!));

    public static readonly long Full = HeapLayout.InstanceBytesByAllocation(() => new FullEntry<TKey, TValue>(default!, 0, default!));
}
